/* SPDX-License-Identifier: ISC */
/*
 * report_delivery.h - delivers a report to one address, by sendmail(1) or HTTPS (RFC 8460 section 5). Blocks. One thread.
 *
 * The sender of the mail is report_from, so that Postfix can be told to use a transport that does not report (doc/outbound.md).
 */
#ifndef STSCTL_REPORTER_REPORT_DELIVERY_H
#define STSCTL_REPORTER_REPORT_DELIVERY_H

#include "shared-cache/settings/conf.h"
#include "stsctl/probe/dns_query.h"
#include "stsctl/reporter/report_message.h"
#include "stsctl/reporter/rua.h"

enum { DELIVERY_WHY_CAP = 320 };

struct report_delivery {
	const struct sts_conf *conf;
	struct dns_query *dns;
	const char *bcc;	/* another recipient of each mail; NULL: none */
};

/* Sets message->to. STS_OK: sendmail or the web server has accepted the report. STS_EUNAVAILABLE: not accepted; why (printable) says
 * why. STS_ENOMEM. now: seconds. */
enum sts_status report_deliver(const struct report_delivery *delivery, struct report_message *message,
    const struct reporter_rua *rua, int64_t now, char why[DELIVERY_WHY_CAP]);

#endif
