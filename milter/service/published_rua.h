/* SPDX-License-Identifier: ISC */
/*
 * published_rua.h - the report addresses that our own domains publish (rua of _smtp._tls, RFC 8460 section 3). Mail to them is
 * never refused: the report that says that our TLS is broken comes in plaintext.
 *
 * A thread of its own asks DNS every hour, and soon after the settings have changed, for at most PUBLISHED_RUA_DOMAINS of local_domains.
 * It does so even while nothing is refused: stsctl simulate reads from the evidence which recipients would be spared. If a lookup fails,
 * the old list stays. Addresses in domains other than ours are ignored.
 */
#ifndef MILTER_SERVICE_PUBLISHED_RUA_H
#define MILTER_SERVICE_PUBLISHED_RUA_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/address_list.h"

enum { PUBLISHED_RUA_DOMAINS = 1000 };

struct service;

struct published_rua {
	pthread_t thread;
	bool started;			/* belongs to the leader thread */
	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t wake;
	bool stopping;
	struct sts_address_list *list;	/* NULL: none, or not known yet */
};

/* Empty. Leader thread, like the next three. */
void published_rua_init(struct published_rua *rua);
enum sts_status published_rua_start(struct published_rua *rua, struct service *service);
/* Waits for the thread, for a fraction of a second at most. May be called without a start. */
void published_rua_stop(struct published_rua *rua);
void published_rua_fini(struct published_rua *rua);

/* Whether a forward-path (as Postfix passes it) is one of them. Any thread. */
bool published_rua_has(struct published_rua *rua, const char *path, size_t len);

/* ---- pure, for the thread and for tests ---- */

/* Adds the address of a mailto: URI, %XX decoded, if it is in one of local's domains. */
struct sts_domain_set;
struct sts_slice;
void published_rua_add(struct sts_address_list *list, const struct sts_domain_set *local, const struct sts_slice *uri);

#endif
