/* SPDX-License-Identifier: ISC */
/*
 * service_manager.h - reports our state to the service manager. Configure chooses one of two files: service_manager_systemd.c and
 * service_manager_none.c.
 * Leader thread only.
 */
#ifndef MILTER_DAEMON_SERVICE_MANAGER_H
#define MILTER_DAEMON_SERVICE_MANAGER_H

void service_manager_ready(void);
void service_manager_reloading(void);
void service_manager_stopping(void);

#endif
