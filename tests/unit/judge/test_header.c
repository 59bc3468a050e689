/* SPDX-License-Identifier: ISC */
/* test_header.c - the text of X-MTA-STS: tags, order, every fold, and that nothing else can get into it. */
#include "config.h"

#include "shared-cache/judge/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define NAME_COLUMNS (sizeof(STS_HEADER_NAME ": ") - 1)

/* The evidence of the documentation's example. */
static const struct sts_evidence sample = {
	.domain = "sender.example",
	.identity = STS_IDENTITY_MAILFROM,
	.tls = { STS_TLS_SECURED, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256 },
	.aligned = STS_ALIGNED_YES,
	.has_rcpt = true,
	.rcpt = STS_POLICY_ENFORCE,
};
static const struct sts_policy_view sample_policy = { STS_POLICY_ENFORCE, STS_REASON_NONE, "20250809T1", 0 };
static const struct sts_verdict pass = { STS_RESULT_PASS, STS_REASON_NONE, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT };

/* Without sig. */
#define BY(name) (&(const struct sts_header_author){ .host = (name) })

static void
test_example(void **state)
{
	char out[STS_HEADER_CAP];

	(void)state;
	assert_true(sts_header_render(BY("mx1.example.net"), &sample, &sample_policy, &pass, out));
	assert_string_equal(out,
	    "v=1; host=mx1.example.net; result=pass; domain=sender.example;\n"
	    "\tidentity=mailfrom; policy=enforce; id=20250809T1; tls=TLSv1.3;\n"
	    "\tcipher=TLS_AES_256_GCM_SHA384; bits=256; aligned=yes; rcpt=enforce");
}

