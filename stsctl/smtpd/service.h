/* SPDX-License-Identifier: ISC */
/* smtpd/service.h - which smtpd is for whom, and what several services have in common. One thread. */
#ifndef STSCTL_SMTPD_SERVICE_H
#define STSCTL_SMTPD_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/smtpd/postfix_config.h"

enum doctor_role {
	ROLE_MX,		/* takes mail from strangers */
	ROLE_SUBMISSION,	/* 587, 465: takes mail from one's own users */
	ROLE_INNER,		/* on loopback: a filter gives mail back */
};
/* Whether it is an smtpd at all, on the network or behind postscreen, and for whom. */
bool doctor_service_is_smtpd(const struct postconf_service *service);
enum doctor_role doctor_service_role(const struct postconf_service *service);
/* Whether master(8) starts it in the queue directory. */
bool doctor_service_is_chrooted(const struct doctor_postfix *pf, const struct postconf_service *service);

/* Services with the same fault, which becomes one finding: their names, and what mends them, each line once. */
struct doctor_services {
	const struct doctor_postfix *pf;
	char names[DOCTOR_LINE], fix[DOCTOR_TEXT];
	size_t count;
};
/* Mended by another value of the setting; name NULL: there is nothing to mend. */
void doctor_services_add(struct doctor_services *list, const struct postconf_service *service, const char *name,
    const char *value);
void doctor_services_add_line(struct doctor_services *list, const struct postconf_service *service, const char *line);

#endif
