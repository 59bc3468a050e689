/* SPDX-License-Identifier: ISC */
/* report_bounds.c - measures JSON text before it is parsed: a parser's memory depends on the number of values, not on bytes. */
#include "config.h"

#include "shared-cache/tlsreport/report.h"

/* The index after the string that begins at text[at], or len. */
static size_t
skip_string(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at < len ? at : len;
}

/* Each comma, colon and bracket may precede one value. For text that is not JSON the count does not matter. */
bool
sts_report_is_bounded(const char *text, size_t len, struct sts_diag *diag)
{
	size_t depth = 0, values = 0;

	if (len > STS_REPORT_TEXT_MAX) {
		sts_diag_error(diag, 0, "more than %d bytes", (int)STS_REPORT_TEXT_MAX);
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '"':
			i = skip_string(text, len, i);
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			depth -= depth > 0;
			continue;
		case ',':
		case ':':
			break;
		default:
			continue;
		}
		if (depth > STS_REPORT_DEPTH_MAX || ++values > STS_REPORT_VALUES_MAX) {
			sts_diag_error(diag, 0, depth > STS_REPORT_DEPTH_MAX ? "nested too deeply" : "too many values");
			return false;
		}
	}
	return true;
}
