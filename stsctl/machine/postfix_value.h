/* SPDX-License-Identifier: ISC */
/*
 * postfix_value.h - values of Postfix' settings: lists, times, milters, tables, versions of TLS; with $names expanded already.
 *
 * Pure. Any thread.
 */
#ifndef STSCTL_MACHINE_POSTFIX_VALUE_H
#define STSCTL_MACHINE_POSTFIX_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The next element of a list separated by commas or white space; what stands in braces belongs together, and keeps its braces.
 * Advances *list; NULL at the end. */
const char *postfix_value_next(const char **list, size_t *len);
/* Whether the value is a list with this element, in any case of letters. */
bool postfix_value_lists(const char *list, const char *element);
/* "yes", in any case of letters. */
bool postfix_value_is_yes(const char *value);

/* "10", "10s", "2m", "1h", "1d", "1w"; a number alone is in seconds. False when it is none. */
bool postfix_value_time_ms(const char *text, size_t len, int64_t *ms);

enum { POSTFIX_VALUE_CAP = 256, POSTFIX_VALUE_WORD = 24 };

/* One of smtpd_milters: where it is, and what it says about itself. */
enum postfix_milter_kind { POSTFIX_MILTER_UNIX, POSTFIX_MILTER_INET, POSTFIX_MILTER_ODD };
struct postfix_milter {
	enum postfix_milter_kind kind;
	char text[POSTFIX_VALUE_CAP];		/* the endpoint as written */
	char path[POSTFIX_VALUE_CAP];		/* unix: as written, which may be relative to the queue directory */
	char host[POSTFIX_VALUE_CAP];		/* inet: without brackets */
	uint16_t port;
	int64_t connect_ms, command_ms, content_ms;	/* -1: not given */
	char action[POSTFIX_VALUE_WORD];	/* "" when not given */
	char protocol[POSTFIX_VALUE_WORD];
};
/* element is one of postfix_value_next. False when there is nothing in it. What is too long is cut, and the kind is ODD. */
bool postfix_milter_parse(const char *element, size_t len, struct postfix_milter *out);

/* One of a list of tables: "TYPE:NAME". Any number of "proxy:" before it is left out. */
struct postfix_table {
	char type[POSTFIX_VALUE_WORD];	/* "" when there is no colon */
	char name[POSTFIX_VALUE_CAP];
};
/* False when it is too long. */
bool postfix_table_parse(const char *element, size_t len, struct postfix_table *out);
/* A socketmap's name is "inet:HOST:PORT:NAME" or "unix:PATH:NAME"; NULL when this one is, else what is wrong with it. */
const char *postfix_table_socketmap_fault(const char *name);
/* The file that must be there for a table of this type, in out (POSTFIX_VALUE_CAP); NULL when there is none. */
const char *postfix_table_file(const struct postfix_table *table, char out[POSTFIX_VALUE_CAP]);

/* Versions that smtpd_tls_protocols and its like let through, as bits; unknown words change nothing. */
enum {
	POSTFIX_TLS_SSL3 = 1, POSTFIX_TLS_1_0 = 2, POSTFIX_TLS_1_1 = 4, POSTFIX_TLS_1_2 = 8, POSTFIX_TLS_1_3 = 16,
	POSTFIX_TLS_ALL = 31,
};
unsigned postfix_tls_versions(const char *value);

#endif
