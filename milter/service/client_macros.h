/* SPDX-License-Identifier: ISC */
/*
 * client_macros.h - which macros are asked for, and whether they alone tell who the client is.
 *
 * CONNECT tells the client's address, but is a packet of its own, a twentieth of what a message costs in all. Postfix, and not every
 * MTA, tells the same address with the macros of MAIL, which come anyway. So the first session asks for both and compares; from then on
 * CONNECT is left out when the two agreed, and asked for when they did not. One session without the macro is enough for asking for
 * CONNECT again, for good: more than one kind of MTA may use the same milter. Pure but for the state, which any thread may use.
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
/* At MAIL of a session that had both. told: the macro {client_addr}, or NULL; connected: of family 0 when CONNECT told no address. True: it
 * is the news that they do not agree. */
bool client_macros_compare(struct client_macros *macros, const char *told, const struct sts_ipaddr *connected);
/* At MAIL of a session without CONNECT to which no {client_addr} came. True: it is the first. */
bool client_macros_missed(struct client_macros *macros);

/* The lists of macro names for CONNECT and for MAIL. with_connect: CONNECT is asked for. */
void client_macros_at_connect(const struct sts_conf *conf, bool with_connect, char out[CLIENT_MACROS_CAP]);
void client_macros_at_mail(const struct sts_conf *conf, bool with_connect, char out[CLIENT_MACROS_CAP]);

#endif
