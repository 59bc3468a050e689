/* SPDX-License-Identifier: ISC */
/*
 * client_macros.h - which macros to ask the MTA for, and whether they make CONNECT unnecessary.
 *
 * CONNECT reports the client's address, but is a packet of its own: a twentieth of a message's total cost. Postfix, though not
 * every MTA, sends the same address with the macros of MAIL, which come anyway. So the first session asks for both and compares
 * them; from then on CONNECT is left out if they agreed, and requested if not. A single session without the macro makes us request
 * CONNECT again, for good: several kinds of MTA may use the same milter. Pure, except for the state, which any thread may use.
 */
#ifndef MILTER_SERVICE_CLIENT_MACROS_H
#define MILTER_SERVICE_CLIENT_MACROS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "shared-cache/names/ipaddr.h"
#include "shared-cache/settings/conf.h"

enum { CLIENT_MACROS_CAP = 256 };

/* Zeroed: nothing is known yet. */
struct client_macros {
	atomic_int verdict;
};

/* Whether CONNECT can be left out. */
bool client_macros_suffice(const struct client_macros *macros);
/* At MAIL of a session that had both. told: the macro {client_addr}, or NULL; connected: of family 0 if CONNECT reported no
 * address. True: they differ, for the first time. */
bool client_macros_compare(struct client_macros *macros, const char *told, const struct sts_ipaddr *connected);
/* At MAIL of a session without CONNECT that got no {client_addr}. True: it is the first. */
bool client_macros_missed(struct client_macros *macros);

/* The lists of macros for CONNECT and for MAIL. with_connect: CONNECT is requested. */
void client_macros_at_connect(const struct sts_conf *conf, bool with_connect, char out[CLIENT_MACROS_CAP]);
void client_macros_at_mail(const struct sts_conf *conf, bool with_connect, char out[CLIENT_MACROS_CAP]);

#endif
