/* SPDX-License-Identifier: ISC */
/*
 * carrier.h - brings a report to one address: by sendmail(1), or by HTTPS. Blocks. One thread.
 *
 * The mail's sender is report_from, so that Postfix can be told to use a transport that does not report (doc/outbound.md).
 */
#ifndef STSCTL_REPORTER_CARRIER_H
#define STSCTL_REPORTER_CARRIER_H

#include "shared-cache/settings/conf.h"
#include "stsctl/probe/dns_query.h"
#include "stsctl/reporter/report_message.h"
#include "stsctl/reporter/rua.h"

enum { CARRIER_WHY_CAP = 320 };

struct carrier {
	const struct sts_conf *conf;
	struct dns_query *dns;
	const char *bcc;	/* another recipient of each mail; NULL for none */
};

/* STS_OK: sendmail, or the web server, has taken it. STS_EUNAVAILABLE: why says why not, printable. STS_ENOMEM. parcel->to is set
 * here. */
enum sts_status carrier_bring(const struct carrier *carrier, struct parcel *parcel, const struct reporter_rua *rua, int64_t now,
    char why[CARRIER_WHY_CAP]);

#endif
