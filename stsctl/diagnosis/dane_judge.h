/* SPDX-License-Identifier: ISC */
/*
 * dane_judge.h - compares TLSA records with the certificates of a mail exchanger, as a sender does (RFC 7672 section 3).
 *
 * Pure and total: facts in, findings out. The caller has made sure that the resolver validated the records. Any thread.
 */
#ifndef STSCTL_DIAGNOSIS_DANE_JUDGE_H
#define STSCTL_DIAGNOSIS_DANE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "stsctl/diagnosis/dane.h"
#include "stsctl/findings/findings.h"
#include "stsctl/probe/tls_probe.h"

/* Judges the records by themselves: dane.pkix, dane.too-many, and dane.mismatch for malformed ones. */
void dane_judge_records(const char *host, const struct dane_records *records, struct findings *out);

/* One address of the host. */
struct dane_case {
	const char *host;
	const char *subject;		/* of the findings: "mx.example.com [192.0.2.1]" */
	int64_t now;			/* seconds */
	const struct dane_records *records;
	const struct tls_probe_result *modern;
	const struct tls_probe_result *other;	/* the probe for the other kind of key; NULL if it was not made */
};

/* What the addresses of a host have shown so far; zeroed at first. */
struct dane_seen {
	bool shown;			/* at least one certificate was seen */
	bool renewed;			/* at least one of them is short-lived, so that it will be renewed */
	bool matched[DANE_RECORDS_MAX];	/* by record: it matches a certificate that senders accept */
};

/* Adds dane.match, dane.mismatch or dane.issuer for each certificate of the address. tls_judge says why a certificate was not seen. */
void dane_judge_address(const struct dane_case *c, struct dane_seen *seen, struct findings *out);

/* After the last address: adds dane.rollover, dane.full-cert, and dane.issuer for records that do no harm. */
void dane_judge_host(const char *host, const struct dane_records *records, const struct dane_seen *seen, struct findings *out);

#endif
