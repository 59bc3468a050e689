/* SPDX-License-Identifier: ISC */
/* fuzz_socketmap.c - any stream on a socketmap connection: consecutive netstrings, and the queries in them. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/outbound/netstring.h"
#include "shared-cache/outbound/socketmap_key.h"
#include "tests/fuzz/fuzz.h"

static void
check_query(const struct sts_netstring *request)
{
	struct sts_socketmap_query query;
	char again[STS_DOMAIN_CAP];

	sts_socketmap_parse(request->data, request->len, &query);
	MUST(query.map < STS_MAPS && query.kind < STS_ASKED_KINDS);
	MUST((query.kind == STS_ASKED_DOMAIN) == (query.domain[0] != '\0'));
	if (query.kind != STS_ASKED_DOMAIN)
		return;
	MUST(strlen(query.domain) <= STS_DOMAIN_MAX && strchr(query.domain, '.') != NULL);
	MUST(sts_socketmap_key_kind(query.domain, strlen(query.domain), again) == STS_ASKED_DOMAIN);
	MUST(strcmp(query.domain, again) == 0);
}

/* A framed string must be read back unchanged. */
static void
check_frame(const struct sts_netstring *request)
{
	char *storage = malloc(STS_NETSTRING_HEAD + request->len + 1);
	struct sts_netstring got;
	const char *start;
	size_t total;

	MUST(storage != NULL);
	memcpy(storage + STS_NETSTRING_HEAD, request->data, request->len);
	start = sts_netstring_frame(storage, request->len, &total);
	MUST(sts_netstring_read(start, total, STS_NETSTRING_SKIP_MAX, &got) == STS_NETSTRING_WHOLE);
	MUST(got.len == request->len && got.used == total && memcmp(got.data, request->data, got.len) == 0);
	free(storage);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *stream = malloc(size + 1);	/* exactly as long as it is, for the sanitizer */
	size_t at = 0;

	MUST(stream != NULL);
	if (size > 0)
		memcpy(stream, data, size);
	while (at < size) {
		struct sts_netstring got;
		enum sts_netstring_state state = sts_netstring_read(stream + at, size - at, STS_SOCKETMAP_REQUEST_MAX, &got);

		if (state == STS_NETSTRING_MORE || state == STS_NETSTRING_BAD)
			break;
		MUST(got.used > got.len);
		if (state == STS_NETSTRING_WHOLE) {
			MUST(got.used <= size - at);
			check_query(&got);
			check_frame(&got);
		} else if (got.used > size - at) {
			break;
		}
		at += got.used;
	}
	free(stream);
	return 0;
}