static void
test_tags(void **state)
{
	static const struct {
		const char *name;
		struct sts_evidence evidence;
		struct sts_policy_view policy;
		struct sts_verdict verdict;
		const char *want;	/* folds undone */
	} rows[] = {
		{ "no domain", { .identity = STS_IDENTITY_HELO, .tls = { .state = STS_TLS_NONE, .bits = -1 },
		    .aligned = STS_ALIGNED_UNKNOWN }, { .known = STS_POLICY_ABSENT }, { .result = STS_RESULT_NONE },
		    "v=1; host=h; result=none; domain=-; identity=helo; policy=absent; tls=none; aligned=unknown" },
		{ "plaintext", { .domain = "a.example", .tls = { .state = STS_TLS_NONE, .bits = -1 },
		    .aligned = STS_ALIGNED_NO }, { STS_POLICY_TESTING, STS_REASON_NONE, "1", 0 },
		    { STS_RESULT_SOFTFAIL, STS_REASON_PLAINTEXT, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT },
		    "v=1; host=h; result=softfail; reason=plaintext; domain=a.example; identity=mailfrom; policy=testing; "
		    "id=1; tls=none; aligned=no" },
		{ "TLS unknown says nothing of ciphers", { .domain = "a.example",
		    .tls = { STS_TLS_UNKNOWN, "TLSv1.3", "X", 1 }, .aligned = STS_ALIGNED_NO },
		    { STS_POLICY_ENFORCE, STS_REASON_NONE, "1", 0 },
		    { STS_RESULT_NEUTRAL, STS_REASON_TLS_UNKNOWN, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT },
		    "v=1; host=h; result=neutral; reason=tls-unknown; domain=a.example; identity=mailfrom; "
		    "policy=enforce; id=1; tls=unknown; aligned=no" },
		{ "pending", { .domain = "a.example", .tls = { STS_TLS_SECURED, "TLSv1.2", "", -1 },
		    .aligned = STS_ALIGNED_UNKNOWN }, { STS_POLICY_UNKNOWN, STS_REASON_PENDING, "", 0 },
		    { STS_RESULT_TEMPERROR, STS_REASON_PENDING, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT },
		    "v=1; host=h; result=temperror; reason=pending; domain=a.example; identity=mailfrom; policy=unknown; "
		    "tls=TLSv1.2; aligned=unknown" },
		{ "no encryption, a recipient without policy", { .domain = "a.example",
		    .tls = { STS_TLS_SECURED, "TLSv1.2", "NULL-SHA256", 0 }, .aligned = STS_ALIGNED_YES,
		    .has_rcpt = true, .rcpt = STS_POLICY_ABSENT }, { STS_POLICY_ENFORCE, STS_REASON_NONE, "1", 0 },
		    { STS_RESULT_FAIL, STS_REASON_CIPHER, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT },
		    "v=1; host=h; result=fail; reason=cipher; domain=a.example; identity=mailfrom; policy=enforce; id=1; "
		    "tls=TLSv1.2; cipher=NULL-SHA256; bits=0; aligned=yes; rcpt=absent" },
		{ "always TLS", { .domain = "a.example", .tls = { STS_TLS_SECURED, "TLSv1.3", "", -1 },
		    .aligned = STS_ALIGNED_YES, .has_rcpt = true, .rcpt = STS_POLICY_ENFORCE,
		    .history = STS_HISTORY_ALWAYS_TLS }, { .known = STS_POLICY_ABSENT }, { .result = STS_RESULT_NONE },
		    "v=1; host=h; result=none; domain=a.example; identity=mailfrom; policy=absent; tls=TLSv1.3; "
		    "aligned=yes; rcpt=enforce; history=always-tls" },
		{ "SNI, and TLS required of us", { .domain = "a.example", .tls = { STS_TLS_SECURED, "TLSv1.3", "", -1 },
		    .sni = "mx.example", .requiretls = true, .aligned = STS_ALIGNED_YES }, { .known = STS_POLICY_ABSENT },
		    { .result = STS_RESULT_NONE },
		    "v=1; host=h; result=none; domain=a.example; identity=mailfrom; policy=absent; tls=TLSv1.3; sni=mx.example; "
		    "aligned=yes; requiretls=yes" },
		{ "downgrade", { .domain = "a.example", .tls = { .state = STS_TLS_NONE, .bits = -1 },
		    .aligned = STS_ALIGNED_YES, .history = STS_HISTORY_DOWNGRADE }, { .known = STS_POLICY_ABSENT },
		    { .result = STS_RESULT_NONE },
		    "v=1; host=h; result=none; domain=a.example; identity=mailfrom; policy=absent; tls=none; aligned=yes; "
		    "history=downgrade" },
		{ "hostile macros", { .domain = "a.example",
		    .tls = { STS_TLS_SECURED, "T\r\nX: y", "a; result=pass\t\x80\xff%s\"", 256 },
		    .aligned = STS_ALIGNED_NO }, { STS_POLICY_ABSENT, STS_REASON_NONE, "", 0 },
		    { .result = STS_RESULT_NONE },
		    "v=1; host=h; result=none; domain=a.example; identity=mailfrom; policy=absent; tls=T__X:_y; "
		    "cipher=a__result_pass____s_; bits=256; aligned=no" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[STS_HEADER_CAP], flat[STS_HEADER_CAP];
		size_t n = 0;

		assert_true(sts_header_render(BY("h"), &rows[i].evidence, &rows[i].policy, &rows[i].verdict, out));
		for (const char *p = out; *p != '\0'; p++) {
			if (*p == '\n' && p[1] == '\t')
				flat[n++] = ' ', p++;
			else
				flat[n++] = *p;
		}
		flat[n] = '\0';
		if (strcmp(flat, rows[i].want) != 0)
			fail_msg("%s:\n got %s\nwant %s", rows[i].name, flat, rows[i].want);
	}
}

/* ---- sig ---- */

/* The input of a signer, and whether it can sign. */
struct signing {
	bool fails;
	size_t calls;
	char text[4096];
};

static bool
fake_sign(void *arg, const char *text, size_t len, char out[STS_HEADER_SIG_CAP])
{
	struct signing *s = arg;

	s->calls++;
	assert_true(len < sizeof(s->text) && memchr(text, '\0', len) == NULL);
	memcpy(s->text, text, len);
	s->text[len] = '\0';
	strcpy(out, "0123456789abcdef0123456789abcdef");
	return !s->fails;
}

static void
test_sig(void **state)
{
	static const struct {
		const char *name, *queue_id;
		bool fails;
		size_t calls;
		const char *text, *end;	/* what is signed after the queue id; the last line of the field */
	} rows[] = {
		{ "signed", "4Zq1bX0K2Lz9x", false, 1,
		    "4Zq1bX0K2Lz9x\nv=1; host=mx1.example.net; result=pass; domain=sender.example; identity=mailfrom; "
		    "policy=enforce; id=20250809T1; tls=TLSv1.3; cipher=TLS_AES_256_GCM_SHA384; bits=256; aligned=yes; "
		    "rcpt=enforce",
		    "rcpt=enforce;\n\tsig=0123456789abcdef0123456789abcdef" },
		{ "no queue id", "", false, 0, "", "rcpt=enforce" },
		{ "no signature to be had", "4Zq1bX0K2Lz9x", true, 1, NULL, "rcpt=enforce" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct signing signing = { .fails = rows[i].fails };
		const struct sts_header_author author = { "mx1.example.net", fake_sign, &signing, false };
		struct sts_evidence evidence = sample;
		char out[STS_HEADER_CAP];
		size_t len = strlen(rows[i].end);

		strcpy(evidence.queue_id, rows[i].queue_id);
		assert_true(sts_header_render(&author, &evidence, &sample_policy, &pass, out));
		if (signing.calls != rows[i].calls)
			fail_msg("%s: asked %zu times", rows[i].name, signing.calls);
		if (rows[i].text != NULL && strcmp(signing.text, rows[i].text) != 0)
			fail_msg("%s: signed \"%s\", want \"%s\"", rows[i].name, signing.text, rows[i].text);
		if (strlen(out) < len || strcmp(out + strlen(out) - len, rows[i].end) != 0)
			fail_msg("%s: got \"%s\", want it to end in \"%s\"", rows[i].name, out, rows[i].end);
	}
}

/* Signed is what a reader sees who unfolds the field and stops before sig, whatever the values are. */
static void
test_sig_of_hostile(void **state)
{
	struct sts_evidence evidence = sample;
	struct signing signing = { .fails = false };
	const struct sts_header_author author = { "mx; sig=0", fake_sign, &signing, false };
	char out[STS_HEADER_CAP], flat[STS_HEADER_CAP] = "QID\n";
	size_t n = strlen(flat);

	(void)state;
	strcpy(evidence.queue_id, "QID");
	strcpy(evidence.tls.cipher, "a\n\tb; sig=x");
	memset(evidence.domain, 'd', STS_DOMAIN_MAX);
	assert_true(sts_header_render(&author, &evidence, &sample_policy, &pass, out));
	for (const char *p = out; strncmp(p, ";\n\tsig=", 7) != 0 && strncmp(p, "; sig=", 6) != 0; p++) {
		if (*p != '\n')
			flat[n++] = *p == '\t' ? ' ' : *p;
	}
	flat[n] = '\0';
	assert_string_equal(signing.text, flat);
}

static bool
is_token_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    strchr("._:+-", c) != NULL;
}

/* Checks one line: `tag=value` pairs separated by "; ", with `;` at the end of every line but the last. Returns the number of pairs. */
static size_t
check_line(const char *line, size_t len, bool last, const char *what)
{
	size_t pairs = 0, i = 0;

	while (i < len) {
		size_t name = i, value;

		while (i < len && line[i] >= 'a' && line[i] <= 'z')
			i++;
		if (i == name || i == len || line[i] != '=')
			fail_msg("%s: no tag at column %zu of \"%.*s\"", what, i, (int)len, line);
		value = ++i;
		while (i < len && line[i] != '\0' && is_token_byte(line[i]))
			i++;
		if (i == value || i - value > 255)
			fail_msg("%s: value of %zu bytes in \"%.*s\"", what, i - value, (int)len, line);
		pairs++;
		if (i == len && last)
			return pairs;
		if (i == len || line[i++] != ';')
			fail_msg("%s: no semicolon in \"%.*s\"", what, (int)len, line);
		if (i == len && !last)
			return pairs;
		if (i == len || line[i++] != ' ')
			fail_msg("%s: odd byte after semicolon in \"%.*s\"", what, (int)len, line);
	}
	fail_msg("%s: empty line", what);
	return 0;
}

/* No line is longer than 78 columns, except for a single long tag; no fold comes too early; only allowed bytes occur. */
static void
check_folds(const char *text, const char *what)
{
	size_t used = NAME_COLUMNS;
	const char *line = text;

	for (;;) {
		const char *end = strchr(line, '\n');
		size_t len = end != NULL ? (size_t)(end - line) : strlen(line);
		size_t pairs = check_line(line, len, end == NULL, what);

		if (used + len > STS_HEADER_COLUMNS && pairs > 1)
			fail_msg("%s: %zu columns in \"%.*s\"", what, used + len, (int)len, line);
		if (end == NULL)
			return;
		if (end[1] != '\t')
			fail_msg("%s: a line begins without a tab", what);
		/* The first tag of the next line must not have fitted into this one. */
		if (used + len + 1 + strcspn(end + 2, " \n") <= STS_HEADER_COLUMNS)
			fail_msg("%s: folded too early after \"%.*s\"", what, (int)len, line);
		line = end + 2;
		used = 1;
	}
}

/* Every value with every possible length, so that every tag begins at every column. */
static void
test_folds(void **state)
{
	char host[300], what[64], out[STS_HEADER_CAP];

	(void)state;
	for (size_t h = 1; h <= 260; h++) {
		memset(host, 'h', h);
		host[h] = '\0';
		for (size_t d = 0; d <= STS_DOMAIN_MAX; d += h % 3 == 0 ? 1 : 7) {
			struct sts_evidence evidence = sample;
			struct sts_policy_view policy = sample_policy;
			struct sts_verdict verdict = { STS_RESULT_SOFTFAIL, STS_REASON_TLS_VERSION, STS_ACTION_ACCEPT,
				STS_ACTION_ACCEPT };

			memset(evidence.domain, 'd', d);
			evidence.domain[d] = '\0';
			memset(evidence.tls.cipher, 'c', d % sizeof(evidence.tls.cipher));
			evidence.tls.cipher[d % sizeof(evidence.tls.cipher)] = '\0';
			memset(policy.id, 'i', h % STS_ID_CAP);
			policy.id[h % STS_ID_CAP] = '\0';
			evidence.tls.bits = (int)(h * d);
			snprintf(what, sizeof(what), "host %zu, domain %zu", h, d);
			assert_true(sts_header_render(BY(host), &evidence, &policy, &verdict, out));
			check_folds(out, what);
		}
	}
}

/* The widest line has exactly 78 columns, including name or tab. */
static void
test_columns(void **state)
{
	struct sts_evidence evidence = sample;
	char host[128], out[STS_HEADER_CAP];

	(void)state;
	/* "X-MTA-STS: v=1; host=...;", and not one column more */
	memset(host, 'h', sizeof(host));
	host[78 - strlen("X-MTA-STS: v=1; host=;")] = '\0';
	assert_true(sts_header_render(BY(host), &evidence, &sample_policy, &pass, out));
	assert_int_equal(NAME_COLUMNS + (size_t)(strchr(out, '\n') - out), 78);
	assert_memory_equal(strchr(out, '\n'), "\n\tresult=", 9);
	host[strlen(host)] = 'h';
	host[78 - strlen("X-MTA-STS: v=1; host=;") + 1] = '\0';
	assert_true(sts_header_render(BY(host), &evidence, &sample_policy, &pass, out));
	assert_memory_equal(out, "v=1;\n\thost=", 11);
}

/* The last tag needs no room for a semicolon. */
static void
test_last_column(void **state)
{
	struct sts_evidence evidence = sample;
	char out[STS_HEADER_CAP];
	size_t full = 0;

	(void)state;
	for (size_t n = 1; n < sizeof(evidence.tls.cipher); n++) {
		const char *line;

		memset(evidence.tls.cipher, 'c', n);
		evidence.tls.cipher[n] = '\0';
		assert_true(sts_header_render(BY("mx"), &evidence, &sample_policy, &pass, out));
		check_folds(out, "last column");
		line = strrchr(out, '\n') + 2;
		if (1 + strlen(line) == STS_HEADER_COLUMNS && line[strlen(line) - 1] != ';')
			full++;
	}
	assert_true(full > 0);
}

/* Any bytes in what the MTA says. */
static void
test_random_bytes(void **state)
{
	char host[512], out[STS_HEADER_CAP];
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct sts_evidence evidence = sample;
		struct sts_policy_view policy = sample_policy;
		char *const fields[] = { host, evidence.domain, evidence.tls.version, evidence.tls.cipher, policy.id };
		const size_t caps[] = { sizeof(host), sizeof(evidence.domain), sizeof(evidence.tls.version),
			sizeof(evidence.tls.cipher), sizeof(policy.id) };

		for (size_t f = 0; f < COUNT(fields); f++) {
			size_t len;

			seed = seed * 1664525u + 1013904223u;
			len = (seed >> 8) % caps[f];
			for (size_t i = 0; i < len; i++) {
				seed = seed * 1664525u + 1013904223u;
				fields[f][i] = (char)(seed >> 24);
			}
			fields[f][len] = '\0';
		}
		if (host[0] == '\0')
			host[0] = '!', host[1] = '\0';
		assert_true(sts_header_render(BY(host), &evidence, &policy, &pass, out));
		check_folds(out, "random bytes");
	}
}

static void
test_is_ours(void **state)
{
	static const char *const ours[] = { "X-MTA-STS", "x-mta-sts", "X-Mta-Sts", "X-MTA-STS ", "X-MTA-STS\t", " X-MTA-STS",
		"\t x-mTA-sTs \t", "X-MTA-STS\r" };
	static const char *const near[] = { "", " ", "X-MTA-ST", "X-MTA-STS-", "X-MTA-STS-Foo", "X-MTA-STSS", "X-MTA_STS",
		"X MTA STS", "MTA-STS", "XX-MTA-STS", "X-MTA- STS", "X-MTA-STS:", "X-MTA-\xc5\xbfTS", "Received" };

	(void)state;
	for (size_t i = 0; i < COUNT(ours); i++) {
		if (!sts_header_is_ours(ours[i]))
			fail_msg("\"%s\" is ours", ours[i]);
	}
	for (size_t i = 0; i < COUNT(near); i++) {
		if (sts_header_is_ours(near[i]))
			fail_msg("\"%s\" is not ours", near[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_sig),
		cmocka_unit_test(test_sig_of_hostile),
		cmocka_unit_test(test_folds),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_last_column),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
