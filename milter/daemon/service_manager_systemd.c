/* SPDX-License-Identifier: ISC */
/* service_manager_systemd.c - uses libsystemd, which does nothing without NOTIFY_SOCKET. */
#include "config.h"

#include "milter/daemon/service_manager.h"

#include <systemd/sd-daemon.h>

#include "shared-cache/base/clock.h"

void
service_manager_ready(void)
{
	sd_notify(0, "READY=1");
}

/* Type=notify-reload needs the time; older versions ignore it. */
void
service_manager_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)sts_clock_mono_ms() * 1000);
}

void
service_manager_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
