/* SPDX-License-Identifier: ISC */
/* fuzz_fetch_reply.c - any message from the fetch process: accepted ones are as fetch_wire.h promises, and survive a round trip. */
#include "config.h"

#include <string.h>

#include "shared-cache/fetcher/fetch_wire.h"
#include "tests/fuzz/fuzz.h"

static char again[STS_FETCH_MESSAGE_CAP];

static void
check_ready(const uint8_t *data, size_t size)
{
	struct sts_fetch_ready ready;

	if (!sts_fetch_read_ready(data, size, &ready))
		return;
	MUST(ready.status < STS_FETCH_READY_STATUSES);
	MUST(sts_fetch_write_ready(&ready, again, sizeof(again)) == size && memcmp(again, data, size) == 0);
}

static void
check_reply(const uint8_t *data, size_t size)
{
	struct sts_fetch_reply a;

	if (!sts_fetch_read_reply(data, size, &a))
		return;
	MUST(sts_fetch_is_result(a.reason) && a.status <= 999);
	MUST(a.body.len <= STS_FETCH_BODY_MAX && a.detail.len <= STS_FETCH_DETAIL_MAX);
	MUST((a.reason == STS_REASON_NONE) == (a.detail.len == 0));
	MUST(a.reason == STS_REASON_NONE || a.body.len == 0);
	for (size_t i = 0; i < a.detail.len; i++)
		MUST(a.detail.data[i] >= 0x20 && a.detail.data[i] < 0x7f);
	MUST(a.body.len == 0 || ((const uint8_t *)a.body.data > data && (const uint8_t *)a.body.data + a.body.len == data + size));
	MUST(sts_fetch_write_reply(&a, again, sizeof(again)) == size && memcmp(again, data, size) == 0);
}

/* The other direction: messages that the fetch process reads. */
static void
check_question(const uint8_t *data, size_t size)
{
	struct sts_fetch_question q;
	struct sts_fetch_settings s;

	if (sts_fetch_read_question(data, size, &q))
		MUST(sts_fetch_write_question(&q, again, sizeof(again)) == size && memcmp(again, data, size) == 0);
	if (sts_fetch_read_settings(data, size, &s))
		MUST(sts_fetch_write_settings(&s, again, sizeof(again)) == size && memcmp(again, data, size) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > STS_FETCH_MESSAGE_CAP)
		return 0;
	check_ready(data, size);
	check_reply(data, size);
	check_question(data, size);
	return 0;
}
