/* SPDX-License-Identifier: ISC */
/* fixes.c - the texts. They assume that certificates are where certbot puts them. */
#include "config.h"

#include "stsctl/findings/fixes.h"

#include <stdbool.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/domain.h"

#define SMTP_CHAIN \
	"postconf -e 'smtpd_tls_chain_files = /etc/letsencrypt/live/@/privkey.pem, /etc/letsencrypt/live/@/fullchain.pem'\n"
#define NGINX_CHAIN(indent) \
	indent "ssl_certificate /etc/letsencrypt/live/@/fullchain.pem;\n" \
	indent "ssl_certificate_key /etc/letsencrypt/live/@/privkey.pem;\n"
#define APACHE_CHAIN(indent) \
	indent "SSLCertificateFile /etc/letsencrypt/live/@/fullchain.pem\n" \
	indent "SSLCertificateKeyFile /etc/letsencrypt/live/@/privkey.pem\n"

/* Replaces each @ of the template by host. Names from DNS may hold anything that a shell interprets: such names get no lines. */
static const char *
fill(const char *template, const char *host, char out[FIX_CAP])
{
	char domain[STS_DOMAIN_CAP];
	struct sts_text text;
	size_t n;

	sts_text_init(&text, out, FIX_CAP);
	if (sts_domain_normalise(host, strlen(host), domain) != STS_DOMAIN_OK)
		return out;
	for (const char *p = template; *p != '\0'; p += n) {
		n = strcspn(p, "@");
		sts_text_add_bytes(&text, p, n);
		if (p[n] == '@') {
			sts_text_add(&text, domain);
			n++;
		}
	}
	if (text.len > 0 && out[text.len - 1] == '\n')
		out[text.len - 1] = '\0';	/* the caller ends the line */
	return out;
}

const char *
fix_web_certificate(const char *host, char out[FIX_CAP])
{
	return fill("certbot certonly -d @    # or: certbot renew; then reload the web server\n"
	    "# nginx\n" NGINX_CHAIN("")
	    "# Apache\n" APACHE_CHAIN(""), host, out);
}

const char *
fix_web_versions(const char *host, char out[FIX_CAP])
{
	return fill("# nginx\n"
	    "server_name @;\n"
	    "ssl_protocols TLSv1.2 TLSv1.3;\n"
	    "# Apache\n"
	    "ServerName @\n"
	    "SSLProtocol -all +TLSv1.2 +TLSv1.3", host, out);
}

const char *
fix_web_location(const char *host, char out[FIX_CAP])
{
	return fill("# nginx\n"
	    "server {\n"
	    "    listen 443 ssl;\n"
	    "    listen [::]:443 ssl;\n"
	    "    server_name @;\n"
	    NGINX_CHAIN("    ")
	    "    location = /.well-known/mta-sts.txt {\n"
	    "        alias /var/www/@/.well-known/mta-sts.txt;\n"
	    "        types { }\n"
	    "        default_type text/plain;\n"
	    "    }\n"
	    "}\n"
	    "# Apache\n"
	    "<VirtualHost *:443>\n"
	    "    ServerName @\n"
	    "    DocumentRoot /var/www/@\n"
	    "    SSLEngine on\n"
	    APACHE_CHAIN("    ")
	    "    <Files mta-sts.txt>\n"
	    "        ForceType text/plain\n"
	    "    </Files>\n"
	    "</VirtualHost>", host, out);
}

const char *
fix_smtp_certificate(const char *host, char out[FIX_CAP])
{
	return fill("certbot certonly -d @    # or: certbot renew\n"
	    SMTP_CHAIN
	    "postfix reload", host, out);
}

const char *
fix_smtp_starttls(const char *host, char out[FIX_CAP])
{
	return fill("postconf -e 'smtpd_tls_security_level = may'\n"
	    SMTP_CHAIN
	    "postfix reload", host, out);
}

const char *
fix_smtp_versions(const char *host, char out[FIX_CAP])
{
	return fill("# on @\n"
	    "postconf -e 'smtpd_tls_protocols = >=TLSv1.2' 'smtpd_tls_mandatory_protocols = >=TLSv1.2'\n"
	    "postfix reload", host, out);
}

const char *
fix_smtp_ciphers(const char *host, char out[FIX_CAP])
{
	return fill("# on @\n"
	    "postconf -e 'smtpd_tls_ciphers = medium' 'smtpd_tls_exclude_ciphers = aNULL, eNULL, EXPORT, RC4, DES, 3DES'\n"
	    "postfix reload", host, out);
}

/* Whether a name has only the bytes of host names, underscores included. */
static bool
is_plain(const char *name)
{
	for (const char *c = name; *c != '\0'; c++)
		if (!sts_ascii_is_alnum(*c) && *c != '-' && *c != '_' && *c != '.')
			return false;
	return name[0] != '\0';
}

const char *
fix_tlsa(const char *owner, const uint8_t key[FIX_KEY_DIGEST_LEN], char out[FIX_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, FIX_CAP);
	if (!is_plain(owner))
		return out;
	sts_text_addf(&text, "%s. IN TLSA 3 1 1 ", owner);
	for (size_t i = 0; i < FIX_KEY_DIGEST_LEN; i++)
		sts_text_addf(&text, "%02x", key[i]);
	return out;
}
