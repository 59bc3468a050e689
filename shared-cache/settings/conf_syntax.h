/* SPDX-License-Identifier: ISC */
/*
 * conf_syntax.h - files of `name = value`: lines, lists, kinds of values, a place to complain. Of the settings, and of the file that
 * stsctl publish reads (stsctl/plan/spec.h), which has the same syntax. Any thread.
 */
#ifndef STS_SETTINGS_CONF_SYNTAX_H
#define STS_SETTINGS_CONF_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared-cache/base/status.h"

/* The longest `name = value`, continuation lines included. */
enum { STS_CONF_LINE_MAX = 65536 };

/* Where a value stands, and where to say that it is wrong. */
struct sts_conf_place {
	FILE *errors;
	const char *file;	/* or "-o" */
	unsigned line;		/* 0: none in particular */
	const char *name;	/* of the setting; NULL: none in particular */
	size_t *mistakes;	/* counted here */
};

/* Writes "FILE:LINE: name: text" and counts. */
void sts_conf_complain(const struct sts_conf_place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* value as it may be shown in a complaint: printable ASCII in double quotes, cut. Returns out. */
enum { STS_CONF_QUOTED_CAP = 72 };
const char *sts_conf_quoted(const char *value, size_t len, char out[STS_CONF_QUOTED_CAP]);

struct sts_setting;

enum { STS_CONF_NUMBER_CAP = 32 };

struct sts_setting_type {
	/* Makes the field of a value (trimmed, without control bytes), and frees what was in it. Complains on STS_EINVAL. */
	enum sts_status (*set)(const struct sts_setting *row, const char *value, void *field,
	    const struct sts_conf_place *place);
	/* Frees what is in the field; NULL when there is nothing to free. */
	void (*fini)(void *field);
	/* The one way to write the field's value; NULL when that is the text it was made of. */
	void (*format)(const void *field, char out[STS_CONF_NUMBER_CAP]);
	/* Separators between elements mean nothing, so that they are evened out. */
	bool is_list;
};

struct sts_setting {
	const char *name;
	const struct sts_setting_type *type;
	size_t offset;		/* in struct sts_conf */
	const char *dflt;	/* written as the type's format would */
	int64_t lo, hi;		/* numbers and times (ms); both 0: the type has no bounds of that kind */
	bool restart;		/* a running daemon keeps the old value, wholly or in part */
	const char *help;
};

extern const struct sts_setting_type sts_type_int, sts_type_size, sts_type_time, sts_type_mode, sts_type_bool,
    sts_type_client_addr, sts_type_strip_forged;
extern const struct sts_setting_type sts_type_name, sts_type_token, sts_type_socket, sts_type_listen, sts_type_path,
    sts_type_prefix, sts_type_word, sts_type_tls_version, sts_type_contact, sts_type_names, sts_type_host;
extern const struct sts_setting_type sts_type_action, sts_type_unconfirmed, sts_type_reject_code, sts_type_reject_text;
extern const struct sts_setting_type sts_type_endpoint, sts_type_servers, sts_type_networks, sts_type_domains, sts_type_addresses,
    sts_type_patterns;
extern const struct sts_setting_type sts_type_rules, sts_type_line, sts_type_mailbox;
extern const struct sts_setting_type sts_type_sockets, sts_type_unix_socket, sts_type_dane;

/* What is wrong with unix:PATH or inet:PORT@HOST; NULL: nothing. */
const char *sts_conf_socket_wrong(const char *value);

/* Replaces a field of type char * by a copy. */
enum sts_status sts_conf_set_string(void *field, const char *value);
void sts_conf_free_string(void *field);
/* Refuses the value with a sentence (STS_EINVAL), or keeps it when the sentence is NULL. */
enum sts_status sts_conf_keep_unless(const char *wrong, const char *value, void *field, const struct sts_conf_place *place);

/* The next element of a list separated by commas or white space: advances *list, NULL at the end. */
const char *sts_conf_next_element(const char **list, size_t *len);

/* The whole of a file of at most max bytes, terminated by a NUL that is not counted. Complains on STS_EINVAL. */
enum sts_status sts_conf_slurp(const char *path, size_t max, const struct sts_conf_place *place, char **out,
    size_t *len);

/* Takes the next line (up to LF, a CR before it removed) off *text and *len; false at the end. The line is terminated. */
bool sts_conf_next_line(char **text, size_t *len, char **line, size_t *line_len);

/* Calls fn for each `name = value` of a configuration file, both trimmed. Complains of what is no such thing. */
typedef enum sts_status sts_conf_item_fn(void *arg, const char *name, const char *value, unsigned line);
enum sts_status sts_conf_read_file(const char *path, const struct sts_conf_place *place, sts_conf_item_fn *fn, void *arg);

/* Cuts `name = value` in two, in place, and trims both. False when there is no `=` or no name. */
bool sts_conf_split(char *text, char **name, char **value);

#endif
