/* SPDX-License-Identifier: ISC */
/* netstring.c - lengths, colons, commas. Does not look at the data. */
#include "config.h"

#include "shared-cache/outbound/netstring.h"

#include <assert.h>
#include <string.h>

#include "shared-cache/base/ascii.h"

enum { DIGITS_MAX = 7 };

/* Parses the digits up to the colon. */
static enum sts_netstring_state
read_length(const char *buf, size_t have, size_t *len, size_t *digits)
{
	size_t i;

	*len = 0;
	for (i = 0; i < have && sts_ascii_is_digit(buf[i]); i++) {
		if (i == DIGITS_MAX || (i == 1 && buf[0] == '0'))
			return STS_NETSTRING_BAD;
		*len = *len * 10 + (size_t)(buf[i] - '0');
	}
	*digits = i;
	if (i == have)
		return STS_NETSTRING_MORE;
	return i > 0 && buf[i] == ':' && *len <= STS_NETSTRING_SKIP_MAX ? STS_NETSTRING_WHOLE : STS_NETSTRING_BAD;
}

enum sts_netstring_state
sts_netstring_read(const char *buf, size_t have, size_t max, struct sts_netstring *out)
{
	size_t len, digits;
	enum sts_netstring_state state = read_length(buf, have, &len, &digits);

	if (state != STS_NETSTRING_WHOLE)
		return state;
	out->data = buf + digits + 1;
	out->len = len;
	out->used = digits + 1 + len + 1;
	if (len > max)
		return STS_NETSTRING_LONG;
	if (have < out->used)
		return STS_NETSTRING_MORE;
	return out->data[len] == ',' ? STS_NETSTRING_WHOLE : STS_NETSTRING_BAD;
}

const char *
sts_netstring_frame(char *storage, size_t len, size_t *total)
{
	char *data = storage + STS_NETSTRING_HEAD, *start = data;
	size_t rest = len;

	assert(len <= STS_NETSTRING_SKIP_MAX);
	*--start = ':';
	do {
		*--start = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	data[len] = ',';
	*total = (size_t)(data + len + 1 - start);
	return start;
}
