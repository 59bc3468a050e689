/* SPDX-License-Identifier: ISC */
/* smtpd/service.h - the smtpd services of master.cf: whom each one serves, and lists of services with the same fault. One thread. */
#ifndef STSCTL_SMTPD_SERVICE_H
#define STSCTL_SMTPD_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/smtpd/postfix_config.h"

enum doctor_role {
	ROLE_MX,		/* accepts mail from strangers */
	ROLE_SUBMISSION,	/* 587, 465: accepts mail from our own users */
	ROLE_INNER,		/* on loopback: accepts mail back from a filter */
};
/* Whether it is an smtpd, on the network or behind postscreen. */
bool doctor_service_is_smtpd(const struct postconf_service *service);
enum doctor_role doctor_service_role(const struct postconf_service *service);
/* Whether master(8) starts it chrooted, in the queue directory. */
bool doctor_service_is_chrooted(const struct doctor_postfix *pf, const struct postconf_service *service);

/* Services with the same fault, which make one finding: their names, and the lines that fix them, without duplicates. */
struct doctor_services {
	const struct doctor_postfix *pf;
	char names[DOCTOR_LINE], fix[DOCTOR_TEXT];
	size_t count;
};
/* Adds a service whose fix is another value of the setting; name NULL: there is nothing to fix. */
void doctor_services_add(struct doctor_services *list, const struct postconf_service *service, const char *name,
    const char *value);
/* Adds a service whose fix is this line; NULL: none. */
void doctor_services_add_line(struct doctor_services *list, const struct postconf_service *service, const char *line);

#endif
