/* SPDX-License-Identifier: ISC */
/*
 * web_log.h - what the web server's log says of the day on which a sender could not fetch the policy.
 *
 * The sender reports one end of it, the log is the other: no request at all means that it did not get through (DNS, a
 * firewall); a 404 means the wrong virtual host. One thread.
 */
#ifndef STSCTL_SUMMARY_WEB_LOG_H
#define STSCTL_SUMMARY_WEB_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/fetches/fetch_clients.h"
#include "stsctl/summary/summary.h"

struct web_log {
	struct fetch_clients clients;
	bool read;		/* there was a log that could be read */
};

/* file: NULL for the logs that are found. *why is "" but when file cannot be read. */
enum { WEB_LOG_WHY_CAP = 320 };
void web_log_load(struct web_log *log, const char *file, char why[WEB_LOG_WHY_CAP]);
void web_log_fini(struct web_log *log);

/* Whether a failure is one that the log could tell about. */
bool web_log_concerns(const struct summary_failure *failure);

enum web_log_word { WEB_LOG_SILENT, WEB_LOG_TOO_SHORT, WEB_LOG_NO_REQUEST, WEB_LOG_ALL_FAILED, WEB_LOG_SOME_FETCHED };
/* In a word, and as a sentence; the day is the failure's last one. */
enum web_log_word web_log_ask(const struct web_log *log, const char *domain, const char *day, char text[WEB_LOG_WHY_CAP]);
const char *web_log_word_name(enum web_log_word word);	/* "silent", "too-short", "no-request", "all-failed", "some-fetched" */

#endif
