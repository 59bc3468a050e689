/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "stsctl/plan/spec.h"

/* Loads text as a file; said gets the errors, without the file name on each line. */
static enum sts_status
load(const char *text, struct publish_spec **out, char *said, size_t cap)
{
	char path[] = "/tmp/test_publish_spec.XXXXXX";
	FILE *errors = tmpfile();
	int fd = mkstemp(path);
	enum sts_status status;
	size_t len = 0;
	int c;

	assert_non_null(errors);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	status = publish_spec_load(path, errors, out);
	unlink(path);
	rewind(errors);
	for (size_t at = 0; (c = getc(errors)) != EOF; at = c == '\n' ? 0 : at + 1)
		if (at >= strlen(path) + 1 || c == '\n')
			if (len + 1 < cap)
				said[len++] = (char)c;
	said[len] = '\0';
	fclose(errors);
	return status;
}

static void
test_defaults_and_stanzas(void **state)
{
	struct publish_spec *spec;
	const struct publish_domain *a, *b;
	char said[1000];

	(void)state;
	assert_int_equal(load("state_file = /s\n"
	    "rua = mailto:tls@%d https://r.example/%%41\n"
	    "max_age = 2d\n"
	    "domain = A.Example.\n"
	    "domain = b.example\n"
	    "mode = enforce\n"
	    "mx = Mail.B.example, *.backup.example\n"
	    "max_age = 30d\n"
	    "web_host = 192.0.2.1 2001:DB8::1\n"
	    "https_listen = 443 127.0.0.1:8443 [::1]:8443\n"
	    "web_root = /srv/%d/\n", &spec, said, sizeof(said)), STS_OK);
	assert_string_equal(said, "");
	assert_int_equal(spec->count, 2);
	assert_string_equal(spec->state_file, "/s");
	assert_string_equal(spec->dns_server, "");
	a = publish_spec_find(spec, "a.example");
	b = publish_spec_find(spec, "b.example");
	assert_non_null(a);
	assert_non_null(b);
	assert_null(publish_spec_find(spec, "c.example"));
	assert_int_equal(a->mode, STS_MODE_TESTING);
	assert_string_equal(a->mx, "");
	assert_int_equal(a->max_age_ms, 2 * 86400 * 1000LL);
	assert_string_equal(a->rua, "mailto:tls@a.example https://r.example/%41");
	assert_string_equal(a->web_root, "/var/www/mta-sts/a.example");
	assert_string_equal(a->certificate, "/etc/letsencrypt/live/mta-sts.a.example/fullchain.pem");
	assert_string_equal(a->apache_dir, "");
	assert_int_equal(b->mode, STS_MODE_ENFORCE);
	assert_string_equal(b->mx, "mail.b.example *.backup.example");
	assert_int_equal(b->max_age_ms, 30 * 86400 * 1000LL);
	assert_string_equal(b->web_host, "192.0.2.1 2001:db8::1");
	assert_string_equal(b->https_listen, "443 127.0.0.1:8443 [::1]:8443");
	assert_string_equal(b->web_root, "/srv/b.example");
	publish_spec_free(&spec);
	assert_null(spec);
}

