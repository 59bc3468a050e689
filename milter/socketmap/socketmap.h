/* SPDX-License-Identifier: ISC */
/*
 * socketmap.h - answers Postfix's questions about outgoing mail (socketmap_table(5)), and collects its reports about it, on a
 * thread of its own. The front door of this room.
 *
 *  Postfix smtp(8) -> socket -> connection -> question -> rule? policy (memory, or the cache's threads), DANE -> answer
 *
 * One thread with epoll serves all connections; a question that waits for a look-up does not delay others.
 * An idle connection is never closed: Postfix would take that for an error of its own if an MX host had timed out before, and defer
 * the mail (it retries unless errno happens to be ETIMEDOUT).
 *
 * Order of calls: new, listen (as root), start (after components_start), stop (answers pending questions); then the cache may stop;
 * then free.
 */
#ifndef MILTER_SOCKETMAP_SOCKETMAP_H
#define MILTER_SOCKETMAP_SOCKETMAP_H

#include "milter/service/service.h"
#include "shared-cache/base/status.h"
#include "shared-cache/settings/conf.h"

struct socketmap;

/* STS_OK with *out NULL if the settings disable it. Registers with the service for notices from the cache. */
enum sts_status socketmap_new(struct service *service, const struct sts_conf *conf, struct socketmap **out);

/* Opens the sockets, or takes over those from the service manager. Logs errors. Returns 0 or an exit code of sysexits.h. */
int socketmap_listen(struct socketmap *socketmap, const struct sts_conf *conf);

enum sts_status socketmap_start(struct socketmap *socketmap);

/* Accepts no more connections, answers pending questions (for at most two seconds), and closes. */
void socketmap_stop(struct socketmap *socketmap);

/* Call after the cache was stopped; its last results are dropped. Sets *socketmap to NULL; *socketmap may be NULL, here and
 * above. */
void socketmap_free(struct socketmap **socketmap);

#endif
