/* SPDX-License-Identifier: ISC */
/*
 * report_outbox.h - outgoing TLS reports as Redis keeps them: the contents of each, which process works on it, to whom it was sent.
 *
 * Over a connection of the caller's (store_link.h). Everything read is hostile; here it is only bounded, not checked.
 */
#ifndef STS_SENT_REPORT_OUTBOX_H
#define STS_SENT_REPORT_OUTBOX_H

#include <stdbool.h>

#include "shared-cache/base/status.h"
#include "shared-cache/outbound/sent_counts.h"
#include "shared-cache/store/store_link.h"

/* Calls fn for the domains with counters since then (seconds), at most max, after all were read. fn returns false to stop. */
typedef bool sts_outbox_domain_fn(void *arg, const char *domain);
enum sts_status sts_outbox_domains(struct sts_store_link *link, int64_t since, size_t max, sts_outbox_domain_fn *fn, void *arg);

/* Adds the contents of a report about row's domain and day to row. The caller frees row with sts_sent_row_fini, whatever the
 * status. */
enum sts_status sts_outbox_outcomes(struct sts_store_link *link, struct sts_sent_row *row);

/* The notes about that report. The caller chooses the names (mostly addresses). */
struct sts_outbox_note {
	char *name, *value;
};
struct sts_outbox_notes {
	struct sts_outbox_note *list;
	size_t count;
};
enum sts_status sts_outbox_notes(struct sts_store_link *link, const char *domain, const char *day, struct sts_outbox_notes *out);
void sts_outbox_notes_fini(struct sts_outbox_notes *notes);
/* NULL: there is no such note. */
const char *sts_outbox_note_find(const struct sts_outbox_notes *notes, const char *name);
enum sts_status sts_outbox_note(struct sts_store_link *link, const char *domain, const char *day, const char *name,
    const char *value);

/* Locks the report for ms milliseconds. owner: unique to this process. STS_EFULL: another process holds the lock. */
enum sts_status sts_outbox_lock(struct sts_store_link *link, const char *domain, const char *day, const char *owner, int64_t ms);
void sts_outbox_unlock(struct sts_store_link *link, const char *domain, const char *day, const char *owner);

#endif
