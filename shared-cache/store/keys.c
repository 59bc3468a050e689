/* SPDX-License-Identifier: ISC */
/* keys.c - names of keys. Knows neither commands nor values. */
#include "config.h"

#include "shared-cache/store/keys.h"

#include <assert.h>
#include <stddef.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/names/domain.h"

bool
sts_keys_prefix_fits(const char *prefix)
{
	return strlen(prefix) <= STS_PREFIX_MAX;
}

/* Any other string could name any key of the server. */
static bool
is_domain(const char *domain)
{
	char normal[STS_DOMAIN_CAP];

	return sts_domain_normalise(domain, strlen(domain), normal) == STS_DOMAIN_OK && strcmp(domain, normal) == 0;
}

static char *write_key(char out[STS_KEY_CAP], const char *format, ...) __attribute__((format(printf, 2, 3)));

static char *
write_key(char out[STS_KEY_CAP], const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(out, STS_KEY_CAP, format, ap);
	va_end(ap);
	assert(n > 0 && n < STS_KEY_CAP);
	return out;
}

char *
sts_key_policy(const char *prefix, const char *domain, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%spolicy:{%s}", prefix, domain);
}

char *
sts_key_lock(const char *prefix, const char *domain, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%slock:{%s}", prefix, domain);
}

char *
sts_key_stats(const char *prefix, const char *day, char out[STS_KEY_CAP])
{
	return write_key(out, "%sstats%s%s", prefix, day != NULL ? ":" : "", day != NULL ? day : "");
}

char *
sts_key_domain(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%sdomain:{%s}%s%s", prefix, domain, day != NULL ? ":" : "", day != NULL ? day : "");
}

char *
sts_key_history(const char *prefix, const char *domain, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%shistory:{%s}", prefix, domain);
}

char *
sts_key_domains(const char *prefix, char out[STS_KEY_CAP])
{
	return write_key(out, "%sdomains", prefix);
}

char *
sts_key_evidence(const char *prefix, char out[STS_KEY_CAP])
{
	return write_key(out, "%sevidence", prefix);
}

char *
sts_key_node(const char *prefix, const char *node, char out[STS_KEY_CAP])
{
	return write_key(out, "%snode:{%.255s}", prefix, node);
}

char *
sts_key_nodes(const char *prefix, char out[STS_KEY_CAP])
{
	return write_key(out, "%snodes", prefix);
}

char *
sts_key_invalidate(const char *prefix, char out[STS_KEY_CAP])
{
	return write_key(out, "%sinvalidate", prefix);
}

char *
sts_key_control(const char *prefix, char out[STS_KEY_CAP])
{
	return write_key(out, "%scontrol", prefix);
}

char *
sts_key_invalidated(const char *prefix, char out[STS_KEY_CAP])
{
	return write_key(out, "%sinvalidated", prefix);
}

char *
sts_key_report(const char *prefix, const char *domain, const char *day, bool verified, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%sreport:{%s}%s%s%s", prefix, domain, day != NULL ? ":" : "", day != NULL ? day : "",
	    verified ? "" : ":unverified");
}

char *
sts_key_reports_seen(const char *prefix, const char *domain, const char *day, bool verified, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%sreports:seen:{%s}:%s%s", prefix, domain, day, verified ? "" : ":unverified");
}

char *
sts_key_reports(const char *prefix, char out[STS_KEY_CAP])
{
	return write_key(out, "%sreports", prefix);
}

char *
sts_key_sent(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%ssent:{%s}%s%s", prefix, domain, day != NULL ? ":" : "", day != NULL ? day : "");
}

char *
sts_key_sent_report(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%ssent:{%s}:%s:report", prefix, domain, day);
}

char *
sts_key_sent_mailed(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%ssent:{%s}:%s:mailed", prefix, domain, day);
}

char *
sts_key_sent_lock(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return write_key(out, "%ssent:{%s}:%s:lock", prefix, domain, day);
}

char *
sts_key_sent_domains(const char *prefix, char out[STS_KEY_CAP])
{
	return write_key(out, "%ssent", prefix);
}

/* ---- finding policies ---- */

char *
sts_key_policy_pattern(const char *prefix, char out[STS_KEY_PATTERN_CAP])
{
	char *to = out;

	assert(sts_keys_prefix_fits(prefix));
	for (; *prefix != '\0'; prefix++) {
		if (strchr("*?[]\\^", *prefix) != NULL)
			*to++ = '\\';
		*to++ = *prefix;
	}
	strcpy(to, "policy:{*}");
	return out;
}

bool
sts_key_policy_domain(const char *prefix, const char *key, size_t len, char out[STS_DOMAIN_CAP])
{
	static const char word[] = "policy:{";
	size_t before = strlen(prefix) + sizeof(word) - 1;

	out[0] = '\0';
	if (len < before + 2 || key[len - 1] != '}' || memcmp(key, prefix, strlen(prefix)) != 0 ||
	    memcmp(key + strlen(prefix), word, sizeof(word) - 1) != 0)
		return false;
	len -= before + 1;
	return sts_domain_normalise(key + before, len, out) == STS_DOMAIN_OK && strlen(out) == len &&
	    memcmp(out, key + before, len) == 0;
}

/* ---- what has been applied. The slot of a key without braces depends on its whole name, so that name goes into the braces ---- */

static char *
applied_beside(const char *prefix, const char *neighbour, const char *incarnation, char out[STS_KEY_CAP])
{
	return write_key(out, "%sapplied:{%s}:%s", prefix, neighbour, incarnation);
}

char *
sts_key_applied_stats(const char *prefix, const char *day, const char *incarnation, char out[STS_KEY_CAP])
{
	char stats[STS_KEY_CAP];

	return applied_beside(prefix, sts_key_stats(prefix, day, stats), incarnation, out);
}

char *
sts_key_applied_domain(const char *prefix, const char *domain, const char *incarnation, char out[STS_KEY_CAP])
{
	assert(is_domain(domain));
	return applied_beside(prefix, domain, incarnation, out);
}

char *
sts_key_applied_evidence(const char *prefix, const char *incarnation, char out[STS_KEY_CAP])
{
	char evidence[STS_KEY_CAP];

	return applied_beside(prefix, sts_key_evidence(prefix, evidence), incarnation, out);
}

/* ---- patterns: `domain:` matches the keys of sender domains, but not `domains` ---- */

char *
sts_key_pattern(const char *prefix, enum sts_key_kind kind, char out[STS_KEY_CAP])
{
	static const char *const words[] = {
		[STS_KEYS_ALL] = "",
		[STS_KEYS_POLICIES] = "policy:",
		[STS_KEYS_DOMAINS] = "domain:",
	};

	return write_key(out, "%s%s*", prefix, words[kind]);
}
