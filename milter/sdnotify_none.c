/* SPDX-License-Identifier: ISC */
/* sdnotify_none.c - for systems without libsystemd: nobody to tell. */
#include "config.h"

#include "milter/sdnotify.h"

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
