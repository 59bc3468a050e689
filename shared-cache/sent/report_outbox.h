/* SPDX-License-Identifier: ISC */
/*
 * report_outbox.h - TLS reports that go out, as Redis keeps them: what each is made of, who is at it, to whom it was sent.
 *
 * Over a connection of the caller's (store_link.h). Everything read is hostile, and is bounded here and no more than that.
 */
#ifndef STS_SENT_REPORT_OUTBOX_H
#define STS_SENT_REPORT_OUTBOX_H

#include <stdbool.h>

#include "shared-cache/base/status.h"
#include "shared-cache/outbound/sent_counts.h"
#include "shared-cache/store/store_link.h"

/* The domains that something was counted of since then (seconds), at most max: fn is called when all are read. It returns false to
 * end. */
typedef bool sts_outbox_domain_fn(void *arg, const char *domain);
enum sts_status sts_outbox_domains(struct sts_store_link *link, int64_t since, size_t max, sts_outbox_domain_fn *fn, void *arg);

/* Adds to row what a report about its domain and day is made of; the caller gives it to sts_sent_row_fini, whatever comes. */
enum sts_status sts_outbox_outcomes(struct sts_store_link *link, struct sts_sent_row *row);

/* What is noted of that report: names are the caller's (addresses, mostly). */
struct sts_outbox_note {
	char *name, *value;
};
struct sts_outbox_notes {
	struct sts_outbox_note *list;
	size_t count;
};
enum sts_status sts_outbox_notes(struct sts_store_link *link, const char *domain, const char *day, struct sts_outbox_notes *out);
void sts_outbox_notes_fini(struct sts_outbox_notes *notes);
/* NULL when there is none. */
const char *sts_outbox_note_find(const struct sts_outbox_notes *notes, const char *name);
enum sts_status sts_outbox_note(struct sts_store_link *link, const char *domain, const char *day, const char *name,
    const char *value);

/* Keeps others away from the report for ms. owner: this process alone. STS_EFULL: somebody is at it. */
enum sts_status sts_outbox_lock(struct sts_store_link *link, const char *domain, const char *day, const char *owner, int64_t ms);
void sts_outbox_unlock(struct sts_store_link *link, const char *domain, const char *day, const char *owner);

#endif
