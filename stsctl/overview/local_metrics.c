/* SPDX-License-Identifier: ISC */
/* local_metrics.c - fetches /metrics by one GET over HTTP/1.0. */
#include "config.h"

#include "stsctl/overview/local_metrics.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/endpoint.h"
#include "shared-cache/runtime/socket.h"

enum { WAIT_MS = 1000, PAGE_MAX = 1 << 20, DIGITS = 15 };

static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
#define PREFIX "mta_sts_milter_"

int64_t
local_metrics_find(const char *text, const char *name)
{
	size_t len = strlen(name);
	unsigned long long n;

	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, name, len) == 0 && line[len] == ' ' &&
		    sts_text_parse_u64(line + len + 1, strcspn(line + len + 1, "\r\n"), DIGITS, &n))
			return (int64_t)n;
	return -1;
}

/* Parses "HOST:PORT" or "[ADDR]:PORT". A wildcard address is reached by loopback. */
static bool
endpoint_of(const char *listen, struct sts_endpoint *out)
{
	const char *colon = strrchr(listen, ':');
	unsigned long long port;
	size_t len;

	*out = (struct sts_endpoint){ .kind = STS_ENDPOINT_TCP };
	if (colon == NULL || !sts_text_parse_u64(colon + 1, strlen(colon + 1), 5, &port) || port > UINT16_MAX)
		return false;
	if (*listen == '[' && colon > listen + 1 && colon[-1] == ']') {
		listen++;
		len = (size_t)(colon - listen) - 1;
	} else
		len = (size_t)(colon - listen);
	snprintf(out->host, sizeof(out->host), "%.*s", (int)len, listen);
	out->port = (uint16_t)port;
	return len < sizeof(out->host);
}

/* Reads until the server closes the connection. NULL: no memory, or too late. */
static char *
read_page(int fd, int64_t deadline_ms)
{
	char *page = malloc(PAGE_MAX + 1);
	size_t len = 0;
	ssize_t n = 1;

	while (page != NULL && n > 0 && len < PAGE_MAX) {
		if (sts_socket_wait(fd, POLLIN, deadline_ms) <= 0) {
			free(page);
			return NULL;
		}
		n = recv(fd, page + len, PAGE_MAX - len, 0);
		len += n > 0 ? (size_t)n : 0;
	}
	if (page != NULL)
		page[len] = '\0';
	return page;
}

static void
take_page(const char *page, struct local_metrics *out)
{
	if (strncmp(page, "HTTP/1.", 7) != 0 || strncmp(page + 8, " 200", 4) != 0) {
		snprintf(out->why, sizeof(out->why), "the answer is not the milter's");
		return;
	}
	out->answered = true;
	out->pending_messages = local_metrics_find(page, PREFIX "counters_pending_messages");
	out->pending_rows = local_metrics_find(page, PREFIX "counters_pending_rows");
	out->store_up = local_metrics_find(page, PREFIX "store_up{connection=\"counters\"}");
}

void
local_metrics_read(const char *listen, struct local_metrics *out)
{
	int64_t deadline_ms = sts_clock_mono_ms() + WAIT_MS;
	struct sts_endpoint endpoint;
	char why[STS_SOCKET_WHY_CAP] = "not HOST:PORT", *page = NULL;
	int fd;

	*out = (struct local_metrics){ .pending_messages = -1, .pending_rows = -1, .store_up = -1 };
	fd = endpoint_of(listen, &endpoint) ? sts_socket_connect(&endpoint, deadline_ms, why) : -1;
	if (fd < 0) {
		snprintf(out->why, sizeof(out->why), "%s", why);
		return;
	}
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request))
		page = read_page(fd, deadline_ms);
	if (page != NULL)
		take_page(page, out);
	else
		snprintf(out->why, sizeof(out->why), "no answer in time");
	free(page);
	close(fd);
}
