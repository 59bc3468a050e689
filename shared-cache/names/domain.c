/* SPDX-License-Identifier: ISC */
/* domain.c - normalises domain names. Knows neither DNS nor mail addresses. */
#include "config.h"

#include "shared-cache/names/domain.h"

#include <string.h>

#include <idn2.h>

#include "shared-cache/base/ascii.h"

enum {
	LABEL_MAX = 63,
	INPUT_MAX = 4 * STS_DOMAIN_MAX,	/* a longer UTF-8 name cannot become short enough */
};

static enum sts_domain_fault
check_label(const char *label, size_t len)
{
	if (len > LABEL_MAX)
		return STS_DOMAIN_TOO_LONG;
	if (len == 0 || label[0] == '-' || label[len - 1] == '-')
		return STS_DOMAIN_BAD_LABEL;
	return STS_DOMAIN_OK;
}

static enum sts_domain_fault
check_bytes(const char *name, size_t len, bool underscore)
{
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (!sts_ascii_is_alnum(c) && c != '-' && c != '.' && !(underscore && c == '_'))
			return STS_DOMAIN_BAD_BYTE;
	}
	return STS_DOMAIN_OK;
}

static bool
all_digits(const char *label, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!sts_ascii_is_digit(label[i]))
			return false;
	return true;
}

/* An ASCII name without trailing dot. No top-level domain is a number (RFC 3696 section 2), so a last label of digits
 * only means an address, or something that a resolver may take for one. */
static enum sts_domain_fault
check_name(const char *name, size_t len, bool underscore)
{
	enum sts_domain_fault fault;
	size_t start = 0;

	if (len == 0)
		return STS_DOMAIN_EMPTY;
	if ((fault = check_bytes(name, len, underscore)) != STS_DOMAIN_OK)
		return fault;
	if (len > STS_DOMAIN_MAX)
		return STS_DOMAIN_TOO_LONG;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && name[i] != '.')
			continue;
		if ((fault = check_label(name + start, i - start)) != STS_DOMAIN_OK)
			return fault;
		if (i == len && all_digits(name + start, i - start))
			return STS_DOMAIN_ADDRESS;
		start = i + 1;
	}
	return STS_DOMAIN_OK;
}

static bool
is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

static enum sts_domain_fault
normalise_ascii(const char *name, size_t len, char out[STS_DOMAIN_CAP])
{
	enum sts_domain_fault fault;

	if (len > 1 && name[len - 1] == '.')
		len--;
	if ((fault = check_name(name, len, true)) != STS_DOMAIN_OK)
		return fault;
	for (size_t i = 0; i < len; i++)
		out[i] = sts_ascii_lower(name[i]);
	out[len] = '\0';
	return STS_DOMAIN_OK;
}

/* The mapping of UTS 46 can produce any ASCII byte (U+FF0F becomes a slash) and more dots, so the result of libidn2 is
 * checked like input. */
static enum sts_domain_fault
normalise_utf8(const char *name, size_t len, char out[STS_DOMAIN_CAP])
{
	char copy[INPUT_MAX + 1];
	enum sts_domain_fault fault;
	uint8_t *ascii = NULL;
	int rc;

	memcpy(copy, name, len);
	copy[len] = '\0';
	rc = idn2_lookup_u8((const uint8_t *)copy, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	if (rc == IDN2_TOO_BIG_DOMAIN || rc == IDN2_TOO_BIG_LABEL || rc == IDN2_PUNYCODE_BIG_OUTPUT)
		return STS_DOMAIN_TOO_LONG;
	if (rc != IDN2_OK)
		return STS_DOMAIN_BAD_IDN;
	fault = normalise_ascii((const char *)ascii, strlen((const char *)ascii), out);
	idn2_free(ascii);
	return fault;
}

enum sts_domain_fault
sts_domain_normalise(const char *name, size_t len, char out[STS_DOMAIN_CAP])
{
	out[0] = '\0';
	if (len == 0)
		return STS_DOMAIN_EMPTY;
	if (len > INPUT_MAX)
		return STS_DOMAIN_TOO_LONG;
	if (memchr(name, '\0', len) != NULL)
		return STS_DOMAIN_BAD_BYTE;
	return is_ascii(name, len) ? normalise_ascii(name, len, out) : normalise_utf8(name, len, out);
}

enum sts_domain_fault
sts_domain_check_host(const char *name, size_t len)
{
	return check_name(name, len, false);
}

const char *
sts_domain_fault_text(enum sts_domain_fault fault)
{
	switch (fault) {
	case STS_DOMAIN_OK:
		return "a valid name";
	case STS_DOMAIN_EMPTY:
		return "empty";
	case STS_DOMAIN_TOO_LONG:
		return "longer than 253 bytes, or a label longer than 63";
	case STS_DOMAIN_BAD_BYTE:
		return "a byte that host names cannot contain";
	case STS_DOMAIN_BAD_LABEL:
		return "an empty label, or one that begins or ends with a hyphen";
	case STS_DOMAIN_BAD_IDN:
		return "not a valid internationalised name";
	case STS_DOMAIN_ADDRESS:
		return "an address, not a name";
	}
	return "invalid";
}
