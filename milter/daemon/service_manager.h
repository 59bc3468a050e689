/* SPDX-License-Identifier: ISC */
/*
 * service_manager.h - tells the service manager how far we are. Two files stand behind it, one of which configure chooses:
 * service_manager_systemd.c and service_manager_none.c.
 * Leader thread only.
 */
#ifndef MILTER_DAEMON_SERVICE_MANAGER_H
#define MILTER_DAEMON_SERVICE_MANAGER_H

void service_manager_ready(void);
void service_manager_reloading(void);
void service_manager_stopping(void);

#endif
