/* SPDX-License-Identifier: ISC */
/* session_world.c - see session_world.h. */
#include "config.h"

#include "tests/unit/session/session_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/log.h"
#include "tests/fake/fake_cache.h"

struct world w;
const char *world_daemon;

static void
keep_line(enum sts_log_level level, const char *line)
{
	(void)level;
	snprintf(w.line, sizeof(w.line), "%s", line);
	w.lines++;
}

struct sts_conf *
world_settings(const char *const *overrides, size_t count)
{
	struct sts_conf *conf;

	assert_int_equal(sts_conf_load(NULL, overrides, count, stderr, &conf), STS_OK);
	return conf;
}

int
world_open(const char *const *overrides, size_t count)
{
	memset(&w, 0, sizeof(w));
	fake_reset();
	sts_log_open(keep_line, STS_LOG_INFO);
	service_init(&w.service, world_settings(overrides, count));
	return 0;
}

int
world_setup(void **state)
{
	static const char *const overrides[] = { "authserv_id=mx.test", "evidence_client_addr=full" };

	(void)state;
	return world_open(overrides, sizeof(overrides) / sizeof(overrides[0]));
}

int
world_close(void **state)
{
	(void)state;
	session_free(&w.session);
	sts_histories_free(&w.service.histories);
	service_fini(&w.service);
	sts_log_open(NULL, STS_LOG_INFO);
	/* No look-up may be left open, whatever the test did. */
	return fake_open_lookups() == 0 ? 0 : -1;
}

void
begin(bool macros_asked)
{
	const struct session_terms terms = { .macros_asked = macros_asked };

	session_free(&w.session);
	assert_int_equal(session_new(&w.service, &w.session), STS_OK);
	session_set_terms(w.session, &terms);
}

void
connect_from(const char *addr, const char *name, const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(4444) };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(4444) };
	struct session_client client = { .client_name = name, .client_port = port,
		.daemon_name = world_daemon };

	if (addr != NULL && inet_pton(AF_INET, addr, &sin.sin_addr) == 1)
		client.addr = (const struct sockaddr *)(const void *)&sin;
	else if (addr != NULL && inet_pton(AF_INET6, addr, &sin6.sin6_addr) == 1)
		client.addr = (const struct sockaddr *)(const void *)&sin6;
	session_connect(w.session, &client);
}

void
begin_usual(void)
{
	begin(true);
	connect_from("192.0.2.10", "mail.sender.example", "4444");
	session_helo(w.session, "mail.sender.example");
}

void
mail_over(const char *sender, const char *version, const char *cipher, const char *bits)
{
	const struct session_mail mail = { .sender = sender, .tls_version = version, .cipher = cipher, .cipher_bits = bits };

	session_mail(w.session, &mail);
}

void
mail(const char *sender)
{
	mail_over(sender, "TLSv1.3", "TLS_AES_256_GCM_SHA384", "256");
}

void
finish_at(int64_t now_ms)
{
	const struct session_end end = { "QID1", now_ms };

	session_wait(w.session, 1);
	session_finish(w.session, &end, &w.outcome);
}

void
finish(void)
{
	finish_at(1760000000000);
}

bool
header_has(const char *tag)
{
	char padded[64], flat[STS_HEADER_CAP + 2];
	size_t n = 0;

	snprintf(padded, sizeof(padded), " %s;", tag);
	flat[n++] = ' ';
	for (const char *p = w.outcome.header; *p != '\0'; p++) {
		if (*p == '\n')
			continue;
		flat[n++] = *p == '\t' ? ' ' : *p;
	}
	flat[n++] = ';';
	flat[n] = '\0';
	return strstr(flat, padded) != NULL;
}

void
want_header(const char *name, const char *const *tags)
{
	if (!w.outcome.add)
		fail_msg("%s: no header", name);
	for (; *tags != NULL; tags++) {
		if (!header_has(*tags))
			fail_msg("%s: no %s in \"%s\"", name, *tags, w.outcome.header);
	}
}
