/* SPDX-License-Identifier: ISC */
/*
 * starve.h - fails the n-th request for memory of a unit test, for each n: linked into a test, it takes the place of malloc and its like.
 *
 * A parser that is starved says so (STS_ENOMEM) or gives the whole and right answer, and leaks nothing: half an answer without a word is a
 * policy that is not held to. Of one thread alone. Under a sanitizer, which wants malloc for itself, starve_can() is false.
 */
#ifndef TESTS_FAKE_STARVE_H
#define TESTS_FAKE_STARVE_H

#include <stdbool.h>

#include "shared-cache/base/status.h"

/* Whose requests count and fail. */
enum starve_of {
	STARVE_ALL,	/* everybody's */
	STARVE_OWN,	/* those that the program's own code makes: for libraries that cannot bear it (GLib ends the process, jansson 2.14 leaves
			   a byte out of a string) */
};

bool starve_can(void);

/*
 * Calls parse(arg) until nothing has failed: first with the first request failing, then the second, and so on; then once more, with each of
 * them and all behind it. parse looks at what it got, frees it, and returns the status; it is called once with enough memory before, so that
 * what libraries keep for good is there. The test fails when a status is not STS_ENOMEM although a request failed, or not STS_OK although
 * none did, and when memory is left over. Returns how many requests there are.
 */
unsigned starve(enum starve_of of, enum sts_status (*parse)(void *arg), void *arg);

/* Which requests fail; the first is number 0. */
struct starve_which {
	enum starve_of of;
	unsigned at;
	bool for_ever;		/* and all behind it */
	bool may_leak;		/* a library that does */
};

/* One call, for those whose libraries do not always say what was the matter: *out is what parse returned. Returns how many requests there
 * were: if not more than which->at, none has failed. */
unsigned starve_once(const struct starve_which *which, enum sts_status (*parse)(void *arg), void *arg, enum sts_status *out);

#endif
