/* SPDX-License-Identifier: ISC */
/* metrics_table.c - the rows. Label values come from the same tables of names that the header, the log and Redis use. */
#include "config.h"

#include "milter/record/metrics_table.h"

#include "milter/record/health.h"
#include "milter/record/journal.h"
#include "milter/record/warning_kind.h"
#include "shared-cache/judge/tls.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/outbound/send_rules.h"
#include "shared-cache/outbound/sent_event.h"
#include "shared-cache/outbound/socketmap_key.h"
#include "shared-cache/policy/source.h"

#define COUNT(rows) (unsigned)(sizeof(rows) / sizeof((rows)[0]))

/* ---- labels ---- */

static const char *
result_value(unsigned i)
{
	return sts_result_name((enum sts_result)i);
}

static const char *
policy_value(unsigned i)
{
	return sts_policy_known_name((enum sts_policy_known)i);
}

static const char *
aligned_value(unsigned i)
{
	return sts_aligned_name((enum sts_aligned)i);
}

/* 0 is having no history. */
static const char *
history_value(unsigned i)
{
	return sts_history_name((enum sts_history)(i + 1));
}

static const char *
source_value(unsigned i)
{
	return sts_source_name((enum sts_source)i);
}

/* 0, no reason at all, is not counted, so values begin at 1. The kinds of exemption do likewise. */
static const char *
reason_value(unsigned i)
{
	return sts_reason_name((enum sts_reason)(i + 1));
}

static const char *
exempt_value(unsigned i)
{
	return journal_exempt_name((enum journal_exempt)(i + 1));
}

/* Possible results of a DNS lookup; those of a fetch follow. */
static const enum sts_reason dns_outcomes[] = {
	STS_REASON_NONE, STS_REASON_DNS_TIMEOUT, STS_REASON_DNS_FAILURE, STS_REASON_RECORD_INVALID, STS_REASON_OVERLOAD,
};
static const enum sts_reason fetch_outcomes[] = {
	STS_REASON_NONE, STS_REASON_FETCH_TIMEOUT, STS_REASON_FETCH_CONNECT, STS_REASON_FETCH_TLS, STS_REASON_FETCH_STATUS,
	STS_REASON_FETCH_TYPE, STS_REASON_FETCH_SIZE, STS_REASON_FETCH_REFUSED, STS_REASON_POLICY_INVALID, STS_REASON_OVERLOAD,
};

static const char *
outcome_name(enum sts_reason reason)
{
	return reason == STS_REASON_NONE ? "ok" : sts_reason_name(reason);
}

static const char *
dns_value(unsigned i)
{
	return outcome_name(dns_outcomes[i]);
}

static const char *
fetch_value(unsigned i)
{
	return outcome_name(fetch_outcomes[i]);
}

static unsigned
find(const enum sts_reason *outcomes, unsigned count, enum sts_reason reason)
{
	unsigned i = 0;

	while (i < count && outcomes[i] != reason)
		i++;
	return i;
}

unsigned
metrics_dns_outcome(enum sts_reason reason)
{
	return find(dns_outcomes, COUNT(dns_outcomes), reason);
}

unsigned
metrics_fetch_outcome(enum sts_reason reason)
{
	return find(fetch_outcomes, COUNT(fetch_outcomes), reason);
}

static const char *
reload_value(unsigned i)
{
	static const char *const names[] = { [METRICS_RELOAD_DONE] = "ok", [METRICS_RELOAD_REFUSED] = "refused" };

	return names[i];
}

static const char *
queue_value(unsigned i)
{
	static const char *const names[] = { [METRICS_QUEUE_DNS] = "dns", [METRICS_QUEUE_HTTPS] = "https" };

	return names[i];
}

static const char *
store_value(unsigned i)
{
	static const char *const names[] = { [METRICS_STORE_POLICIES] = "policies", [METRICS_STORE_COUNTERS] = "counters" };

	return names[i];
}

static const char *
time_value(unsigned i)
{
	static const char *const names[] = { [METRICS_TIME_STORE] = "store", [METRICS_TIME_NETWORK] = "network" };

	return names[i];
}

static const char *
version_value(unsigned i)
{
	(void)i;
	return PACKAGE_VERSION;
}

static const char *
sent_outcome_value(unsigned i)
{
	return i == 0 ? "success" : "failure";
}

/* The levels, then "temp". */
static const char *
answer_value(unsigned i)
{
	return i < STS_SEND_LEVELS ? sts_send_level_name(i) : "temp";
}

