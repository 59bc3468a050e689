/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/publish/publish_files.h"
#include "stsctl/publish/virtual_hosts.h"

static char empty[] = "", listen_http[] = "80", listen_https[] = "443 192.0.2.7:8443 [2001:db8::7]:8443",
    log_dir[] = "/var/log/my site",
    root[] = "/srv/my site/example.com", certificate[] = "/etc/ssl/c.pem", key[] = "/etc/ssl/k.pem", apache[] = "/a",
    dns_dir[] = "/d",
    addresses[] = "192.0.2.1 2001:db8::1", alias[] = "web.example.net", one_uri[] = "mailto:tls@example.com";

static struct publish_domain
plain(void)
{
	return (struct publish_domain){ .name = "example.com", .mode = STS_MODE_TESTING, .mx = empty, .rua = one_uri,
		.web_host = addresses, .ttl_ms = 3600000, .web_root = root, .certificate = certificate, .certificate_key = key,
		.http_listen = listen_http, .https_listen = listen_https, .log_dir = log_dir, .apache_dir = apache,
		.nginx_dir = empty, .dns_dir = dns_dir };
}

typedef void render_fn(const struct publish_domain *domain, FILE *to);

static void
assert_renders(render_fn *render, const struct publish_domain *domain, const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	render(domain, to);
	fclose(to);
	assert_string_equal(text, want);
	free(text);
}

static void
test_apache(void **state)
{
	const struct publish_domain d = plain();

	(void)state;
	assert_renders(publish_apache_http, &d,
	    "# mta-sts.example.com, HTTP: certbot's challenges, and a redirect. Made by stsctl publish, which replaces it.\n"
	    "# The certificate, once this is loaded:\n"
	    "#   certbot certonly --webroot -w '/srv/my site/example.com' -d 'mta-sts.example.com' "
	    "--deploy-hook 'systemctl reload apache2'\n"
	    "<VirtualHost *:80>\n"
	    "	ServerName mta-sts.example.com\n"
	    "	DocumentRoot \"/srv/my site/example.com\"\n"
	    "	<Directory \"/srv/my site/example.com\">\n"
	    "		Options None\n"
	    "		AllowOverride None\n"
	    "		Require all denied\n"
	    "	</Directory>\n"
	    "	<Location \"/.well-known/acme-challenge/\">\n"
	    "		Require all granted\n"
	    "	</Location>\n"
	    "	RedirectMatch permanent \"^(?!/\\.well-known/acme-challenge/)(.*)$\" \"https://mta-sts.example.com$1\"\n"
	    "	ErrorLog \"/var/log/my site/mta-sts.example.com_http_error.log\"\n"
	    "	CustomLog \"/var/log/my site/mta-sts.example.com_http_access.log\" \"%v:%p %h %l %u %t \\\"%r\\\" %>s %b "
	    "\\\"%{Referer}i\\\" \\\"%{User-Agent}i\\\"\"\n"
	    "</VirtualHost>\n");
	assert_renders(publish_apache_https, &d,
	    "# mta-sts.example.com, HTTPS: the policy, and nothing else. Made by stsctl publish, which replaces it.\n"
	    "<VirtualHost *:443 192.0.2.7:8443 [2001:db8::7]:8443>\n"
	    "	ServerName mta-sts.example.com\n"
	    "	DocumentRoot \"/srv/my site/example.com\"\n"
	    "	<Directory \"/srv/my site/example.com\">\n"
	    "		Options None\n"
	    "		AllowOverride None\n"
	    "		Require all denied\n"
	    "	</Directory>\n"
	    "	<Location \"/.well-known/mta-sts.txt\">\n"
	    "		Require all granted\n"
	    "		ForceType text/plain\n"
	    "	</Location>\n"
	    "	SSLEngine on\n"
	    "	SSLProtocol -all +TLSv1.2 +TLSv1.3\n"
	    "	SSLCertificateFile \"/etc/ssl/c.pem\"\n"
	    "	SSLCertificateKeyFile \"/etc/ssl/k.pem\"\n"
	    "	ErrorLog \"/var/log/my site/mta-sts.example.com_error.log\"\n"
	    "	CustomLog \"/var/log/my site/mta-sts.example.com_access.log\" \"%v:%p %h %l %u %t \\\"%r\\\" %>s %b "
	    "\\\"%{Referer}i\\\" \\\"%{User-Agent}i\\\"\"\n"
	    "</VirtualHost>\n");
}

