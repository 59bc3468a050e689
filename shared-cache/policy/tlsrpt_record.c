/* SPDX-License-Identifier: ISC */
/* tlsrpt_record.c - picks and parses the TLSRPTv1 record. Knows nothing of DNS. */
#include "config.h"

#include "shared-cache/policy/tlsrpt_record.h"

#include <string.h>

#include "shared-cache/base/ascii.h"

static const struct sts_txtkind tlsrptv1 = { "v=TLSRPTv1", "rua=" };
static const char mailto[] = "mailto:", https[] = "https:";
enum { HOST_AT = sizeof(https) - 1 + 2 };	/* in "https://HOST" */

/* rua holds URIs (RFC 3986), which may contain "=", separated by commas and white space; other fields as in RFC 8461. */
static bool
is_value_byte(struct sts_slice name, char c)
{
	if (sts_slice_is(name, "rua"))
		return c != ';' && ((c > 0x20 && c < 0x7f) || sts_ascii_is_wsp(c));
	return c > 0x20 && c < 0x7f && c != '=' && c != ';';
}

/* Schemes are case-insensitive (RFC 3986 section 3.1). */
static bool
has_scheme(struct sts_slice uri, const char *scheme)
{
	size_t len = strlen(scheme);

	return uri.len >= len && sts_ascii_same_letters(uri.s, scheme, len);
}

