/* SPDX-License-Identifier: ISC */
/*
 * fake_mfapi.h - replaces libmilter at link time: a test calls the registered callbacks, and sees each smfi_* call that
 * they make, in order, as a line of text.
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

/* Clears calls and failures; keeps the registered callbacks. */
void fake_mfapi_reset(void);
const struct smfiDesc *fake_mfapi_filter(void);

/* From now on, calls to this function fail. */
void fake_mfapi_fail(const char *function);
/* This many of its next calls fail with errno ENOMEM. */
void fake_mfapi_starve(const char *function, size_t calls);

size_t fake_mfapi_call_count(void);
/* The n-th call, counted from 0, such as "chgheader X-MTA-STS 2 NULL"; "" beyond the last. */
const char *fake_mfapi_call(size_t n);

#endif