static void
test_nginx(void **state)
{
	struct publish_domain d = plain();

	(void)state;
	d.log_dir = empty;
	assert_renders(publish_nginx_http, &d,
	    "# mta-sts.example.com, HTTP: certbot's challenges, and a redirect. Made by stsctl publish, which replaces it.\n"
	    "# The certificate, once this is loaded:\n"
	    "#   certbot certonly --webroot -w '/srv/my site/example.com' -d 'mta-sts.example.com' "
	    "--deploy-hook 'systemctl reload nginx'\n"
	    "server {\n"
	    "	listen 80;\n"
	    "	listen [::]:80;\n"
	    "	server_name mta-sts.example.com;\n"
	    "	location ^~ /.well-known/acme-challenge/ {\n"
	    "		root \"/srv/my site/example.com\";\n"
	    "		default_type text/plain;\n"
	    "	}\n"
	    "	location / {\n"
	    "		return 301 https://mta-sts.example.com$request_uri;\n"
	    "	}\n"
	    "	access_log \"/var/log/nginx/mta-sts.example.com_http_access.log\" combined;\n"
	    "	error_log \"/var/log/nginx/mta-sts.example.com_http_error.log\";\n"
	    "}\n");
	assert_renders(publish_nginx_https, &d,
	    "# mta-sts.example.com, HTTPS: the policy, and nothing else. Made by stsctl publish, which replaces it.\n"
	    "server {\n"
	    "	listen 443 ssl;\n"
	    "	listen [::]:443 ssl;\n"
	    "	listen 192.0.2.7:8443 ssl;\n"
	    "	listen [2001:db8::7]:8443 ssl;\n"
	    "	server_name mta-sts.example.com;\n"
	    "	ssl_protocols TLSv1.2 TLSv1.3;\n"
	    "	ssl_certificate \"/etc/ssl/c.pem\";\n"
	    "	ssl_certificate_key \"/etc/ssl/k.pem\";\n"
	    "	location = /.well-known/mta-sts.txt {\n"
	    "		root \"/srv/my site/example.com\";\n"
	    "		types { }\n"
	    "		default_type text/plain;\n"
	    "	}\n"
	    "	location / {\n"
	    "		return 404;\n"
	    "	}\n"
	    "	access_log \"/var/log/nginx/mta-sts.example.com_access.log\" combined;\n"
	    "	error_log \"/var/log/nginx/mta-sts.example.com_error.log\";\n"
	    "}\n");
}

static void
test_dns(void **state)
{
	struct publish_domain with_addresses = plain(), with_alias = plain(), bare = plain();
	const struct {
		const struct publish_domain *domain;
		const char *server;
		enum publish_records which;
		bool any;
		const char *zone, *nsupdate;
	} rows[] = {
		{ &with_addresses, "", PUBLISH_HOST_RECORDS, true,
		    "mta-sts.example.com. 3600 IN A 192.0.2.1\n"
		    "mta-sts.example.com. 3600 IN AAAA 2001:db8::1\n"
		    "_smtp._tls.example.com. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:tls@example.com\"\n",
		    "update delete mta-sts.example.com. A\n"
		    "update delete mta-sts.example.com. AAAA\n"
		    "update delete mta-sts.example.com. CNAME\n"
		    "update delete _smtp._tls.example.com. TXT\n"
		    "update add mta-sts.example.com. 3600 IN A 192.0.2.1\n"
		    "update add mta-sts.example.com. 3600 IN AAAA 2001:db8::1\n"
		    "update add _smtp._tls.example.com. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:tls@example.com\"\n"
		    "send\n" },
		{ &with_alias, "192.0.2.53", PUBLISH_HOST_RECORDS, true,
		    "mta-sts.example.com. 60 IN CNAME web.example.net.\n",
		    "server 192.0.2.53\n"
		    "update delete mta-sts.example.com. A\n"
		    "update delete mta-sts.example.com. AAAA\n"
		    "update delete mta-sts.example.com. CNAME\n"
		    "update add mta-sts.example.com. 60 IN CNAME web.example.net.\n"
		    "send\n" },
		{ &bare, "", PUBLISH_HOST_RECORDS, false, "", "send\n" },
		{ &bare, "", PUBLISH_POLICY_RECORD, true,
		    "_mta-sts.example.com. 3600 IN TXT \"v=STSv1; id=20261124T130000Z;\"\n",
		    "update delete _mta-sts.example.com. TXT\n"
		    "update add _mta-sts.example.com. 3600 IN TXT \"v=STSv1; id=20261124T130000Z;\"\n"
		    "send\n" },
		{ &bare, "", PUBLISH_REMOVAL, true, "", "update delete _mta-sts.example.com. TXT\nsend\n" },
		{ &with_alias, "", PUBLISH_REMOVAL, true, "",
		    "update delete _mta-sts.example.com. TXT\n"
		    "update delete mta-sts.example.com. A\n"
		    "update delete mta-sts.example.com. AAAA\n"
		    "update delete mta-sts.example.com. CNAME\n"
		    "send\n" },
	};

	(void)state;
	with_alias.web_host = alias;
	with_alias.rua = empty;
	with_alias.ttl_ms = 60000;
	bare.web_host = empty;
	bare.rua = empty;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct publish_dns dns = { .domain = rows[i].domain, .server = rows[i].server, .id = "20261124T130000Z" };
		char *zone = NULL, *script = NULL;
		size_t len;
		FILE *to = open_memstream(&zone, &len);

		publish_zone_lines(&dns, rows[i].which, to);
		fclose(to);
		to = open_memstream(&script, &len);
		publish_nsupdate(&dns, rows[i].which, to);
		fclose(to);
		if (publish_has_records(&dns, rows[i].which) != rows[i].any || strcmp(zone, rows[i].zone) != 0 ||
		    strcmp(script, rows[i].nsupdate) != 0)
			fail_msg("row %zu:\n%s\n%s", i, zone, script);
		free(zone);
		free(script);
	}
}

