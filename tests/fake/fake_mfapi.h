/* SPDX-License-Identifier: ISC */
/*
 * fake_mfapi.h - libmilter replaced at link time: a test calls the callbacks that were registered, and sees every call that
 * they make, in order, as one line of text each.
 */
#ifndef FAKE_MFAPI_H
#define FAKE_MFAPI_H

#include <stdbool.h>
#include <stddef.h>

#include <libmilter/mfapi.h>

struct smfi_str {
	void *priv;
	const char *macros[2 * 16 + 1];	/* name, value, ..., NULL */
};

/* Forgets calls and failures; keeps what was registered. */
void fake_mfapi_reset(void);
const struct smfiDesc *fake_mfapi_filter(void);

/* From now on, calls of this function fail. */
void fake_mfapi_fail(const char *function);
/* So many of its next calls get no memory: they fail with errno ENOMEM. */
void fake_mfapi_starve(const char *function, size_t calls);

size_t fake_mfapi_call_count(void);
/* The call of this number, from 0, such as "chgheader X-MTA-STS 2 NULL"; "" beyond the last. */
const char *fake_mfapi_call(size_t n);

#endif
