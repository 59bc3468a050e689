/* SPDX-License-Identifier: ISC */
/*
 * conf_syntax.h - parses files of `name = value`: lines, lists, types of values, error messages. For the settings, and for the file
 * that stsctl publish reads (stsctl/plan/spec.h), which has the same syntax. Any thread.
 */
#ifndef STS_SETTINGS_CONF_SYNTAX_H
#define STS_SETTINGS_CONF_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared-cache/base/status.h"

/* The longest `name = value`, with its continuation lines. */
enum { STS_CONF_LINE_MAX = 65536 };

/* The position of a value, for error messages. */
struct sts_conf_place {
	FILE *errors;
	const char *file;	/* or "-o" */
	unsigned line;		/* 0: none */
	const char *name;	/* of the setting; NULL: none */
	size_t *mistakes;	/* incremented by each message */
};

/* Writes "FILE:LINE: name: text", and counts the error. */
void sts_conf_complain(const struct sts_conf_place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The value for use in an error message: printable ASCII in double quotes, truncated. Returns out. */
enum { STS_CONF_QUOTED_CAP = 72 };
const char *sts_conf_quoted(const char *value, size_t len, char out[STS_CONF_QUOTED_CAP]);

struct sts_setting;

enum { STS_CONF_NUMBER_CAP = 32 };

struct sts_setting_type {
	/* Sets the field from a value (trimmed, without control bytes), and frees its old contents. Reports an error when STS_EINVAL. */
	enum sts_status (*set)(const struct sts_setting *row, const char *value, void *field,
	    const struct sts_conf_place *place);
	/* Frees the contents of the field; NULL when there is nothing to free. */
	void (*fini)(void *field);
	/* Writes the field's value in its canonical form; NULL when that is the text as given. */
	void (*format)(const void *field, char out[STS_CONF_NUMBER_CAP]);
	/* A list: its separators are normalised. */
	bool is_list;
};

struct sts_setting {
	const char *name;
	const struct sts_setting_type *type;
	size_t offset;		/* in struct sts_conf */
	const char *dflt;	/* in the canonical form */
	int64_t lo, hi;		/* of numbers and times (ms); both 0: the type has no such bounds */
	bool restart;		/* a running daemon keeps the old value, at least in part */
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

/* Replaces a field of type char * with a copy of value. */
enum sts_status sts_conf_set_string(void *field, const char *value);
void sts_conf_free_string(void *field);
/* Reports `wrong' as an error (STS_EINVAL); or, if it is NULL, sets the field to the value. */
enum sts_status sts_conf_keep_unless(const char *wrong, const char *value, void *field, const struct sts_conf_place *place);

/* The next element of a list separated by commas or white space, of *len bytes; advances *list. NULL at the end. */
const char *sts_conf_next_element(const char **list, size_t *len);

/* Reads a whole file of at most max bytes, and adds a NUL that *len does not count. Reports an error when STS_EINVAL. */
enum sts_status sts_conf_slurp(const char *path, size_t max, const struct sts_conf_place *place, char **out,
    size_t *len);

/* Takes the next line off *text and *len, without its LF or CRLF, and terminates it. False at the end. */
bool sts_conf_next_line(char **text, size_t *len, char **line, size_t *line_len);

/* Calls fn for each `name = value` of a configuration file, both trimmed. Reports lines that are something else. */
typedef enum sts_status sts_conf_item_fn(void *arg, const char *name, const char *value, unsigned line);
enum sts_status sts_conf_read_file(const char *path, const struct sts_conf_place *place, sts_conf_item_fn *fn, void *arg);

/* Splits `name = value` in place, and trims both. False when there is no `=` or no name. */
bool sts_conf_split(char *text, char **name, char **value);

#endif
