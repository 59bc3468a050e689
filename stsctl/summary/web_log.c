/* SPDX-License-Identifier: ISC */
/* web_log.c - compares a failure with that day of the access log. */
#include "config.h"

#include "stsctl/summary/web_log.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/date.h"
#include "stsctl/fetches/fetch_logs.h"

static bool
nobody_is_own(void *arg, const struct sts_ipaddr *addr)
{
	(void)arg;
	(void)addr;
	return false;
}

void
web_log_load(struct web_log *log, const char *file, char why[WEB_LOG_WHY_CAP])
{
	char **found = file == NULL ? fetch_logs_found() : NULL;
	char text[FETCH_LOGS_WHY_CAP] = "";

	why[0] = '\0';
	log->read = false;
	fetch_clients_init(&log->clients, nobody_is_own, NULL);
	if (file != NULL) {
		log->read = fetch_logs_read(file, &log->clients, text) == STS_OK;
		snprintf(why, WEB_LOG_WHY_CAP, "%s", text);
	}
	for (size_t i = 0; found != NULL && found[i] != NULL; i++)
		if (fetch_logs_read(found[i], &log->clients, text) == STS_OK)
			log->read = true;
	fetch_logs_free(found);
}

void
web_log_fini(struct web_log *log)
{
	fetch_clients_fini(&log->clients);
}

bool
web_log_concerns(const struct summary_failure *failure)
{
	return strncmp(failure->result, "sts-policy-", 11) == 0 || strncmp(failure->result, "sts-webpki-", 11) == 0;
}

const char *
web_log_word_name(enum web_log_word word)
{
	static const char *const names[] = { "silent", "too-short", "no-request", "all-failed", "some-fetched" };

	return names[word];
}

/* Lines of logs that do not name the virtual host count for any domain. */
static const struct fetch_day *
day_in(const struct web_log *log, const char *domain, int32_t day)
{
	const struct fetch_day *found = fetch_clients_day(&log->clients, domain, day);

	return found != NULL ? found : fetch_clients_day(&log->clients, "", day);
}

enum web_log_word
web_log_ask(const struct web_log *log, const char *domain, const char *day_text, char text[WEB_LOG_WHY_CAP])
{
	const struct fetch_day *day;
	int32_t number;

	text[0] = '\0';
	if (!log->read || !sts_date_parse(day_text, strlen(day_text), &number))
		return WEB_LOG_SILENT;
	day = day_in(log, domain, number);
	if (day != NULL && day->fetched > 0) {
		snprintf(text, WEB_LOG_WHY_CAP, "the web server's log shows %zu successful fetches on %s, but not theirs: "
		    "look at their network, or at a part of the day", day->fetched, day_text);
		return WEB_LOG_SOME_FETCHED;
	}
	if (day != NULL) {
		snprintf(text, WEB_LOG_WHY_CAP, "the web server's log shows %zu requests on %s, all failed, the last with status "
		    "%u: look at the virtual host of mta-sts.%s", day->failed, day_text, day->failed_status, domain);
		return WEB_LOG_ALL_FAILED;
	}
	if (log->clients.earliest == 0 || sts_date_day_of(log->clients.earliest) > number) {
		snprintf(text, WEB_LOG_WHY_CAP, "the web server's log does not reach back to %s", day_text);
		return WEB_LOG_TOO_SHORT;
	}
	snprintf(text, WEB_LOG_WHY_CAP, "the web server's log shows no request for the policy on %s: it did not get through, "
	    "look at DNS and firewall", day_text);
	return WEB_LOG_NO_REQUEST;
}
