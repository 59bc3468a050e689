/* SPDX-License-Identifier: ISC */
/* required_tls.c - parses a socketmap's reply like Postfix, and compares names with it. */
#include "config.h"

#include "stsctl/sendtest/required_tls.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/x509v3.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/policy/policy.h"

static const char match_is[] = " match=", pattern_is[] = " mx_host_pattern=";

/* ---- the reply ---- */

static enum sts_send_level
level_of(const char *word, size_t len)
{
	for (unsigned level = STS_SEND_NONE; level < STS_SEND_LEVELS; level++) {
		const char *name = sts_send_level_name(level);

		if (strlen(name) == len && memcmp(name, word, len) == 0)
			return (enum sts_send_level)level;
	}
	return STS_SEND_DEFAULT;
}

enum sts_send_level
required_tls_level(const char *name)
{
	return level_of(name, strlen(name));
}

/* The reply also contains lines of the policy, but these cannot contain a `=' (socketmap_answer_text.c). */
bool
required_tls_read(const char *reply, const char *domain, enum sts_send_level by_default, struct required_tls *out)
{
	const char *match, *word = reply + 3;

	*out = (struct required_tls){ .level = by_default, .domain = domain };
	if (strncmp(reply, "NOTFOUND ", 9) == 0) {
		out->by_default = true;
		return true;
	}
	if (strncmp(reply, "TEMP ", 5) == 0) {
		out->defers = true;
		return true;
	}
	if (strncmp(reply, "OK ", 3) != 0)
		return false;
	out->level = level_of(word, strcspn(word, " "));
	match = strstr(word, match_is);
	out->match = match != NULL ? match + strlen(match_is) : NULL;
	out->patterns = out->level == STS_SEND_SECURE ? strstr(word, pattern_is) : NULL;
	return out->level != STS_SEND_DEFAULT;
}

/* ---- hosts and names ---- */

bool
required_tls_allows_host(const struct required_tls *required, const char *host)
{
	char pattern[STS_DOMAIN_CAP + 2];

	if (required->patterns == NULL)
		return true;
	for (const char *at = required->patterns; at != NULL; at = strstr(at, pattern_is)) {
		size_t len;

		at += strlen(pattern_is);
		len = strcspn(at, " ");
		if (len >= sizeof(pattern))
			continue;
		memcpy(pattern, at, len);
		pattern[len] = '\0';
		if (sts_policy_mx_matches(pattern, host))
			return true;
	}
	return false;
}

static bool
is_below(const char *name, const char *suffix, size_t len)
{
	size_t name_len = strlen(name);

	return name_len > len && strncasecmp(name + name_len - len, suffix, len) == 0;
}

/* wanted: "mx.example", or ".example" for all names below it. `*' in a certificate stands for one label, as usual. */
static bool
fits(const char *name, const char *wanted, size_t len)
{
	const char *dot;

	if (len > 0 && wanted[0] == '.')
		return is_below(name, wanted, len);
	if (strlen(name) == len && strncasecmp(name, wanted, len) == 0)
		return true;
	dot = memchr(wanted, '.', len);
	if (strncmp(name, "*.", 2) != 0 || dot == NULL)
		return false;
	return strlen(name + 1) == len - (size_t)(dot - wanted) && strncasecmp(name + 1, dot, strlen(name + 1)) == 0;
}

bool
required_tls_allows_name(const struct required_tls *required, const char *host, const char *name)
{
	char own[2 * STS_DOMAIN_CAP + 2];
	const char *at = required->match;

	if (required->patterns != NULL)
		return fits(name, host, strlen(host));
	if (at == NULL) {
		/* smtp_tls_secure_cert_match = nexthop, dot-nexthop */
		snprintf(own, sizeof(own), "%s:.%s", required->domain, required->domain);
		at = own;
	}
	for (;;) {
		size_t len = strcspn(at, ": ");

		if (len > 0 && fits(name, at, len))
			return true;
		at += len;
		if (*at != ':')
			return false;
		at++;
	}
}

bool
required_tls_allows_certificate(const struct required_tls *required, const char *host, const X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *each = sk_GENERAL_NAME_value(names, i);
		char name[STS_DOMAIN_CAP + 2];
		size_t len;

		if (each->type != GEN_DNS)
			continue;
		len = (size_t)ASN1_STRING_length(each->d.dNSName);
		if (len == 0 || len >= sizeof(name))
			continue;
		memcpy(name, ASN1_STRING_get0_data(each->d.dNSName), len);
		name[len] = '\0';
		/* a NUL inside the name would be an attack */
		found = strlen(name) == len && required_tls_allows_name(required, host, name);
	}
	GENERAL_NAMES_free(names);
	return found;
}