/* One mistake each, in line 2. */
static void
test_mistakes(void **state)
{
	static const struct {
		const char *line, *said;
	} rows[] = {
		{ "mode = strict", "mode: \"strict\": must be none, testing or enforce" },
		{ "mx =", "mx: \"\": must not be empty" },
		{ "mx = mail_1.example", "mx: \"mail_1.example\": must be a host name" },
		{ "mx = mail.*.example", "mx: \"mail.*.example\": must be a host name" },
		{ "mx = from-dns mail.example", "mx: \"from-dns\": cannot be combined with patterns" },
		{ "max_age = 0", "max_age: must be between 1h and " },
		{ "max_age = 1w", "max_age: \"1w\" is not a time" },
		{ "max_age = 2000d", "max_age: must be between 1h and " },
		{ "rua = tls@example.com", "rua: \"tls@example.com\": must begin with mailto: or https://" },
		{ "rua = mailto:tls", "rua: \"mailto:tls\": must be mailto:USER@DOMAIN" },
		{ "rua = mailto:@example.com", "rua: \"mailto:@example.com\": must be mailto:USER@DOMAIN" },
		{ "rua = mailto:a@b.example!10m", "rua: \"mailto:a@b.example!10m\": contains a byte" },
		{ "rua = mailto:a@b.example;", "rua: \"mailto:a@b.example;\": contains a byte" },
		{ "rua = mailto:a\"b@c.example", "rua: \"mailto:a\"b@c.example\": contains a byte" },
		{ "rua = mailto:a%40@c.example", "rua: \"mailto:a%40@c.example\": a percent sign must be followed" },
		{ "web_host = 192.0.2.1 web.example", "web_host: \"web.example\": must be IP addresses, or a single host name" },
		{ "web_host = mta-sts.A.example", "web_host: \"mta-sts.A.example\": is the policy host" },
		{ "web_host = a_b.example", "web_host: \"a_b.example\": must be IP addresses" },
		{ "https_listen = 0", "https_listen: \"0\": must be PORT" },
		{ "https_listen = localhost:443", "https_listen: \"localhost:443\": must be PORT" },
		{ "https_listen = ::1:443", "https_listen: \"::1:443\": must be PORT" },
		{ "https_listen = [192.0.2.1]:443", "https_listen: \"[192.0.2.1]:443\": must be PORT" },
		{ "https_listen = 443;", "https_listen: \"443;\": must be PORT" },
		{ "web_root = www", "web_root: \"www\": must be an absolute path" },
		{ "web_root =", "web_root: \"\": must be an absolute path" },
		{ "web_root = /w\"; evil", "web_root: \"/w\"; evil\": a path may contain only" },
		{ "web_root = /w'x", "web_root: \"/w'x\": a path may contain only" },
		{ "web_root = /$HOME", "web_root: \"/$HOME\": a path may contain only" },
		{ "web_root = /a\\b", "web_root: \"/a\\b\": a path may contain only" },
		{ "web_root = /%x", "web_root: \"/%x\": a percent sign must be followed" },
		{ "web_root = /%", "web_root: \"/%\": a percent sign must be followed" },
		{ "web_root = /a\001b", "a control character (0x01): this is not a text file" },
		{ "state_file = /x", "state_file: belongs before the first domain" },
		{ "mood = good", "\"mood\": there is no such setting" },
		{ "domain = -.example", "domain: \"-.example\": an empty label" },
		{ "domain = a.example", "domain: \"a.example\": given twice" },
		{ "domain = a b.example", "domain: \"a b.example\": " },
		{ "nonsense", "this is not `name = value'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct publish_spec *spec;
		char text[200], said[1000], want[200];
		enum sts_status status;

		snprintf(text, sizeof(text), "domain = a.example\n%s\n", rows[i].line);
		status = load(text, &spec, said, sizeof(said));
		snprintf(want, sizeof(want), "2: %s", rows[i].said);
		if (status != STS_EINVAL || spec != NULL || strncmp(said, want, strlen(want)) != 0 ||
		    strchr(said, '\n') != strrchr(said, '\n'))
			fail_msg("%s: status %d, said: %s", rows[i].line, (int)status, said);
		publish_spec_free(&spec);
	}
}

static void
test_all_mistakes_at_once(void **state)
{
	struct publish_spec *spec;
	char said[1000];

	(void)state;
	assert_int_equal(load("mode = x\ndns_server = ns.example\ndomain = a.example\nmode = none\nmode = none\nweb_root = x\n"
	    "domain = _\n\n  rest\nmx = *\n", &spec, said, sizeof(said)), STS_EINVAL);
	assert_string_equal(said,
	    "1: mode: \"x\": must be none, testing or enforce\n"
	    "2: dns_server: \"ns.example\": must be an IP address\n"
	    "5: mode: given twice\n"
	    "6: web_root: \"x\": must be an absolute path\n"
	    "7: domain: \"_ rest\": a byte that host names cannot contain\n"
	    "10: mx: \"*\": must be a host name, `*.' and a host name, or from-dns\n");
	assert_int_equal(load("# nothing\n", &spec, said, sizeof(said)), STS_EINVAL);
	assert_string_equal(said, " names no domain\n");
}

static void
test_bounds(void **state)
{
	struct publish_spec *spec;
	char text[20000] = "domain = a.example\nmx =", said[1000];
	size_t len;

	(void)state;
	for (int i = 0; i < PUBLISH_MX_MAX; i++) {
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, " m%d.example", i);
	}
	assert_int_equal(load(text, &spec, said, sizeof(said)), STS_OK);
	publish_spec_free(&spec);
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, " one-more.example");
	assert_int_equal(load(text, &spec, said, sizeof(said)), STS_EINVAL);
	assert_non_null(strstr(said, "too many elements"));
	/* a valid path that becomes too long with this domain */
	len = (size_t)snprintf(text, sizeof(text), "web_root = /");
	memset(text + len, 'x', 900);
	snprintf(text + len + 900, sizeof(text) - len - 900, "/%%d\ndomain = ");
	len = strlen(text);
	for (int i = 0; i < 100; i++, len += 2)
		memcpy(text + len, "a.", 2);
	memcpy(text + len, "example\n", 9);
	assert_int_equal(load(text, &spec, said, sizeof(said)), STS_EINVAL);
	assert_non_null(strstr(said, "2: web_root: "));
	assert_non_null(strstr(said, "too long"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_and_stanzas),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_all_mistakes_at_once),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
