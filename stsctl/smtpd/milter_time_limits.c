/* SPDX-License-Identifier: ISC */
/*
 * milter_time_limits.c - compares Postfix's time limits for a milter with what ours needs. Pure.
 *
 * content_timeout applies to the end of the message, where the milter waits up to policy_wait. command_timeout applies to the
 * commands before that; with enforcement RCPT may wait as long. connect_timeout applies to the connection and the negotiation,
 * where the milter does not wait for anything.
 */
#include "config.h"

#include <string.h>

#include "stsctl/smtpd/smtpd_milters.h"

/* The least time beyond policy_wait; the least time for a connection; limits above LONG_MS delay mail to no purpose. */
enum { SPARE_MS = 1000, CONNECT_MS = 2000, LONG_MS = 60000 };

/* The limit that applies: the milter's own, the service's, or main.cf's. */
static int64_t
limit_of(const struct doctor_postfix *pf, const struct postconf_service *service, int64_t own_ms, const char *setting)
{
	const char *value = postconf_get_of(pf->conf, service, setting);
	int64_t ms;

	if (own_ms >= 0)
		return own_ms;
	return postfix_value_time_ms(value, strlen(value), &ms) ? ms : INT64_MAX;
}

unsigned
doctor_milter_time_limits(const struct doctor_smtpd_milters *w, const struct postconf_service *service, const struct postfix_milter *m)
{
	int64_t content = limit_of(w->pf, service, m->content_ms, "milter_content_timeout");
	int64_t command = limit_of(w->pf, service, m->command_ms, "milter_command_timeout");
	int64_t connect = limit_of(w->pf, service, m->connect_ms, "milter_connect_timeout");
	int64_t need = w->policy_wait_ms + SPARE_MS;
	unsigned faults = 0;

	if (content < need)
		faults |= LIMIT_CONTENT_SHORT;
	if (command < (w->enforces ? need : SPARE_MS))
		faults |= LIMIT_COMMAND_SHORT;
	else if (command < need)
		faults |= LIMIT_COMMAND_TIGHT;
	if (connect < SPARE_MS)
		faults |= LIMIT_CONNECT_SHORT;
	else if (connect < CONNECT_MS)
		faults |= LIMIT_CONNECT_TIGHT;
	if (faults == 0 && (content > LONG_MS || command > LONG_MS || connect > LONG_MS))
		faults |= LIMIT_LONG;
	return faults;
}