/* A character-string has at most 255 bytes; readers join those of a record without a separator. */
static void
test_long_record(void **state)
{
	struct publish_domain d = plain();
	const struct publish_dns dns = { .domain = &d, .server = "", .id = "1" };
	char uris[700], tlsrpt[PUBLISH_TLSRPT_CAP], joined[PUBLISH_TLSRPT_CAP] = "", *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	memset(uris, 'a', sizeof(uris));
	memcpy(uris, "mailto:", 7);
	memcpy(uris + 400, "@example.com mailto:", 20);
	memcpy(uris + 680, "@b.example", 11);
	d.rua = uris;
	d.web_host = empty;
	publish_tlsrpt(&d, tlsrpt);
	assert_int_equal(strncmp(tlsrpt, "v=TLSRPTv1; rua=mailto:aaa", 26), 0);
	assert_non_null(strstr(tlsrpt, "a@example.com,mailto:a"));
	publish_zone_lines(&dns, PUBLISH_HOST_RECORDS, to);
	fclose(to);
	for (const char *quote = strchr(text, '"'); quote != NULL; quote = strchr(quote + 1, '"')) {
		size_t n = strcspn(quote + 1, "\"");

		assert_in_range(n, 1, 255);
		strncat(joined, quote + 1, n);
		quote += n + 1;
	}
	assert_string_equal(joined, tlsrpt);
	free(text);
}

/* The files of one domain, in their order. */
static void
test_places(void **state)
{
	static const struct {
		const char *dir;
		enum publish_stage stage;
		const char *paths;
	} rows[] = {
		{ NULL, PUBLISH_FIRST, "/srv/my site/example.com/.well-known/mta-sts.txt /a/mta-sts.example.com.conf "
		    "/a/mta-sts.example.com-https.conf /d/example.com.1-host.zone /d/example.com.1-host.nsupdate " },
		{ NULL, PUBLISH_LAST, "/d/example.com.2-policy.zone /d/example.com.2-policy.nsupdate " },
		{ NULL, PUBLISH_CLEARING, "/d/example.com.3-removal.nsupdate " },
		{ "out", PUBLISH_FIRST,
		    "out/example.com/mta-sts.txt out/example.com/apache-http.conf out/example.com/apache-https.conf "
		    "out/example.com/nginx-http.conf out/example.com/nginx-https.conf out/example.com/1-host.zone "
		    "out/example.com/1-host.nsupdate " },
		{ "out", PUBLISH_LAST, "out/example.com/2-policy.zone out/example.com/2-policy.nsupdate " },
	};
	const struct publish_domain d = plain();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct publish_target target = { .dir = rows[i].dir, .policy = "policy\r\n",
			.dns = { .domain = &d, .server = "", .id = "1" } };
		struct publish_files files;
		char paths[1000] = "";

		publish_files_make(&target, rows[i].stage, &files);
		assert_false(files.no_memory);
		for (size_t k = 0; k < files.count; k++) {
			strcat(strcat(paths, files.list[k].path), " ");
			assert_int_equal(files.list[k].len, strlen(files.list[k].text));
		}
		assert_string_equal(paths, rows[i].paths);
		if (rows[i].stage == PUBLISH_FIRST)
			assert_string_equal(files.list[0].text, "policy\r\n");
		publish_files_fini(&files);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apache),
		cmocka_unit_test(test_nginx),
		cmocka_unit_test(test_dns),
		cmocka_unit_test(test_long_record),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
