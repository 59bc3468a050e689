/* SPDX-License-Identifier: ISC */
/* service_manager_none.c - for systems without libsystemd: does nothing. */
#include "config.h"

#include "milter/daemon/service_manager.h"

void
service_manager_ready(void)
{
}

void
service_manager_reloading(void)
{
}

void
service_manager_stopping(void)
{
}
