/* SPDX-License-Identifier: ISC */
/*
 * postconf.h - parses the output of postconf(1) into settings and services.
 *
 * Runs nothing: the text comes from `postconf -x' (all settings, expanded), `postconf -M' (the services of master.cf) and
 * `postconf -Px' (settings of individual services). Lines that cannot be parsed are skipped.
 * Pure. Does not change once made. Any thread.
 */
#ifndef STSCTL_MACHINE_POSTCONF_H
#define STSCTL_MACHINE_POSTCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"

struct postconf_pair {
	const char *name, *value;
};

struct postconf_service {
	const char *name, *type;	/* "smtp", "inet" */
	const char *command;		/* "smtpd", without its arguments */
	char chroot;			/* 'y', 'n' or '-' */
	struct postconf_pair *own;	/* its own settings (-o), in the order of the text */
	size_t own_count;
};

struct postconf {
	struct postconf_pair *settings;	/* sorted by name */
	size_t setting_count;
	struct postconf_service *services; /* in master.cf's order */
	size_t service_count;
	char *text[3];			/* all pointers above point into these */
};

/* Copies the texts. STS_EFULL: more settings or services than any Postfix has. The caller frees *out. */
enum sts_status postconf_parse(const char *settings, const char *services, const char *own, struct postconf **out);
void postconf_free(struct postconf **postconf);

/* A setting of main.cf; "" when there is none of that name. */
const char *postconf_get(const struct postconf *postconf, const char *name);
/* The value that applies to a service: its own, or main.cf's. service may be NULL for main.cf's. */
const char *postconf_get_of(const struct postconf *postconf, const struct postconf_service *service, const char *name);
/* Whether the service has its own value; false when service is NULL. */
bool postconf_has_own(const struct postconf_service *service, const char *name);

/* The argument of postconf -e or, with own, of -P: "name = value", "smtp/inet/name = value". False when it was cut at cap bytes. */
enum { POSTCONF_WORD_CAP = 4096 };
bool postconf_word(const struct postconf_service *service, bool own, const char *name, const char *value, char *out, size_t cap);
/* The shell command `postconf -e', or `postconf -P' with own, to paste. directory: of the instance; "" for the default one. service
 * may be NULL without own. With own, value is a list, and its white space is removed, which -P does not accept. Cut when it does not
 * fit in cap bytes. Returns out. */
char *postconf_line(const char *directory, const struct postconf_service *service, bool own, const char *name, const char *value,
    char *out, size_t cap);

#endif
