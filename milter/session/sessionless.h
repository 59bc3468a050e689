/* SPDX-License-Identifier: ISC */
/*
 * sessionless.h - a connection for which there was no memory: nothing is known of its mail, but forged fields are removed all the same. They
 * are counted in the place where libmilter keeps the pointer to the session, as an odd number, which is no pointer. Pure. Any thread.
 */
#ifndef MILTER_SESSION_SESSIONLESS_H
#define MILTER_SESSION_SESSIONLESS_H

#include <stdbool.h>
#include <stddef.h>

/* priv: what libmilter keeps; NULL, a session, or a count of ours. */
bool sessionless_is(const void *priv);
/* NULL or a count, and one more. */
void *sessionless_add(const void *priv);
/* How many; 0 for all that is no count. */
size_t sessionless_count(const void *priv);

#endif
