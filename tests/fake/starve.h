/* SPDX-License-Identifier: ISC */
/*
 * starve.h - fails a unit test's n-th memory request, for each n: linked into a test, it replaces malloc and its relatives.
 *
 * A starved parser returns STS_ENOMEM or the complete, correct answer, and leaks nothing: a silently truncated answer would be a policy
 * that is not enforced. Single-threaded tests only. Under a sanitizer, which needs malloc for itself, starve_can() is false.
 */
#ifndef TESTS_FAKE_STARVE_H
#define TESTS_FAKE_STARVE_H

#include <stdbool.h>

#include "shared-cache/base/status.h"

/* Which requests count and fail. */
enum starve_of {
	STARVE_ALL,	/* all of them */
	STARVE_OWN,	/* those made by the program's own code: for libraries that cannot handle failures (GLib aborts, jansson 2.14
			   drops a byte from a string) */
};

bool starve_can(void);

/*
 * Calls parse(arg) until nothing fails: first with the first request failing, then the second, and so on; then again, with each one and
 * all later ones failing. parse checks its result, frees it, and returns the status; it is called once with enough memory before, so
 * that libraries' permanent allocations are made. The test fails if the status is not STS_ENOMEM although a request failed, or not
 * STS_OK although none did, or if memory is leaked. Returns the number of requests.
 */
unsigned starve(enum starve_of of, enum sts_status (*parse)(void *arg), void *arg);

/* Which requests fail; the first is number 0. */
struct starve_which {
	enum starve_of of;
	unsigned at;
	bool for_ever;		/* that one and all later ones */
	bool may_leak;		/* for a library that leaks */
};

/* A single call, for parsers whose libraries do not always report the cause: *out is what parse returned. Returns the number of
 * requests: if it is not greater than which->at, none has failed. */
unsigned starve_once(const struct starve_which *which, enum sts_status (*parse)(void *arg), void *arg, enum sts_status *out);

#endif
