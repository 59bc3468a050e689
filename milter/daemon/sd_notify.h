/* SPDX-License-Identifier: ISC */
/*
 * sd_notify.h - tells the service manager how far we are. Two files stand behind it, one of which configure chooses:
 * sd_notify_systemd.c and sd_notify_none.c.
 * Leader thread only.
 */
#ifndef MILTER_SDNOTIFY_H
#define MILTER_SDNOTIFY_H

void sdnotify_ready(void);
void sdnotify_reloading(void);
void sdnotify_stopping(void);

#endif
