/* SPDX-License-Identifier: ISC */
/*
 * dns_cares_dnsrec.c - c-ares from 1.28 on: converts our bytes to its records, and its records back to bytes. A reply that c-ares
 * cannot parse does not count as one.
 */
#include "config.h"

#include "shared-cache/dns/dns_cares.h"

#include <stdlib.h>
#include <string.h>

struct carried {
	dns_cares_fn *fn;
	void *arg;
};

static void
on_answer(void *arg, ares_status_t status, size_t timeouts, const ares_dns_record_t *answer)
{
	const struct carried carried = *(const struct carried *)arg;
	unsigned char *msg = NULL;
	size_t len = 0;

	(void)timeouts;
	free(arg);
	if (answer != NULL) {
		ares_status_t written = ares_dns_write(answer, &msg, &len);

		status = written != ARES_SUCCESS ? written : status;
	}
	carried.fn(carried.arg, (int)status, msg, len);
	ares_free_string(msg);
}

void
dns_cares_send(ares_channel channel, const uint8_t *wire, size_t len, dns_cares_fn *fn, void *arg)
{
	struct carried *carried = malloc(sizeof(*carried));
	ares_dns_record_t *question = NULL;

	if (carried == NULL || ares_dns_parse(wire, len, 0, &question) != ARES_SUCCESS) {
		free(carried);
		fn(arg, ARES_ENOMEM, NULL, 0);
		return;
	}
	*carried = (struct carried){ fn, arg };
	ares_send_dnsrec(channel, question, on_answer, carried, NULL);
	ares_dns_record_destroy(question);
}

unsigned
dns_cares_servers(ares_channel channel)
{
	char *list = ares_get_servers_csv(channel);
	unsigned count = 0;

	if (list != NULL && list[0] != '\0')
		count = strchr(list, ',') != NULL ? 2 : 1;
	ares_free_string(list);
	return count;
}
