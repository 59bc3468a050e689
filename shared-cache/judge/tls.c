/* SPDX-License-Identifier: ISC */
/* tls.c - rates a session's TLS. Knows the names of versions and ciphers, nothing of policies or mail. */
#include "config.h"

#include "shared-cache/judge/tls.h"

#include <string.h>
#include <strings.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

enum {
	RANK_SSL = 1,
	RANK_TLS_1_0 = 2,	/* TLSv1.N ranks N above it */
	RANK_MAJOR = 100,	/* TLSv2 and later rank above every TLSv1.NN */
};

/* No encryption or no authentication: whatever the operator configures, no policy would call this TLS.
 * OpenSSL's names, and IANA's for MTAs with another library. The last two are RFC 9150's, which only authenticate. */
static const char *const never_adequate[] = {
	"*NULL*", "ADH-*", "AECDH-*", "*_anon_*", "*-anon-*", "EXP-*", "EXP1024-*", "*EXPORT*",
	"TLS_SHA256_SHA256", "TLS_SHA384_SHA384", NULL,
};

/* Parses the len bytes at s as digits; false when there are none, too many, or other bytes. */
static bool
parse_number(const char *s, size_t len, int *out)
{
	unsigned long long n;

	if (!sts_text_parse_u64(s, len, 2, &n))
		return false;
	*out = (int)n;
	return true;
}

int
sts_tls_version_rank(const char *name)
{
	static const char prefix[] = "TLSv";
	const char *major_text, *dot;
	int major, minor = 0;

	if (strcmp(name, "SSLv2") == 0 || strcmp(name, "SSLv3") == 0)
		return RANK_SSL;
	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	major_text = name + sizeof(prefix) - 1;
	dot = strchr(major_text, '.');
	if (dot != NULL && !parse_number(dot + 1, strlen(dot + 1), &minor))
		return 0;
	if (!parse_number(major_text, dot != NULL ? (size_t)(dot - major_text) : strlen(major_text), &major) || major == 0)
		return 0;
	return (major - 1) * RANK_MAJOR + RANK_TLS_1_0 + minor;
}

/* A bit for a character, ignoring case. Some characters share a bit, which is harmless here. */
static uint64_t
bit_of(char c)
{
	return UINT64_C(1) << (sts_ascii_upper(c) & 63);
}

static uint64_t
characters_of(const char *s, size_t len)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < len; i++)
		bits |= bit_of(s[i]);
	return bits;
}

static bool
are_all_among(const char *s, size_t len, uint64_t characters)
{
	for (size_t i = 0; i < len; i++)
		if ((bit_of(s[i]) & characters) == 0)
			return false;
	return true;
}

static bool
contains_nocase(const char *s, size_t slen, const char *part, size_t len)
{
	for (size_t i = 0; i + len <= slen; i++)
		if (strncasecmp(s + i, part, len) == 0)
			return true;
	return false;
}

/* A `*` at either end matches anything; without one, the pattern is the whole name. */
static bool
pattern_matches(const char *pattern, const char *name, size_t nlen, uint64_t characters)
{
	size_t plen = strlen(pattern);
	bool open_start = plen > 0 && pattern[0] == '*';
	bool open_end = plen > (open_start ? 1u : 0u) && pattern[plen - 1] == '*';
	const char *core = pattern + (open_start ? 1 : 0);
	size_t clen = plen - (open_start ? 1 : 0) - (open_end ? 1 : 0);

	/* Every message is matched against all patterns, and mostly the cipher lacks some of the pattern's characters. */
	if (!are_all_among(core, clen, characters))
		return false;
	if (open_start && open_end)
		return contains_nocase(name, nlen, core, clen);
	if (clen > nlen || (!open_start && !open_end && clen != nlen))
		return false;
	return strncasecmp(open_start ? name + nlen - clen : name, core, clen) == 0;
}

static bool
any_matches(const char *const *patterns, const char *name)
{
	const size_t len = strlen(name);
	const uint64_t characters = characters_of(name, len);

	if (patterns == NULL || len == 0)
		return false;
	for (; *patterns != NULL; patterns++) {
		if (pattern_matches(*patterns, name, len, characters))
			return true;
	}
	return false;
}

static bool
cipher_is_weak(const struct sts_tls *tls, const struct sts_tls_rules *rules)
{
	if (tls->bits == 0 || (tls->bits > 0 && tls->bits < rules->min_bits))
		return true;
	return any_matches(never_adequate, tls->cipher) || any_matches(rules->weak_ciphers, tls->cipher);
}

enum sts_reason
sts_tls_rate(const struct sts_tls *tls, const struct sts_tls_rules *rules)
{
	int rank;

	if (tls->state == STS_TLS_UNKNOWN)
		return STS_REASON_TLS_UNKNOWN;
	if (tls->state == STS_TLS_NONE)
		return STS_REASON_PLAINTEXT;
	rank = sts_tls_version_rank(tls->version);
	if (rank != 0 && rank < rules->min_version)
		return STS_REASON_TLS_VERSION;
	if (cipher_is_weak(tls, rules))
		return STS_REASON_CIPHER;
	/* A version that we do not know is not held against anybody. */
	return rank == 0 ? STS_REASON_TLS_UNKNOWN : STS_REASON_NONE;
}

const char *
sts_tls_name(const struct sts_tls *tls)
{
	if (tls->state == STS_TLS_NONE)
		return "none";
	if (tls->state == STS_TLS_UNKNOWN || tls->version[0] == '\0')
		return "unknown";
	return tls->version;
}

static const char *const known_names[STS_TLS_KNOWN] = { "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "none", "unknown" };

unsigned
sts_tls_known(const struct sts_tls *tls)
{
	const char *name = sts_tls_name(tls);
	unsigned i = 0;

	while (i < STS_TLS_KNOWN && strcmp(name, known_names[i]) != 0)
		i++;
	return i;
}

const char *
sts_tls_known_name(unsigned known)
{
	return known < STS_TLS_KNOWN ? known_names[known] : "other";
}
