/* SPDX-License-Identifier: ISC */
/* sd_notify_none.c - for systems without libsystemd: nobody to tell. */
#include "config.h"

#include "milter/daemon/sd_notify.h"

void
sdnotify_ready(void)
{
}

void
sdnotify_reloading(void)
{
}

void
sdnotify_stopping(void)
{
}
