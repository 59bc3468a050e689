/* SPDX-License-Identifier: ISC */
/* report_message.c - builds MIME by GMime. Knows neither Redis nor how mail is sent. */
#include "config.h"

#include "stsctl/reporter/report_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>
#include <zlib.h>

void
report_message_init(void)
{
	g_mime_init();
}

void *
report_message_gzip(const char *json, size_t *len)
{
	enum { GZIP = 15 + 16 };
	z_stream z = { 0 };
	uLong size = (uLong)strlen(json);
	unsigned char *out = NULL;
	uLong cap;

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	cap = deflateBound(&z, size);
	if ((out = malloc(cap)) != NULL) {
		z.next_in = (z_const Bytef *)json;
		z.avail_in = (uInt)size;
		z.next_out = out;
		z.avail_out = (uInt)cap;
		if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
			free(out);
			out = NULL;
		}
		*len = z.total_out;
	}
	(void)deflateEnd(&z);
	return out;
}

/* ---- header ---- */

static void
set_time(GMimeMessage *message, int64_t now)
{
	GDateTime *date = g_date_time_new_from_unix_utc(now);

	if (date == NULL)
		return;
	g_mime_message_set_date(message, date);
	g_date_time_unref(date);
}

static void
set_header(GMimeMessage *message, const struct report_message *p, int64_t now)
{
	GMimeObject *object = GMIME_OBJECT(message);
	char text[1024];

	g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, p->organization, p->from);
	g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL, p->to);
	snprintf(text, sizeof(text), "Report Domain: %s Submitter: %s Report-ID: <%s>", p->domain, p->submitter, p->id);
	g_mime_message_set_subject(message, text, NULL);
	set_time(message, now);
	g_mime_message_set_message_id(message, p->id);
	g_mime_object_set_header(object, "TLS-Report-Domain", p->domain, NULL);
	g_mime_object_set_header(object, "TLS-Report-Submitter", p->submitter, NULL);
	/* A report about broken TLS must get through (RFC 8689 section 5): not even our own policy may delay it. */
	g_mime_object_set_header(object, "TLS-Required", "No", NULL);
	g_mime_object_set_header(object, "Auto-Submitted", "auto-generated", NULL);
}

/* ---- MIME parts ---- */

static GMimeObject *
make_text(const struct report_message *p)
{
	GMimeTextPart *part = g_mime_text_part_new_with_subtype("plain");
	char text[1024];

	snprintf(text, sizeof(text), "This is an aggregate TLS report (RFC 8460) from %s\n"
	    "about mail that we sent to %s.\n", p->submitter, p->domain);
	g_mime_text_part_set_charset(part, "us-ascii");
	g_mime_text_part_set_text(part, text);
	return GMIME_OBJECT(part);
}

static GMimeObject *
make_attachment(const struct report_message *p)
{
	GMimePart *part = g_mime_part_new_with_type("application", "tlsrpt+gzip");
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(p->packed, p->packed_len);
	GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	char name[1024];

	snprintf(name, sizeof(name), "%s!%s!%" PRId64 "!%" PRId64 "!%.16s.json.gz", p->submitter, p->domain, p->begin, p->end,
	    strchr(p->id, '_') != NULL ? strchr(p->id, '_') + 1 : "1");
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	g_mime_part_set_filename(part, name);
	g_object_unref(content);
	g_object_unref(stream);
	return GMIME_OBJECT(part);
}

static void
add_part(GMimeMultipart *multipart, GMimeObject *part)
{
	g_mime_multipart_add(multipart, part);
	g_object_unref(part);
}

char *
report_message_mail(const struct report_message *p, int64_t now, size_t *len)
{
	GMimeMessage *message = g_mime_message_new(FALSE);
	GMimeMultipart *report = g_mime_multipart_new_with_subtype("report");
	char *text, *copy;

	set_header(message, p, now);
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(report), "report-type", "tlsrpt");
	add_part(report, make_text(p));
	add_part(report, make_attachment(p));
	g_mime_message_set_mime_part(message, GMIME_OBJECT(report));
	text = g_mime_object_to_string(GMIME_OBJECT(message), NULL);
	g_object_unref(report);
	g_object_unref(message);
	copy = text != NULL ? strdup(text) : NULL;
	*len = copy != NULL ? strlen(copy) : 0;
	g_free(text);
	return copy;
}
