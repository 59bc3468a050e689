/* SPDX-License-Identifier: ISC */
/* page_mail.c - builds MIME by GMime. Knows neither Redis nor how mail is sent. */
#include "config.h"

#include "stsctl/page_mail/page_mail.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

void
page_mail_init(void)
{
	g_mime_init();
}

/* ---- MIME parts ---- */

/* Renders the document as text or HTML. NULL: no memory. */
static char *
render(const struct document *document, bool html)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	bool good = true;

	if (to == NULL)
		return NULL;
	if (html)
		page_mail_html(document, to);
	else
		good = page_mail_text(document, to);
	good = ferror(to) == 0 && good;
	if (fclose(to) == 0 && good)
		return text;
	free(text);
	return NULL;
}

static bool
add_part(GMimeMultipart *multipart, const struct document *document, const char *subtype, const char *charset)
{
	char *text = render(document, strcmp(subtype, "html") == 0);
	GMimeTextPart *part;

	if (text == NULL)
		return false;
	part = g_mime_text_part_new_with_subtype(subtype);
	g_mime_text_part_set_charset(part, charset);
	g_mime_text_part_set_text(part, text);
	/* lines may be of any length */
	g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_mime_multipart_add(multipart, GMIME_OBJECT(part));
	g_object_unref(part);
	free(text);
	return true;
}

/* ---- the mail ---- */

static void
set_header(GMimeMessage *message, const struct document *document, const struct page_mail_headers *headers)
{
	GDateTime *date = g_date_time_new_from_unix_utc(headers->now);
	const char *at = strrchr(headers->from, '@');
	char id[512];

	g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, headers->name, headers->from);
	if (headers->to != NULL)
		g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL, headers->to);
	g_mime_message_set_subject(message, document->title, "utf-8");
	if (date != NULL) {
		g_mime_message_set_date(message, date);
		g_date_time_unref(date);
	}
	snprintf(id, sizeof(id), "%" PRId64 ".%016" PRIx64 "@%.255s", headers->now, headers->random, at != NULL ? at + 1 : "localhost");
	g_mime_message_set_message_id(message, id);
	g_mime_object_set_header(GMIME_OBJECT(message), "Auto-Submitted", "auto-generated", NULL);
}

char *
page_mail_make(const struct document *document, const struct page_mail_headers *headers, size_t *len)
{
	GMimeMessage *message = g_mime_message_new(FALSE);
	GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
	char *text = NULL, *copy = NULL;

	set_header(message, document, headers);
	if (add_part(both, document, "plain", "us-ascii") && add_part(both, document, "html", "utf-8")) {
		g_mime_message_set_mime_part(message, GMIME_OBJECT(both));
		text = g_mime_object_to_string(GMIME_OBJECT(message), NULL);
	}
	if (text != NULL)
		copy = strdup(text);
	*len = copy != NULL ? strlen(copy) : 0;
	g_object_unref(both);
	g_object_unref(message);
	g_free(text);
	return copy;
}
