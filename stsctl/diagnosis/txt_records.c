/* SPDX-License-Identifier: ISC */
/* txt_records.c - joins and quotes the strings of TXT records. */
#include "config.h"

#include "stsctl/diagnosis/txt_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *
join(const struct sts_dns_record *record, size_t *len)
{
	char *bytes, *at;

	*len = 0;
	for (size_t i = 0; i < record->string_count; i++)
		*len += record->strings[i].len;
	at = bytes = malloc(*len + 1);
	for (size_t i = 0; bytes != NULL && i < record->string_count; i++) {
		memcpy(at, record->strings[i].data, record->strings[i].len);
		at += record->strings[i].len;
	}
	return bytes;
}

/* Writes one byte as it stands within quotes (RFC 1035 section 5.1). */
static char *
quote_byte(unsigned char byte, char *at)
{
	if (byte < 0x20 || byte > 0x7e)
		return at + snprintf(at, 5, "\\%03u", byte);
	if (byte == '"' || byte == '\\')
		*at++ = '\\';
	*at++ = (char)byte;
	return at;
}

static char *
quote(const struct sts_dns_record *record, size_t len)
{
	char *text = malloc(4 * len + 3 * record->string_count + 2), *at = text;

	for (size_t i = 0; text != NULL && i < record->string_count; i++) {
		if (i > 0)
			*at++ = ' ';
		*at++ = '"';
		for (size_t k = 0; k < record->strings[i].len; k++)
			at = quote_byte((unsigned char)record->strings[i].data[k], at);
		*at++ = '"';
	}
	if (text != NULL)
		*at = '\0';
	return text;
}

static enum sts_status
add(struct txt_records *set, const struct sts_dns_record *record)
{
	size_t len;
	char *bytes = join(record, &len);

	set->zone[set->count] = quote(record, len);
	set->txt[set->count++] = (struct sts_txt){ bytes, len };
	return bytes != NULL && set->zone[set->count - 1] != NULL ? STS_OK : STS_ENOMEM;
}

enum sts_status
txt_records_init(struct txt_records *set, const struct sts_dns_reply *reply)
{
	size_t count = reply != NULL ? reply->count : 0;
	enum sts_status status = STS_OK;

	*set = (struct txt_records){ .txt = calloc(count + 1, sizeof(*set->txt)), .zone = calloc(count + 1, sizeof(*set->zone)) };
	if (set->txt == NULL || set->zone == NULL)
		status = STS_ENOMEM;
	for (size_t i = 0; status == STS_OK && i < count; i++)
		if (reply->records[i].type == STS_DNS_TXT)
			status = add(set, &reply->records[i]);
	if (status != STS_OK)
		txt_records_fini(set);
	return status;
}

void
txt_records_fini(struct txt_records *set)
{
	for (size_t i = 0; i < set->count; i++) {
		free((void *)(uintptr_t)set->txt[i].data);
		free(set->zone[i]);
	}
	free(set->txt);
	free(set->zone);
	*set = (struct txt_records){ 0 };
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool
txt_records_same(const struct txt_records *a, const struct txt_records *b)
{
	bool same = a->count == b->count;
	char **left = calloc(a->count + 1, sizeof(*left)), **right = calloc(b->count + 1, sizeof(*right));

	same = same && left != NULL && right != NULL;
	if (same) {
		memcpy(left, a->zone, a->count * sizeof(*left));
		memcpy(right, b->zone, b->count * sizeof(*right));
		qsort(left, a->count, sizeof(*left), compare);
		qsort(right, b->count, sizeof(*right), compare);
	}
	for (size_t i = 0; same && i < a->count; i++)
		same = strcmp(left[i], right[i]) == 0;
	free(left);
	free(right);
	return same;
}
