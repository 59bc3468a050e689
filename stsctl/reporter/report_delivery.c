/* SPDX-License-Identifier: ISC */
/* report_delivery.c - delivers one report to one address. Knows nothing of earlier deliveries. */
#include "config.h"

#include "stsctl/reporter/report_delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/network/https_post.h"
#include "stsctl/machine/subprocess.h"

enum { SENDMAIL_MS = 60000, HTTPS_MS = 60000, ADDRS_MAX = 16 };

/* ---- mail ---- */

/* The length of the first line, without its end. */
static size_t
text_len(const char *said)
{
	size_t len = strlen(said);

	while (len > 0 && (said[len - 1] == '\n' || said[len - 1] == '\r'))
		len--;
	return len;
}

static enum sts_status
judge(enum sts_status status, const struct subprocess_output *out, const char *path, char why[DELIVERY_WHY_CAP])
{
	char said[200];
	struct sts_text text;

	if (status == STS_OK && out->status == 0)
		return STS_OK;
	if (status != STS_OK) {
		snprintf(why, DELIVERY_WHY_CAP, "%.100s: %s", path, status == STS_ENOTFOUND ? "no such program" :
		    status == STS_EUNAVAILABLE ? "does not end in time" : "cannot be run");
		return STS_EUNAVAILABLE;
	}
	sts_text_init(&text, said, sizeof(said));
	sts_text_add_shown(&text, out->err, text_len(out->err), 150);
	snprintf(why, DELIVERY_WHY_CAP, "%.100s: exit status %d: %s", path, out->status, said);
	return STS_EUNAVAILABLE;
}

static enum sts_status
send_mail(const struct report_delivery *c, struct report_message *message, const struct reporter_rua *rua, int64_t now,
    char why[DELIVERY_WHY_CAP])
{
	const char *path = c->conf->sendmail_path;
	const char *argv[] = { path, "-i", "-f", c->conf->report_from, "--", rua->mailbox, c->bcc, NULL };
	struct subprocess_output out;
	enum sts_status status;
	size_t len;
	char *mail;

	message->to = rua->mailbox;
	if ((mail = report_message_mail(message, now, &len)) == NULL)
		return STS_ENOMEM;
	status = judge(subprocess_feed(argv, mail, len, SENDMAIL_MS, &out), &out, path, why);
	subprocess_output_fini(&out);
	free(mail);
	return status;
}

/* ---- HTTPS ---- */

static size_t
add_addresses(struct dns_query *dns, const char *host, enum sts_dns_type type, struct sts_ipaddr addrs[ADDRS_MAX], size_t count)
{
	struct sts_dns_reply *reply;

	if (dns_query_ask(dns, host, type, &reply) != STS_OK)
		return count;
	for (size_t i = 0; i < reply->count && count < ADDRS_MAX; i++)
		if (reply->records[i].type == type)
			addrs[count++] = reply->records[i].addr;
	sts_dns_reply_free(&reply);
	return count;
}

static enum sts_status
post(const struct report_delivery *c, const struct report_message *message, const struct reporter_rua *rua, char why[DELIVERY_WHY_CAP])
{
	struct sts_ipaddr addrs[ADDRS_MAX];
	size_t count = add_addresses(c->dns, rua->host, STS_DNS_AAAA, addrs, 0);
	char said[STS_HTTPS_POST_WHY_CAP];
	enum sts_status status;

	count = add_addresses(c->dns, rua->host, STS_DNS_A, addrs, count);
	if (count == 0) {
		snprintf(why, DELIVERY_WHY_CAP, "%s has no address", rua->host);
		return STS_EUNAVAILABLE;
	}
	status = sts_https_post(&(struct sts_https_post){ .url = rua->uri, .host = rua->host, .port = rua->port, .addrs = addrs,
	    .addr_count = count, .ca_file = c->conf->ca_file, .contact = c->conf->user_agent_contact,
	    .allow_special = c->conf->allow_private_addresses, .type = REPORT_MESSAGE_TYPE, .body = message->packed,
	    .len = message->packed_len, .timeout_ms = HTTPS_MS }, said);
	if (status != STS_OK)
		snprintf(why, DELIVERY_WHY_CAP, "%s", said);
	return status;
}

enum sts_status
report_deliver(const struct report_delivery *delivery, struct report_message *message, const struct reporter_rua *rua, int64_t now,
    char why[DELIVERY_WHY_CAP])
{
	why[0] = '\0';
	return rua->mailbox[0] != '\0' ? send_mail(delivery, message, rua, now, why) : post(delivery, message, rua, why);
}
