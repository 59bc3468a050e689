/* SPDX-License-Identifier: ISC */
/*
 * sessionless.h - for connections without a session, for lack of memory: nothing is known of their mail, but forged fields are
 * removed all the same. Their number is stored where libmilter keeps the pointer to the session, as an odd number, which no pointer
 * is. Pure. Any thread.
 */
#ifndef MILTER_SESSION_SESSIONLESS_H
#define MILTER_SESSION_SESSIONLESS_H

#include <stdbool.h>
#include <stddef.h>

/* priv: libmilter's private pointer: NULL, a session, or a count of ours. */
bool sessionless_is(const void *priv);
/* The count plus one; NULL counts as 0. */
void *sessionless_add(const void *priv);
/* The count; 0 for NULL and for a session. */
size_t sessionless_count(const void *priv);

#endif
