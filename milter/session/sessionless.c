/* SPDX-License-Identifier: ISC */
/* sessionless.c - stores a number in a pointer: sessions come from malloc, and never have odd addresses. */
#include "config.h"

#include "milter/session/sessionless.h"

#include <stdint.h>

bool
sessionless_is(const void *priv)
{
	return ((uintptr_t)priv & 1) != 0;
}

size_t
sessionless_count(const void *priv)
{
	return sessionless_is(priv) ? (size_t)((uintptr_t)priv >> 1) : 0;
}

void *
sessionless_add(const void *priv)
{
	return (void *)(((uintptr_t)sessionless_count(priv) + 1) << 1 | 1);	/* NOLINT(performance-no-int-to-ptr) */
}
