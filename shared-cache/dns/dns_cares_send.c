/* SPDX-License-Identifier: ISC */
/* dns_cares_send.c - c-ares up to 1.27: messages are bytes. */
#include "config.h"

#include "shared-cache/dns/dns_cares.h"

#include <limits.h>
#include <stdlib.h>

struct carried {
	dns_cares_fn *fn;
	void *arg;
};

static void
on_answer(void *arg, int status, int timeouts, unsigned char *msg, int len)
{
	const struct carried carried = *(const struct carried *)arg;

	(void)timeouts;
	free(arg);
	if (msg == NULL || len < 0)
		carried.fn(carried.arg, status, NULL, 0);
	else
		carried.fn(carried.arg, status, msg, (size_t)len);
}

void
dns_cares_send(ares_channel channel, const uint8_t *wire, size_t len, dns_cares_fn *fn, void *arg)
{
	struct carried *carried = malloc(sizeof(*carried));

	if (carried == NULL || len > INT_MAX) {
		free(carried);
		fn(arg, ARES_ENOMEM, NULL, 0);
		return;
	}
	*carried = (struct carried){ fn, arg };
	ares_send(channel, wire, (int)len, on_answer, carried);
}

unsigned
dns_cares_servers(ares_channel channel)
{
	struct ares_addr_port_node *list = NULL;
	unsigned count = 0;

	if (ares_get_servers_ports(channel, &list) == ARES_SUCCESS && list != NULL)
		count = list->next != NULL ? 2 : 1;
	ares_free_data(list);
	return count;
}