static int
hex_digit(char c)
{
	if (sts_ascii_is_digit(c))
		return c - '0';
	c = sts_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986: two hex digits after each "%", and only bytes that a URI may contain. Returns NULL, or the fault. */
static const char *
uri_fault(struct sts_slice uri)
{
	for (size_t i = 0; i < uri.len; i++) {
		if (strchr("\"<>\\^`{|}", uri.s[i]) != NULL)
			return "a byte that must be written as % and two hex digits, in";
		if (uri.s[i] == '%' && (i + 2 >= uri.len || hex_digit(uri.s[i + 1]) < 0 || hex_digit(uri.s[i + 2]) < 0))
			return "% without two hex digits, in";
	}
	return NULL;
}

bool
sts_tlsrpt_mail_domain(struct sts_slice uri, char out[STS_DOMAIN_CAP])
{
	char address[STS_DOMAIN_CAP + 64 + 1];	/* RFC 5321 section 4.5.3.1: local part and domain */
	size_t len = 0;
	const char *at;

	out[0] = '\0';
	if (!has_scheme(uri, mailto))
		return false;
	for (size_t i = sizeof(mailto) - 1; i < uri.len && uri.s[i] != '?'; i++) {
		int high = -1, low = -1;

		if (len == sizeof(address))
			return false;
		if (uri.s[i] == '%') {
			high = i + 1 < uri.len ? hex_digit(uri.s[i + 1]) : -1;
			low = i + 2 < uri.len ? hex_digit(uri.s[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			i += 2;
		}
		address[len++] = high < 0 ? uri.s[i] : (char)(high * 16 + low);
	}
	at = memrchr(address, '@', len);
	if (at == NULL || at == address)
		return false;
	return sts_domain_normalise(at + 1, len - (size_t)(at + 1 - address), out) == STS_DOMAIN_OK;
}

/* Whether a URI that begins with "https:" goes on with "//HOST". */
static bool
has_host(struct sts_slice uri)
{
	return uri.len > HOST_AT && memcmp(uri.s + HOST_AT - 2, "//", 2) == 0 &&
	    (sts_ascii_is_alnum(uri.s[HOST_AT]) || uri.s[HOST_AT] == '[');
}

static bool
has_bracket(const char *from, const char *end)
{
	for (; from < end; from++)
		if (*from == '[' || *from == ']')
			return true;
	return false;
}

/* The end of the host that begins at host; NULL if a bracket is missing, or one too many. */
static const char *
host_end(const char *host, const char *end)
{
	const char *port;

	if (host < end && *host == '[') {
		port = memchr(host, ']', (size_t)(end - host));
		return port != NULL ? port + 1 : NULL;
	}
	port = memchr(host, ':', (size_t)(end - host));
	if (port == NULL)
		port = end;
	return has_bracket(host, port) ? NULL : port;
}

/* What is wrong behind "https://" by RFC 3986 sections 3.2 to 3.5; NULL if nothing. */
static const char *
https_fault(struct sts_slice uri)
{
	const char *at = uri.s + HOST_AT, *end = uri.s + uri.len, *rest = at, *user, *port, *fragment;

	while (rest < end && strchr("/?#", *rest) == NULL)
		rest++;
	user = memrchr(at, '@', (size_t)(rest - at));
	port = host_end(user != NULL ? user + 1 : at, rest);
	if (port == NULL || has_bracket(rest, end))
		return "a bracket that is not around an address, in";
	for (const char *p = port; p < rest; p++)
		if (p == port ? *p != ':' : !sts_ascii_is_digit(*p))
			return "a port that is not a number, in";
	fragment = memchr(rest, '#', (size_t)(end - rest));
	if (fragment != NULL && memchr(fragment + 1, '#', (size_t)(end - fragment - 1)) != NULL)
		return "a second # in";
	return NULL;
}

static bool
has_any_scheme(struct sts_slice uri)
{
	const char *colon = memchr(uri.s, ':', uri.len);

	return colon != NULL && colon > uri.s && !sts_ascii_is_digit(uri.s[0]);
}

static bool
add_uri(struct sts_slice uri, struct sts_tlsrpt *out, struct sts_diag *diag)
{
	char shown[STS_TXT_FIELDS_SHOWN_CAP], domain[STS_DOMAIN_CAP];
	bool is_mail = has_scheme(uri, mailto);
	const char *fault = uri_fault(uri);

	if (fault == NULL && has_scheme(uri, https) && has_host(uri))
		fault = https_fault(uri);
	sts_slice_shown(uri, shown);
	if (uri.len == 0)
		sts_diag_error(diag, 0, "rua: nothing between two commas, or at an end");
	else if (memchr(uri.s, '!', uri.len) != NULL)
		sts_diag_error(diag, 0, "rua: an exclamation mark must be written %%21, and there are no size limits as "
		    "DMARC has, in: %s", shown);
	else if (memchr(uri.s, ' ', uri.len) != NULL || memchr(uri.s, '\t', uri.len) != NULL)
		sts_diag_error(diag, 0, "rua: white space within an address: %s", shown);
	else if (fault != NULL)
		sts_diag_error(diag, 0, "rua: %s: %s", fault, shown);
	else if (!has_any_scheme(uri))
		sts_diag_error(diag, 0, "rua: an address begins with mailto: or https:, not as: %s", shown);
	else if (is_mail && !sts_tlsrpt_mail_domain(uri, domain))
		sts_diag_error(diag, 0, "rua: no mail address: %s", shown);
	else if (has_scheme(uri, https) && !has_host(uri))
		sts_diag_error(diag, 0, "rua: no host after https: in %s", shown);
	else if (!is_mail && !has_scheme(uri, https)) {
		out->foreign_count++;
		sts_diag_warn(diag, 0, "rua: neither mailto: nor https:, so that nobody reports there: %s", shown);
		return true;
	} else {
		if (out->rua_count < STS_TLSRPT_RUA_MAX)
			out->rua[out->rua_count++] = uri;
		else
			out->dropped_count++;
		return true;
	}
	return false;
}

static struct sts_slice
trim(struct sts_slice slice)
{
	while (slice.len > 0 && sts_ascii_is_wsp(slice.s[0]))
		slice = (struct sts_slice){ slice.s + 1, slice.len - 1 };
	while (slice.len > 0 && sts_ascii_is_wsp(slice.s[slice.len - 1]))
		slice.len--;
	return slice;
}

/* tlsrpt-rua = "rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri) */
static bool
parse_rua(struct sts_slice value, struct sts_tlsrpt *out, struct sts_diag *diag)
{
	if (sts_ascii_is_wsp(value.s[0])) {
		sts_diag_error(diag, 0, "rua: white space after \"=\"");
		return false;
	}
	for (;;) {
		const char *comma = memchr(value.s, ',', value.len);
		size_t len = comma != NULL ? (size_t)(comma - value.s) : value.len;

		if (!add_uri(trim((struct sts_slice){ value.s, len }), out, diag))
			return false;
		if (comma == NULL)
			break;
		value = (struct sts_slice){ comma + 1, value.len - len - 1 };
	}
	if (out->dropped_count > 0)
		sts_diag_warn(diag, 0, "rua: %zu addresses, of which the first %d are taken", out->rua_count + out->dropped_count,
		    (int)STS_TLSRPT_RUA_MAX);
	return true;
}

/* White space around a comma is accepted at the end of the value, too; there a semicolon must follow it. */
static bool
ends_well(const struct sts_txt_fields *fields)
{
	bool blank = sts_ascii_is_wsp(fields->value.s[fields->value.len - 1]), end = fields->pos == fields->end;
	char shown[STS_TXT_FIELDS_SHOWN_CAP];

	if (blank && end)
		sts_diag_error(fields->diag, 0, "white space at the end, without a semicolon before it");
	else if (!end && *fields->pos != ';')
		sts_diag_error(fields->diag, 0, "rua: a byte that no address holds, at: %s",
		    sts_slice_shown((struct sts_slice){ fields->pos, (size_t)(fields->end - fields->pos) }, shown));
	else
		return true;
	return false;
}

static bool
parse_fields(struct sts_txt_fields *fields, struct sts_tlsrpt *out, struct sts_diag *diag)
{
	enum sts_txt_fields_next next;
	bool seen_rua = false;

	while ((next = sts_txt_fields_next(fields, is_value_byte)) == STS_FIELD) {
		if (sts_slice_is(fields->name, "v"))
			sts_diag_warn(diag, 0, "v is given again; the first one counts");
		else if (sts_slice_is(fields->name, "rua") && seen_rua)
			sts_diag_warn(diag, 0, "rua is given again; the first one counts");
		else if (sts_slice_is(fields->name, "rua")) {
			if (!ends_well(fields) || !parse_rua(fields->value, out, diag))
				return false;
			seen_rua = true;
		} else if (fields->name.len == 3 && sts_ascii_same_letters(fields->name.s, "rua", 3))
			sts_diag_warn(diag, 0, "a field %.3s is unknown; the name of rua is in lower case", fields->name.s);
	}
	if (next == STS_FIELDS_BAD)
		return false;
	if (!seen_rua)
		sts_diag_error(diag, 0, "rua is missing");
	else if (out->rua_count == 0)
		sts_diag_error(diag, 0, "rua: no address of mailto: or https:");
	return seen_rua && out->rua_count > 0;
}

enum sts_record_result
sts_tlsrpt_select(const struct sts_txt *rrset, size_t count, struct sts_tlsrpt *out, struct sts_diag *diag)
{
	const struct sts_txt *found = sts_txt_fields_pick(rrset, count, &tlsrptv1, diag);
	struct sts_txt_fields fields;
	size_t foreign;

	memset(out, 0, sizeof(*out));
	if (found == NULL)
		return STS_RECORD_NONE;
	sts_txt_fields_init(&fields, found, &tlsrptv1, diag);
	if (parse_fields(&fields, out, diag))
		return STS_RECORD_VALID;
	foreign = out->foreign_count;
	memset(out, 0, sizeof(*out));
	out->foreign_count = foreign;
	return STS_RECORD_INVALID;
}