static const struct metrics_label
    tls = { "tls", STS_TLS_KNOWN, sts_tls_known_name, true },
    result = { "result", STS_RESULT_COUNT, result_value, false },
    policy = { "policy", STS_POLICY_KNOWN_COUNT, policy_value, false },
    reason = { "reason", STS_REASON_COUNT - 1, reason_value, false },
    aligned = { "aligned", STS_ALIGNED_COUNT, aligned_value, false },
    history = { "history", STS_HISTORY_COUNT - 1, history_value, false },
    action = { "action", STS_ACTION_TAKEN_COUNT, sts_action_taken_name, false },
    exempt = { "kind", JOURNAL_EXEMPT_COUNT - 1, exempt_value, false },
    trouble = { "kind", WARNING_KINDS, warning_kind_name, false },
    source = { "source", STS_SOURCE_COUNT, source_value, false },
    dns_outcome = { "outcome", COUNT(dns_outcomes), dns_value, false },
    fetch_outcome = { "outcome", COUNT(fetch_outcomes), fetch_value, false },
    lookup_time = { "source", 2, time_value, false },
    queue = { "for", 2, queue_value, false },
    store = { "connection", 2, store_value, false },
    version = { "version", 1, version_value, false },
    key_kind = { "key", STS_ASKED_KINDS, sts_asked_kind_name, false },
    answer = { "answer", STS_SEND_LEVELS + 1, answer_value, false },
    sent_fault = { "outcome", STS_SENT_FAULTS, sts_sent_fault_name, false },
    sent_type = { "policy_type", STS_SENT_TYPES, sts_sent_type_name, false },
    sent_outcome = { "outcome", 2, sent_outcome_value, false },
    health = { "reason", HEALTH_CONDITIONS, health_name, false },
    reload_outcome = { "outcome", 2, reload_value, false };

/* ---- rows ---- */

enum { PLAIN = false, MS = true };

