/* SPDX-License-Identifier: ISC */
/* tls_offers.h - connects to each listening service as a sender does, and judges the TLS that it offers. One thread. */
#ifndef STSCTL_SMTPD_TLS_OFFERS_H
#define STSCTL_SMTPD_TLS_OFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/ipaddr.h"
#include "stsctl/machine/postfix_value.h"
#include "stsctl/probe/tls_probe.h"
#include "stsctl/smtpd/postfix_config.h"

/* One listening service, and the result of the probe. */
struct doctor_tls_offer {
	char service[POSTFIX_VALUE_CAP];	/* "smtp/inet 127.0.0.1:25" */
	struct tls_probe_result result;
};
enum { DOCTOR_TLS_OFFERS_MAX = 16 };
struct doctor_tls_offers {
	struct doctor_tls_offer list[DOCTOR_TLS_OFFERS_MAX];
	size_t count;
};
void inspect_tls_offers(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_tls_offers *out);
void judge_tls_offers(const struct doctor_tls_offers *offers, struct findings *out);
/* The address and port where a service of type inet can be reached from here, from its name and inet_interfaces; false when they cannot be
 * determined. */
bool doctor_service_address(const struct doctor_postfix *pf, const struct postconf_service *service, struct sts_ipaddr *addr,
    uint16_t *port);

#endif
