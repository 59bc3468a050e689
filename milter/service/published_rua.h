/* SPDX-License-Identifier: ISC */
/*
 * published_rua.h - the report addresses that our own domains publish (rua of _smtp._tls, RFC 8460 section 3): mail to them is never
 * refused, since the report that says that our TLS is broken comes in plaintext.
 *
 * A thread of its own asks DNS, each hour, and soon after the settings have changed, for PUBLISHED_RUA_DOMAINS of local_domains at
 * most; also while nothing is refused, for the evidence, by which stsctl simulate tells what would be. What DNS does not tell for
 * now stays as it was. Addresses at domains that are none of ours are no concern of ours.
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
	bool started;			/* the leader's */
	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t wake;
	bool stopping;
	struct sts_address_list *list;	/* NULL: there are none */
};

/* Nothing is known. Leader thread, as the next three. */
void published_rua_init(struct published_rua *rua);
enum sts_status published_rua_start(struct published_rua *rua, struct service *service);
/* Waits for the thread, a fraction of a second at the most. May be called when it was not started. */
void published_rua_stop(struct published_rua *rua);
void published_rua_fini(struct published_rua *rua);

/* Whether a forward-path (as Postfix hands it over) is one of them. Any thread. */
bool published_rua_has(struct published_rua *rua, const char *path, size_t len);

/* ---- pure, for the thread and for tests ---- */

/* Adds the address of a mailto: URI that is at one of local's domains, %XX decoded. */
struct sts_domain_set;
struct sts_slice;
void published_rua_take(struct sts_address_list *list, const struct sts_domain_set *local, const struct sts_slice *uri);

#endif
