/* SPDX-License-Identifier: ISC */
/*
 * postfix_value.h - values of Postfix' settings: lists, times, milters, tables, versions of TLS; with $names expanded already.
 *
 * Pure. Any thread.
 */
#ifndef STSCTL_PFVALUE_H
#define STSCTL_PFVALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The next element of a list separated by commas or white space; what stands in braces belongs together, and keeps its braces.
 * Advances *list; NULL at the end. */
const char *pfvalue_next(const char **list, size_t *len);
/* Whether the value is a list with this element, in any case of letters. */
bool pfvalue_lists(const char *list, const char *element);
/* "yes", in any case of letters. */
bool pfvalue_is_yes(const char *value);

/* "10", "10s", "2m", "1h", "1d", "1w"; a number alone is in seconds. False when it is none. */
bool pfvalue_time_ms(const char *text, size_t len, int64_t *ms);

enum { PFVALUE_CAP = 256, PFVALUE_WORD = 24 };

/* One of smtpd_milters: where it is, and what it says about itself. */
enum pfmilter_kind { PFMILTER_UNIX, PFMILTER_INET, PFMILTER_ODD };
struct pfmilter {
	enum pfmilter_kind kind;
	char text[PFVALUE_CAP];		/* the endpoint as written */
	char path[PFVALUE_CAP];		/* unix: as written, which may be relative to the queue directory */
	char host[PFVALUE_CAP];		/* inet: without brackets */
	uint16_t port;
	int64_t connect_ms, command_ms, content_ms;	/* -1: not given */
	char action[PFVALUE_WORD];	/* "" when not given */
	char protocol[PFVALUE_WORD];
};
/* element is one of pfvalue_next. False when there is nothing in it. What is too long is cut, and the kind is ODD. */
bool pfmilter_parse(const char *element, size_t len, struct pfmilter *out);

/* One of a list of tables: "TYPE:NAME". Any number of "proxy:" before it is left out. */
struct pftable {
	char type[PFVALUE_WORD];	/* "" when there is no colon */
	char name[PFVALUE_CAP];
};
/* False when it is too long. */
bool pftable_parse(const char *element, size_t len, struct pftable *out);
/* A socketmap's name is "inet:HOST:PORT:NAME" or "unix:PATH:NAME"; NULL when this one is, else what is wrong with it. */
const char *pftable_socketmap_fault(const char *name);
/* The file that must be there for a table of this type, in out (PFVALUE_CAP); NULL when there is none. */
const char *pftable_file(const struct pftable *table, char out[PFVALUE_CAP]);

/* Versions that smtpd_tls_protocols and its like let through, as bits; unknown words change nothing. */
enum { PFTLS_SSL3 = 1, PFTLS_1_0 = 2, PFTLS_1_1 = 4, PFTLS_1_2 = 8, PFTLS_1_3 = 16, PFTLS_ALL = 31 };
unsigned pftls_versions(const char *value);

#endif
