/* SPDX-License-Identifier: ISC */
/*
 * fuzz_access_log.c - any bytes as an access log: fields taken from a line lie within it, and each line is counted once, as a
 * fetch, as unreadable, or as irrelevant.
 */
#include "config.h"

#include <string.h>

#include "stsctl/fetches/fetch_clients.h"
#include "tests/fuzz/fuzz.h"

static bool
is_own(void *arg, const struct sts_ipaddr *addr)
{
	(void)arg;
	return addr->bytes[0] % 2 == 0;
}

static void
must_lie_in(const struct access_part *part, const char *line, size_t len)
{
	MUST(part->len <= len);
	MUST(part->len == 0 || (part->text >= line && part->text + part->len <= line + len));
}

static bool
check_line(const char *line, size_t len)
{
	struct access_line parsed;

	if (!access_log_parse(line, len, &parsed))
		return false;
	must_lie_in(&parsed.host, line, len);
	must_lie_in(&parsed.client, line, len);
	must_lie_in(&parsed.method, line, len);
	must_lie_in(&parsed.path, line, len);
	must_lie_in(&parsed.agent, line, len);
	MUST(parsed.client.len > 0);
	MUST(parsed.status <= 999);
	MUST(parsed.time > -86400 && parsed.time < 253402387200);
	return true;
}

static size_t
count(const struct fetch_clients *f)
{
	size_t n = f->dropped;

	for (size_t i = 0; i < f->domain_count; i++) {
		n += f->domains[i].own;
		for (const struct fetch_client *who = f->domains[i].list; who != NULL; who = who->hh.next) {
			MUST(memchr(who->who.client, '\0', sizeof(who->who.client)) != NULL);
			MUST(memchr(who->who.agent, '\0', sizeof(who->who.agent)) != NULL);
			MUST(who->first <= who->last);
			n += who->fetched + who->failed;
		}
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct fetch_clients f;
	size_t readable = 0, unreadable = 0;

	fetch_clients_init(&f, is_own, NULL);
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline != NULL ? newline : end) - at);
		char *line = malloc(len + 1);	/* so that a sanitizer sees reads past the end */

		if (line == NULL)
			break;
		memcpy(line, at, len);
		if (check_line(line, len))
			readable++;
		else
			unreadable++;
		fetch_clients_add_line(&f, &(struct fetch_log){ .domain = "a.example" }, line, len);
		free(line);
		at += len + (newline != NULL);
	}
	fetch_clients_sort(&f);
	MUST(f.unreadable == unreadable);
	MUST(count(&f) <= readable);
	fetch_clients_fini(&f);
	return 0;
}
