/* SPDX-License-Identifier: ISC */
/*
 * web_log.h - what our web server's log says about the day on which a sender could not fetch the policy.
 *
 * The report shows the sender's side, the log ours. No request at all: the sender did not get through (DNS, a firewall). A 404: the wrong
 * virtual host answered. One thread.
 */
#ifndef STSCTL_SUMMARY_WEB_LOG_H
#define STSCTL_SUMMARY_WEB_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/fetches/fetch_clients.h"
#include "stsctl/summary/summary.h"

struct web_log {
	struct fetch_clients clients;
	bool read;		/* a log could be read */
};

/* file: an access log; NULL: those that fetch_logs_found finds. *why is "" unless file cannot be read. */
enum { WEB_LOG_WHY_CAP = 320 };
void web_log_load(struct web_log *log, const char *file, char why[WEB_LOG_WHY_CAP]);
void web_log_fini(struct web_log *log);

/* Whether the log can say anything about this kind of failure. */
bool web_log_concerns(const struct summary_failure *failure);

enum web_log_word { WEB_LOG_SILENT, WEB_LOG_TOO_SHORT, WEB_LOG_NO_REQUEST, WEB_LOG_ALL_FAILED, WEB_LOG_SOME_FETCHED };
/* The answer as a word, and in text as a sentence, "" for WEB_LOG_SILENT. day: the failure's last day. */
enum web_log_word web_log_ask(const struct web_log *log, const char *domain, const char *day, char text[WEB_LOG_WHY_CAP]);
const char *web_log_word_name(enum web_log_word word);	/* "silent", "too-short", "no-request", "all-failed", "some-fetched" */

#endif
