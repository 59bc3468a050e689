/* SPDX-License-Identifier: ISC */
/* report_origin.c - parses file names and subjects. They are hostile: nothing but domains comes out. */
#include "config.h"

#include "shared-cache/tlsreport/report_origin.h"

#include <string.h>

#include "shared-cache/base/ascii.h"

void
sts_report_origin_domain(const char *word, size_t len, char out[STS_DOMAIN_CAP])
{
	while (len > 0 && (sts_ascii_is_wsp(*word) || *word == '\r' || *word == '\n')) {
		word++;
		len--;
	}
	while (len > 0 && (sts_ascii_is_wsp(word[len - 1]) || word[len - 1] == '\r' || word[len - 1] == '\n'))
		len--;
	/* No reporter, and no domain with reports, has a name of one label. */
	if (memchr(word, '.', len) == NULL || sts_domain_normalise(word, len, out) != STS_DOMAIN_OK)
		out[0] = '\0';
}

static void
fill(const char *word, size_t len, char out[STS_DOMAIN_CAP])
{
	if (out[0] == '\0')
		sts_report_origin_domain(word, len, out);
}

void
sts_report_origin_file(const char *name, struct sts_report_origin *out)
{
	const char *slash = strrchr(name, '/'), *first, *second;

	if (slash != NULL)
		name = slash + 1;
	first = strchr(name, '!');
	second = first != NULL ? strchr(first + 1, '!') : NULL;
	if (second == NULL || strchr(second + 1, '!') == NULL)
		return;
	fill(name, (size_t)(first - name), out->submitter);
	fill(first + 1, (size_t)(second - first - 1), out->domain);
}

/* The word after a label; case does not matter. */
static void
find_word(const char *text, const char *label, char out[STS_DOMAIN_CAP])
{
	for (const char *s = text; *s != '\0'; s++) {
		size_t len = strlen(label);

		if (strlen(s) < len || !sts_ascii_same_letters(s, label, len))
			continue;
		s += len;
		s += strspn(s, " \t\r\n");
		fill(s, strcspn(s, " \t\r\n"), out);
		return;
	}
}

void
sts_report_origin_subject(const char *subject, struct sts_report_origin *out)
{
	find_word(subject, "Report Domain:", out->domain);
	find_word(subject, "Submitter:", out->submitter);
}
