/* SPDX-License-Identifier: ISC */
/*
 * dane_judge.h - TLSA records held against the certificates that a mail exchanger shows, as a sender does (RFC 7672 section 3).
 *
 * Pure, total: facts in, findings out. That the resolver has vouched for the records is known before. Any thread.
 */
#ifndef STSCTL_DIAGNOSIS_DANE_JUDGE_H
#define STSCTL_DIAGNOSIS_DANE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "stsctl/diagnosis/dane.h"
#include "stsctl/findings/findings.h"
#include "stsctl/probe/tls_probe.h"

/* What the records say by themselves: dane.pkix, dane.too-many, dane.mismatch of those that nobody can read. */
void dane_judge_records(const char *host, const struct dane_records *records, struct findings *out);

/* One address. */
struct dane_case {
	const char *host;
	const char *subject;		/* of the findings: "mx.example.com [192.0.2.1]" */
	int64_t now;			/* seconds */
	const struct dane_records *records;
	const struct tls_probe_result *modern;
	const struct tls_probe_result *other;	/* the one that asks for the other kind of key, NULL when it was not made */
};

/* What all addresses of a host have shown so far; zeroed at first. */
struct dane_seen {
	bool shown;			/* some certificate was to be seen */
	bool renewed;			/* and one of them will not last long */
	bool matched[DANE_RECORDS_MAX];	/* by record: a certificate that senders can go by */
};

/* dane.match, dane.mismatch and dane.issuer for each certificate of the address; whether they can be seen at all is told by tls_judge. */
void dane_judge_address(const struct dane_case *c, struct dane_seen *seen, struct findings *out);

/* After the last address: dane.rollover, dane.full-cert, dane.issuer of records that are in nobody's way. */
void dane_judge_host(const char *host, const struct dane_records *records, const struct dane_seen *seen, struct findings *out);

#endif
