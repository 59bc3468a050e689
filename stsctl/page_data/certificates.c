/* SPDX-License-Identifier: ISC */
/* certificates.c - reads two of the metrics that check/metrics_textfile.c writes. */
#include "config.h"

#include "stsctl/page_data/certificates.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"

static const char expiry[] = "mta_sts_check_certificate_expiry_timestamp_seconds{domain=\"";
static const char between[] = "\",host=\"";
static const char behind[] = "\"} ";
static const char last_run[] = "mta_sts_check_last_run_timestamp_seconds ";

struct cursor {
	const char *at, *end;
};

static bool
take_words(struct cursor *c, const char *words)
{
	size_t len = strlen(words);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, words, len) != 0)
		return false;
	c->at += len;
	return true;
}

/* Takes a domain, up to the quote. */
static bool
take_domain(struct cursor *c, char out[STS_DOMAIN_CAP])
{
	const char *quote = memchr(c->at, '"', (size_t)(c->end - c->at));
	size_t len = quote != NULL ? (size_t)(quote - c->at) : 0;

	if (quote == NULL || sts_domain_normalise(c->at, len, out) != STS_DOMAIN_OK)
		return false;
	c->at = quote;
	return true;
}

static bool
take_time(const struct cursor *c, int64_t *out)
{
	unsigned long long n;

	if (!sts_text_parse_u64(c->at, (size_t)(c->end - c->at), 12, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static void
take_line(struct cursor c, struct page_data *out)
{
	struct page_data_certificate *to = &out->certificates[out->certificate_count];

	if (take_words(&c, last_run))
		(void)take_time(&c, &out->certificates_seen);
	else if (out->certificate_count < CERTIFICATES_LISTED_MAX && take_words(&c, expiry) && take_domain(&c, to->domain) &&
	    take_words(&c, between) && take_domain(&c, to->host) && take_words(&c, behind) && take_time(&c, &to->expires))
		out->certificate_count++;
}

static int
compare(const void *a, const void *b)
{
	const struct page_data_certificate *x = a, *y = b;
	int order;

	if (x->expires != y->expires)
		return x->expires < y->expires ? -1 : 1;
	order = strcmp(x->host, y->host);
	return order != 0 ? order : strcmp(x->domain, y->domain);
}

static void
settle(struct page_data *out)
{
	size_t count = 0;

	if (out->certificate_count > 0)
		qsort(out->certificates, out->certificate_count, sizeof(*out->certificates), compare);
	for (size_t i = 0; i < out->certificate_count; i++)
		if (count == 0 || compare(&out->certificates[count - 1], &out->certificates[i]) != 0)
			out->certificates[count++] = out->certificates[i];
	out->certificate_count = count;
}

enum sts_status
certificates_take(const char *text, size_t len, struct page_data *out)
{
	const char *end = text + len;

	/* one more than the maximum: the last element is scratch space for a line that may not match */
	out->certificates = calloc(CERTIFICATES_LISTED_MAX + 1, sizeof(*out->certificates));
	if (out->certificates == NULL)
		return STS_ENOMEM;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline != NULL ? newline : end;

		take_line((struct cursor){ text, stop }, out);
		text = newline != NULL ? newline + 1 : end;
	}
	settle(out);
	return out->certificates_seen > 0 ? STS_OK : STS_EINVAL;
}