const struct metrics_row metrics_table[METRICS_COUNT] = {
	[METRICS_SESSIONS] = { "sessions_total", METRICS_COUNTER, PLAIN,
	    "SMTP sessions with at least one judged message, by the TLS of the first one.", { &tls } },
	[METRICS_OPEN_SESSIONS] = { "open_sessions", METRICS_GAUGE, PLAIN,
	    "SMTP sessions that the MTA has open with the milter.", { NULL } },
	[METRICS_MESSAGES] = { "messages_total", METRICS_COUNTER, PLAIN,
	    "Judged messages, by result.", { &result } },
	[METRICS_MESSAGE_TLS] = { "message_tls_total", METRICS_COUNTER, PLAIN,
	    "Judged messages, by the policy of the sender's domain and the TLS of their session.", { &policy, &tls } },
	[METRICS_MESSAGE_REASONS] = { "message_reasons_total", METRICS_COUNTER, PLAIN,
	    "Judged messages whose result is neither pass nor none, by reason.", { &reason } },
	[METRICS_MESSAGE_ALIGNED] = { "message_aligned_total", METRICS_COUNTER, PLAIN,
	    "Judged messages, by whether the client belongs to the sender's domain.", { &aligned } },
	[METRICS_MESSAGE_HISTORY] = { "message_history_total", METRICS_COUNTER, PLAIN,
	    "Judged messages from domains whose own clients have long used TLS, by whether this one did.", { &history } },
	[METRICS_MESSAGE_RCPT] = { "message_rcpt_total", METRICS_COUNTER, PLAIN,
	    "Judged messages for local_domains, by the strictest policy of the recipients' domains.", { &policy } },
	[METRICS_MESSAGE_ACTIONS] = { "message_actions_total", METRICS_COUNTER, PLAIN,
	    "Judged messages, by what was done with them.", { &action } },
	[METRICS_MESSAGE_DELAY] = { "message_delay_seconds", METRICS_HISTOGRAM, MS,
	    "How long judged messages waited at their end for policies.", { NULL } },
	[METRICS_EXEMPT] = { "exempt_messages_total", METRICS_COUNTER, PLAIN,
	    "Messages that were not judged, by reason.", { &exempt } },
	[METRICS_FORGED] = { "forged_messages_total", METRICS_COUNTER, PLAIN,
	    "Messages, judged or not, from which header fields in our name were removed.", { NULL } },
	[METRICS_TROUBLES] = { "troubles_total", METRICS_COUNTER, PLAIN,
	    "Problems that kept the milter from its work on a message; the log has one line a minute for each kind.", { &trouble } },
	[METRICS_LOOKUPS] = { "policy_lookups_total", METRICS_COUNTER, PLAIN,
	    "Answers about domains of judged messages, by where they came from and by policy.", { &source, &policy } },
	[METRICS_LOOKUP_TIME] = { "policy_lookup_seconds", METRICS_HISTOGRAM, MS,
	    "Time to find out what memory did not know, by where it was found.", { &lookup_time } },
	[METRICS_FLIGHTS] = { "policy_lookups_in_flight", METRICS_GAUGE, PLAIN,
	    "Domains that are being looked up.", { NULL } },
	[METRICS_WAITING_LOOKUPS] = { "policy_lookups_waiting", METRICS_GAUGE, PLAIN,
	    "Domains waiting for their turn, by what they wait for.", { &queue } },
	[METRICS_REFUSED_LOOKUPS] = { "policy_lookups_refused_total", METRICS_COUNTER, PLAIN,
	    "Lookups refused because too many were waiting.", { NULL } },
	[METRICS_DNS] = { "dns_lookups_total", METRICS_COUNTER, PLAIN,
	    "TXT lookups in DNS, by outcome.", { &dns_outcome } },
	[METRICS_FETCHES] = { "policy_fetches_total", METRICS_COUNTER, PLAIN,
	    "Policy fetches from web servers, by outcome.", { &fetch_outcome } },
	[METRICS_FETCHER_UP] = { "fetch_process_up", METRICS_GAUGE, PLAIN,
	    "Whether the process that fetches policies is running; always 1 with fetch_process = no.", { NULL } },
	[METRICS_FETCHER_DEATHS] = { "fetch_process_deaths_total", METRICS_COUNTER, PLAIN,
	    "How often the process that fetches policies has died, or was killed because it did not answer.", { NULL } },
	[METRICS_CACHE_ENTRIES] = { "cache_entries", METRICS_GAUGE, PLAIN, "Domains in memory.", { NULL } },
	[METRICS_CACHE_BYTES] = { "cache_bytes", METRICS_GAUGE, PLAIN, "Their size.", { NULL } },
	[METRICS_CACHE_HITS] = { "cache_hits_total", METRICS_COUNTER, PLAIN,
	    "Lookups that memory could answer.", { NULL } },
	[METRICS_CACHE_MISSES] = { "cache_misses_total", METRICS_COUNTER, PLAIN,
	    "Lookups that memory could not answer.", { NULL } },
	[METRICS_CACHE_EVICTED] = { "cache_evicted_total", METRICS_COUNTER, PLAIN,
	    "Domains dropped from memory to make room for others.", { NULL } },
	[METRICS_STORE_UP] = { "store_up", METRICS_GAUGE, PLAIN,
	    "Whether Redis answered the last time it was used, by connection.", { &store } },
	[METRICS_PENDING_ROWS] = { "counters_pending_rows", METRICS_GAUGE, PLAIN,
	    "Rows of counters, one domain and one day each, that wait to be written to Redis.", { NULL } },
	[METRICS_ROOM] = { "counters_room", METRICS_GAUGE, PLAIN,
	    "How many more domains can be counted, if nothing is written, before further ones are summed up.", { NULL } },
	[METRICS_PENDING_MESSAGES] = { "counters_pending_messages", METRICS_GAUGE, PLAIN,
	    "Messages whose counters wait to be written to Redis.", { NULL } },
	[METRICS_HELD_MESSAGES] = { "counters_held_messages", METRICS_GAUGE, PLAIN,
	    "First messages of unknown domains, which so far are only counted in the totals.", { NULL } },
	[METRICS_FOLDED] = { "counters_folded_messages_total", METRICS_COUNTER, PLAIN,
	    "Messages counted under the domain `other', because too many domains waited to be written.", { NULL } },
	[METRICS_UNCOUNTED] = { "counters_lost_messages_total", METRICS_COUNTER, PLAIN,
	    "Messages missing from the counters in Redis, because there was no memory.", { NULL } },
	[METRICS_BATCHES] = { "batches_written_total", METRICS_COUNTER, PLAIN,
	    "Batches of counters written to Redis.", { NULL } },
	[METRICS_BATCHES_RETRIED] = { "batches_retried_total", METRICS_COUNTER, PLAIN,
	    "Failed attempts to write a batch of counters; each is tried again.", { NULL } },
	[METRICS_EVIDENCE_DROPPED] = { "evidence_dropped_total", METRICS_COUNTER, PLAIN,
	    "Entries of the evidence stream that were dropped, because Redis did not take them in time.", { NULL } },
	[METRICS_SPOOL_BYTES] = { "spool_bytes", METRICS_GAUGE, PLAIN,
	    "Size of the file in spool_dir; 0: there is none, or nothing can be written to it.", { NULL } },
	[METRICS_SPOOL_MESSAGES] = { "spool_messages_total", METRICS_COUNTER, PLAIN,
	    "Messages written to the file in spool_dir.", { NULL } },
	[METRICS_SPOOL_LATE] = { "spool_late_messages_total", METRICS_COUNTER, PLAIN,
	    "Messages answered before they were in the file in spool_dir, because the disk took longer than spool_wait.", { NULL } },
	[METRICS_SPOOL_MISSED] = { "spool_missed_messages_total", METRICS_COUNTER, PLAIN,
	    "Messages that were never in the file in spool_dir, because it or the disk was full.", { NULL } },
	[METRICS_LOG_LOST] = { "log_lines_lost_total", METRICS_COUNTER, PLAIN,
	    "Log lines lost because syslog or stderr did not accept them in time.", { NULL } },
	[METRICS_SOCKETMAP_CONNECTIONS] = { "outbound_connections", METRICS_GAUGE, PLAIN,
	    "Connections of Postfix to socketmap_listen.", { NULL } },
	[METRICS_SOCKETMAP_REFUSED] = { "outbound_connections_refused_total", METRICS_COUNTER, PLAIN,
	    "Connections to socketmap_listen closed because there were too many, or because the client is not Postfix.", { NULL } },
	[METRICS_SOCKETMAP_QUESTIONS] = { "outbound_questions_total", METRICS_COUNTER, PLAIN,
	    "Questions from Postfix about outgoing mail, by kind of key; only domains are looked up.", { &key_kind } },
	[METRICS_SOCKETMAP_ANSWERS] = { "outbound_answers_total", METRICS_COUNTER, PLAIN,
	    "Answers to Postfix about outgoing mail, by TLS level; default: no answer, temp: mail waits.", { &answer } },
	[METRICS_SOCKETMAP_LATE] = { "outbound_late_total", METRICS_COUNTER, PLAIN,
	    "Questions answered with incomplete knowledge, because policy_wait_outbound was over.", { NULL } },
	[METRICS_SENT_EVENTS] = { "outbound_events_total", METRICS_COUNTER, PLAIN,
	    "Datagrams from Postfix about TLS sessions of outgoing mail, by outcome.", { &sent_fault } },
	[METRICS_SENT_POLICIES] = { "outbound_sessions_total", METRICS_COUNTER, PLAIN,
	    "TLS sessions of outgoing mail that Postfix reported, by type of policy and outcome.", { &sent_type, &sent_outcome } },
	[METRICS_BUILD] = { "build_info", METRICS_GAUGE, PLAIN, "Always 1.", { &version } },
	[METRICS_UNHEALTHY] = { "unhealthy", METRICS_GAUGE, PLAIN,
	    "1 while /healthz reports this reason.", { &health } },
	[METRICS_RELOADS] = { "config_reloads_total", METRICS_COUNTER, PLAIN,
	    "Reloads of the settings, by outcome.", { &reload_outcome } },
	[METRICS_RELOAD_FAILED] = { "config_last_reload_refused", METRICS_GAUGE, PLAIN,
	    "Whether the settings had mistakes at the last reload, so that the old ones are still in use.", { NULL } },
	[METRICS_TRIPPED] = { "trip_wire_tripped", METRICS_GAUGE, PLAIN,
	    "Whether the trip wire has tripped: mail is only marked, not refused, until stsctl enforce reset.", { NULL } },
	[METRICS_TRIPS] = { "trip_wire_trips_total", METRICS_COUNTER, PLAIN, "How often the trip wire has tripped.", { NULL } },
	[METRICS_START_TIME] = { "process_start_time_seconds", METRICS_GAUGE, MS,
	    "When the process started, in seconds since the epoch.", { NULL } },
	[METRICS_CPU] = { "process_cpu_seconds_total", METRICS_COUNTER, MS, "Processor time used.", { NULL } },
	[METRICS_RSS] = { "process_resident_memory_bytes", METRICS_GAUGE, PLAIN, "Memory in use.", { NULL } },
	[METRICS_OPEN_FILES] = { "process_open_fds", METRICS_GAUGE, PLAIN, "Open file descriptors.", { NULL } },
	[METRICS_MAX_FILES] = { "process_max_fds", METRICS_GAUGE, PLAIN, "Open file descriptors that are allowed.", { NULL } },
	[METRICS_THREADS] = { "process_threads", METRICS_GAUGE, PLAIN, "Threads.", { NULL } },
};

/* ---- positions of values ---- */

unsigned
metrics_label_places(const struct metrics_row *row, unsigned label)
{
	return row->labels[label] != NULL ? row->labels[label]->count + 1 : 1;
}

static size_t
index_of(const struct metrics_row *row, unsigned label, unsigned value)
{
	unsigned last = metrics_label_places(row, label) - 1;

	return value < last ? value : last;
}

size_t
metrics_place(const struct metrics_row *row, unsigned first, unsigned second)
{
	size_t place = index_of(row, 0, first) * metrics_label_places(row, 1) + index_of(row, 1, second);

	return row->kind == METRICS_HISTOGRAM ? place * METRICS_HISTOGRAM_PLACES : place;
}
