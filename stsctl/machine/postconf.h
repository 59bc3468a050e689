/* SPDX-License-Identifier: ISC */
/*
 * postconf.h - what postconf(1) prints, as settings and as services.
 *
 * Nothing is run here: the text comes from `postconf -x' (all settings, expanded), `postconf -M' (the services of master.cf) and
 * `postconf -Px' (the settings that services have of their own). Lines that cannot be read are passed over.
 * Pure. Any thread once made.
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
	struct postconf_pair *own;	/* settings of its own (-o), in the order of the text */
	size_t own_count;
};

struct postconf {
	struct postconf_pair *settings;	/* by name */
	size_t setting_count;
	struct postconf_service *services; /* in master.cf's order */
	size_t service_count;
	char *text[3];			/* what all of the above points into */
};

/* Copies the texts. STS_EFULL: more of something than a Postfix has. */
enum sts_status postconf_parse(const char *settings, const char *services, const char *own, struct postconf **out);
void postconf_free(struct postconf **postconf);

/* A setting of main.cf, "" when there is none of that name. */
const char *postconf_get(const struct postconf *postconf, const char *name);
/* What a service goes by: its own, or main.cf's. service may be NULL: main.cf's. */
const char *postconf_get_of(const struct postconf *postconf, const struct postconf_service *service, const char *name);
/* Whether the service has one of its own. */
bool postconf_has_own(const struct postconf_service *service, const char *name);

/* What postconf -e (with own: -P) takes as a word: "name = value", "smtp/inet/name = value". False when it is cut at cap bytes. */
enum { POSTCONF_WORD_CAP = 4096 };
bool postconf_word(const struct postconf_service *service, bool own, const char *name, const char *value, char *out, size_t cap);
/* postconf -e, or with own -P for the service, as a line of shell that can be pasted. directory: of the instance, "" for the
 * default one. service may be NULL without own; with own, value is a list, and loses its white space, which -P does not take. Cut
 * when it does not fit in cap bytes. */
char *postconf_line(const char *directory, const struct postconf_service *service, bool own, const char *name, const char *value,
    char *out, size_t cap);

#endif
