/* SPDX-License-Identifier: ISC */
/*
 * postfix_value.h - parses the values of Postfix's settings: lists, times, milters, tables, TLS versions. $names are expanded already.
 *
 * Pure. Any thread.
 */
#ifndef STSCTL_MACHINE_POSTFIX_VALUE_H
#define STSCTL_MACHINE_POSTFIX_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The next element of a list separated by commas or white space. Text in braces is one element, and keeps its braces. Advances *list;
 * NULL at the end. */
const char *postfix_value_next(const char **list, size_t *len);
/* Whether the list has this element, in any case of letters. */
bool postfix_value_lists(const char *list, const char *element);
/* "yes", in any case of letters. */
bool postfix_value_is_yes(const char *value);

/* "10", "10s", "2m", "1h", "1d", "1w"; a bare number is in seconds. False when it is not a time. */
bool postfix_value_time_ms(const char *text, size_t len, int64_t *ms);

enum { POSTFIX_VALUE_CAP = 256, POSTFIX_VALUE_WORD = 24 };

/* One element of smtpd_milters: its endpoint and options. */
enum postfix_milter_kind { POSTFIX_MILTER_UNIX, POSTFIX_MILTER_INET, POSTFIX_MILTER_ODD };
struct postfix_milter {
	enum postfix_milter_kind kind;
	char text[POSTFIX_VALUE_CAP];		/* the endpoint as written */
	char path[POSTFIX_VALUE_CAP];		/* unix: as written; may be relative to the queue directory */
	char host[POSTFIX_VALUE_CAP];		/* inet: without brackets */
	uint16_t port;
	int64_t connect_ms, command_ms, content_ms;	/* -1: not given */
	char action[POSTFIX_VALUE_WORD];	/* "" when not given */
	char protocol[POSTFIX_VALUE_WORD];
};
/* element: from postfix_value_next. False when it is empty. If the endpoint is too long or malformed, the kind is ODD. */
bool postfix_milter_parse(const char *element, size_t len, struct postfix_milter *out);

/* One element of a list of tables: "TYPE:NAME". Prefixes "proxy:" are dropped. */
struct postfix_table {
	char type[POSTFIX_VALUE_WORD];	/* "" when there is no colon */
	char name[POSTFIX_VALUE_CAP];
};
/* False when it is too long. */
bool postfix_table_parse(const char *element, size_t len, struct postfix_table *out);
/* What is wrong with the name of a socketmap; NULL when it is "inet:HOST:PORT:NAME" or "unix:PATH:NAME". */
const char *postfix_table_socketmap_fault(const char *name);
/* The file that a table of this type needs, in out; NULL when it needs none, or the type is unknown. */
const char *postfix_table_file(const struct postfix_table *table, char out[POSTFIX_VALUE_CAP]);

/* The versions that smtpd_tls_protocols and the like allow, as bits; unknown words are ignored. */
enum {
	POSTFIX_TLS_SSL3 = 1, POSTFIX_TLS_1_0 = 2, POSTFIX_TLS_1_1 = 4, POSTFIX_TLS_1_2 = 8, POSTFIX_TLS_1_3 = 16,
	POSTFIX_TLS_ALL = 31,
};
unsigned postfix_tls_versions(const char *value);

#endif
