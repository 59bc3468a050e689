/* SPDX-License-Identifier: ISC */
/*
 * fuzz_header.c - any bytes from the MTA, cut at NULs into name, host, domain, version, cipher and id: the field's text
 * contains only allowed bytes and folds, and its lines keep to 78 columns.
 */
#include "config.h"

#include <string.h>

#include "shared-cache/judge/header.h"
#include "tests/fuzz/fuzz.h"

/* Copies up to the next NUL, or as much as fits, and advances. */
static void
take(const uint8_t **data, size_t *size, char *out, size_t cap)
{
	size_t n = 0;

	while (*size > 0) {
		uint8_t byte = **data;

		(*data)++;
		(*size)--;
		if (byte == 0)
			break;
		if (n < cap - 1)
			out[n++] = (char)byte;
	}
	out[n] = '\0';
}

static bool
sign(void *arg, const char *text, size_t len, char out[STS_HEADER_SIG_CAP])
{
	(void)arg;
	MUST(strlen(text) == len);
	memset(out, 'f', STS_HEADER_SIG_CAP - 1);
	out[STS_HEADER_SIG_CAP - 1] = '\0';
	return true;
}

static bool
is_allowed(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("._:+-=; ", c) != NULL);
}

static void
check(const char *text)
{
	size_t column = sizeof(STS_HEADER_NAME ": ") - 1;
	bool several = false;	/* more than one tag in this line */

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\n') {
			MUST(p[1] == '\t');
			p++;
			column = 1;
			several = false;
			continue;
		}
		MUST(is_allowed(*p));
		several = several || *p == ' ';
		MUST(++column <= STS_HEADER_COLUMNS || !several);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sts_evidence evidence = { .identity = STS_IDENTITY_MAILFROM };
	struct sts_policy_view policy = { .known = STS_POLICY_ENFORCE };
	struct sts_verdict verdict = { STS_RESULT_FAIL, STS_REASON_CIPHER, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT };
	char name[64], host[512], out[STS_HEADER_CAP];
	const struct sts_header_author author = { host, sign, NULL, size % 2 == 0 };

	if (size < 2)
		return 0;
	evidence.tls.state = STS_TLS_SECURED;
	evidence.tls.bits = data[0] - 1;
	evidence.has_rcpt = (data[1] & 1) != 0;
	if ((data[1] & 2) != 0)
		memcpy(evidence.queue_id, "4Zq1bX0K2Lz9x", sizeof("4Zq1bX0K2Lz9x"));
	data += 2;
	size -= 2;
	take(&data, &size, name, sizeof(name));
	take(&data, &size, host, sizeof(host));
	take(&data, &size, evidence.domain, sizeof(evidence.domain));
	take(&data, &size, evidence.tls.version, sizeof(evidence.tls.version));
	take(&data, &size, evidence.tls.cipher, sizeof(evidence.tls.cipher));
	take(&data, &size, policy.id, sizeof(policy.id));
	MUST(!sts_header_is_ours(name) || strlen(name) >= strlen(STS_HEADER_NAME));
	MUST(sts_header_render(&author, &evidence, &policy, &verdict, out));
	check(out);
	return 0;
}
