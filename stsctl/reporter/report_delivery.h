/* SPDX-License-Identifier: ISC */
/*
 * report_delivery.h - brings a report to one address: by sendmail(1), or by HTTPS. Blocks. One thread.
 *
 * The mail's sender is report_from, so that Postfix can be told to use a transport that does not report (doc/outbound.md).
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
	const char *bcc;	/* another recipient of each mail; NULL for none */
};

/* STS_OK: sendmail, or the web server, has taken it. STS_EUNAVAILABLE: why says why not, printable. STS_ENOMEM. message->to is set
 * here. */
enum sts_status report_deliver(const struct report_delivery *delivery, struct report_message *message,
    const struct reporter_rua *rua, int64_t now, char why[DELIVERY_WHY_CAP]);

#endif
