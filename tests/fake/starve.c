/* SPDX-License-Identifier: ISC */
/* starve.c - malloc and its relatives, on top of glibc's own. Requests are counted only while armed. */
#include "config.h"

#include "tests/fake/starve.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ENOUGH = 20000 };	/* requests: a parser that makes more does not terminate */

static struct {
	bool armed, for_ever, own;
	unsigned at, asked;
	long live;		/* allocations minus frees */
} memory;

bool
starve_can(void)
{
#ifdef STS_SANITIZED
	return false;
#else
	return true;
#endif
}

#ifndef STS_SANITIZED

extern const char __executable_start[], etext[];

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);

/* caller: the return address of the request. */
static bool
fails(const void *caller)
{
	bool failing;

	if (!memory.armed || (memory.own && ((const char *)caller < __executable_start || (const char *)caller >= etext)))
		return false;
	failing = memory.asked == memory.at || (memory.for_ever && memory.asked > memory.at);
	memory.asked++;
	if (failing)
		errno = ENOMEM;
	return failing;
}

static void *
counted(void *piece)
{
	memory.live += piece != NULL;
	return piece;
}

void *
malloc(size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : counted(__libc_malloc(size));
}

void *
calloc(size_t count, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : counted(__libc_calloc(count, size));
}

void *
realloc(void *old, size_t size)
{
	void *piece;

	if (fails(__builtin_return_address(0)))
		return NULL;
	piece = __libc_realloc(old, size);
	memory.live += old == NULL && piece != NULL;
	return piece;
}

void
free(void *piece)
{
	memory.live -= piece != NULL;
	__libc_free(piece);
}

static char *
copy(const char *text, size_t len, const void *caller)
{
	char *piece = fails(caller) ? NULL : counted(__libc_malloc(len + 1));

	if (piece == NULL)
		return NULL;
	memcpy(piece, text, len);
	piece[len] = '\0';
	return piece;
}

/* glibc's own versions call malloc from within glibc, which would hide who made the request. */
char *
strdup(const char *text)
{
	return copy(text, strlen(text), __builtin_return_address(0));
}

char *
strndup(const char *text, size_t max)
{
	return copy(text, strnlen(text, max), __builtin_return_address(0));
}

#endif

unsigned
starve_once(const struct starve_which *which, enum sts_status (*parse)(void *arg), void *arg, enum sts_status *out)
{
	long live = memory.live;

	memory.own = which->of == STARVE_OWN;
	memory.at = which->at;
	memory.for_ever = which->for_ever;
	memory.asked = 0;
	memory.armed = true;
	*out = parse(arg);
	memory.armed = false;
	if (memory.live != live && !which->may_leak)
		fail_msg("request %u %s: %ld pieces are left over", which->at, which->for_ever ? "and all behind it" : "alone", memory.live - live);
	return memory.asked;
}

unsigned
starve(enum starve_of of, enum sts_status (*parse)(void *arg), void *arg)
{
	struct starve_which which = { .of = of };
	enum sts_status status;
	unsigned asked = 0;

	assert_int_equal(parse(arg), STS_OK);
	for (int for_ever = 0; for_ever < 2; for_ever++) {
		which.for_ever = for_ever != 0;
		for (which.at = 0; (asked = starve_once(&which, parse, arg, &status)) > which.at; which.at++)
			if (status != STS_ENOMEM || which.at == ENOUGH)
				fail_msg("request %u of %u %s: status %d", which.at, asked, for_ever ? "and all behind it" : "alone", (int)status);
		assert_int_equal(status, STS_OK);
	}
	return asked;
}
