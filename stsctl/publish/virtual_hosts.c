/* SPDX-License-Identifier: ISC */
/* virtual_hosts.c - virtual hosts of Apache 2.4 and nginx. */
#include "config.h"

#include <string.h>

#include "stsctl/publish/virtual_hosts.h"

#define CHALLENGES "/.well-known/acme-challenge/"

static void
begin_file(const struct publish_domain *d, const char *what, FILE *to)
{
	fprintf(to, "# mta-sts.%s, %s. Made by stsctl publish, which replaces it.\n", d->name, what);
}

void
publish_certbot(const struct publish_domain *d, FILE *to)
{
	fprintf(to, "certbot certonly --webroot -w '%s' -d 'mta-sts.%s'", d->web_root, d->name);
}

/* ---- Apache ---- */

static void
apache_begin(const struct publish_domain *d, const char *listen, FILE *to)
{
	const char *rest = listen, *element;
	size_t len;

	fputs("<VirtualHost", to);
	while ((element = publish_list_next(&rest, &len)) != NULL)
		fprintf(to, memchr(element, ':', len) != NULL ? " %.*s" : " *:%.*s", (int)len, element);
	fprintf(to, ">\n"
	    "	ServerName mta-sts.%s\n"
	    "	DocumentRoot \"%s\"\n"
	    "	<Directory \"%s\">\n"
	    "		Options None\n"
	    "		AllowOverride None\n"
	    "		Require all denied\n"
	    "	</Directory>\n", d->name, d->web_root, d->web_root);
}

/* The log format is spelt out, because its nickname is Debian's, and a server that does not know it would log the nickname. */
static void
apache_end(const struct publish_domain *d, const char *kind, FILE *to)
{
	const char *dir = d->log_dir[0] != '\0' ? d->log_dir : "${APACHE_LOG_DIR}";

	fprintf(to, "	ErrorLog \"%s/mta-sts.%s_%serror.log\"\n"
	    "	CustomLog \"%s/mta-sts.%s_%saccess.log\" \"%%v:%%p %%h %%l %%u %%t \\\"%%r\\\" %%>s %%b "
	    "\\\"%%{Referer}i\\\" \\\"%%{User-Agent}i\\\"\"\n"
	    "</VirtualHost>\n", dir, d->name, kind, dir, d->name, kind);
}

void
publish_apache_http(const struct publish_domain *d, FILE *to)
{
	begin_file(d, "HTTP: certbot's challenges, and a redirect", to);
	fputs("# The certificate, once this is loaded:\n#   ", to);
	publish_certbot(d, to);
	fputs(" --deploy-hook 'systemctl reload apache2'\n", to);
	apache_begin(d, d->http_listen, to);
	fprintf(to, "	<Location \"" CHALLENGES "\">\n"
	    "		Require all granted\n"
	    "	</Location>\n"
	    "	RedirectMatch permanent \"^(?!/\\.well-known/acme-challenge/)(.*)$\" \"https://mta-sts.%s$1\"\n", d->name);
	apache_end(d, "http_", to);
}

void
publish_apache_https(const struct publish_domain *d, FILE *to)
{
	begin_file(d, "HTTPS: the policy, and nothing else", to);
	apache_begin(d, d->https_listen, to);
	fprintf(to, "	<Location \"" PUBLISH_POLICY_PATH "\">\n"
	    "		Require all granted\n"
	    "		ForceType text/plain\n"
	    "	</Location>\n"
	    "	SSLEngine on\n"
	    "	SSLProtocol -all +TLSv1.2 +TLSv1.3\n"
	    "	SSLCertificateFile \"%s\"\n"
	    "	SSLCertificateKeyFile \"%s\"\n", d->certificate, d->certificate_key);
	apache_end(d, "", to);
}

/* ---- nginx ---- */

/* A bare port means IPv4 and IPv6. nginx needs a line for each, Apache does not. */
static void
nginx_begin(const struct publish_domain *d, const char *listen, const char *kind, FILE *to)
{
	const char *rest = listen, *element;
	size_t len;

	fputs("server {\n", to);
	while ((element = publish_list_next(&rest, &len)) != NULL) {
		fprintf(to, "	listen %.*s%s;\n", (int)len, element, kind);
		if (memchr(element, ':', len) == NULL)
			fprintf(to, "	listen [::]:%.*s%s;\n", (int)len, element, kind);
	}
	fprintf(to, "	server_name mta-sts.%s;\n", d->name);
}

static void
nginx_end(const struct publish_domain *d, const char *kind, FILE *to)
{
	const char *dir = d->log_dir[0] != '\0' ? d->log_dir : "/var/log/nginx";

	fprintf(to, "	access_log \"%s/mta-sts.%s_%saccess.log\" combined;\n"
	    "	error_log \"%s/mta-sts.%s_%serror.log\";\n"
	    "}\n", dir, d->name, kind, dir, d->name, kind);
}

void
publish_nginx_http(const struct publish_domain *d, FILE *to)
{
	begin_file(d, "HTTP: certbot's challenges, and a redirect", to);
	fputs("# The certificate, once this is loaded:\n#   ", to);
	publish_certbot(d, to);
	fputs(" --deploy-hook 'systemctl reload nginx'\n", to);
	nginx_begin(d, d->http_listen, "", to);
	fprintf(to, "	location ^~ " CHALLENGES " {\n"
	    "		root \"%s\";\n"
	    "		default_type text/plain;\n"
	    "	}\n"
	    "	location / {\n"
	    "		return 301 https://mta-sts.%s$request_uri;\n"
	    "	}\n", d->web_root, d->name);
	nginx_end(d, "http_", to);
}

void
publish_nginx_https(const struct publish_domain *d, FILE *to)
{
	begin_file(d, "HTTPS: the policy, and nothing else", to);
	nginx_begin(d, d->https_listen, " ssl", to);
	fprintf(to, "	ssl_protocols TLSv1.2 TLSv1.3;\n"
	    "	ssl_certificate \"%s\";\n"
	    "	ssl_certificate_key \"%s\";\n"
	    "	location = " PUBLISH_POLICY_PATH " {\n"
	    "		root \"%s\";\n"
	    "		types { }\n"
	    "		default_type text/plain;\n"
	    "	}\n"
	    "	location / {\n"
	    "		return 404;\n"
	    "	}\n", d->certificate, d->certificate_key, d->web_root);
	nginx_end(d, "", to);
}
