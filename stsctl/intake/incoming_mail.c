/* SPDX-License-Identifier: ISC */
/* incoming_mail.c - parses MIME by GMime. Knows nothing of what is in a report. */
#include "config.h"

#include "stsctl/intake/incoming_mail.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <gmime/gmime.h>

#include "stsctl/intake/mail_bounds.h"

void
incoming_mail_init(void)
{
	g_mime_init();
}

/* ---- fields ---- */

/* False when memory ran out: without the field the mail would be trusted less, and nobody would know why. */
static bool
keep_field(const char *value, struct sts_mail_field list[STS_TRUST_FIELDS_MAX], size_t *count)
{
	size_t len = strlen(value);
	char *copy;

	if (*count == STS_TRUST_FIELDS_MAX)
		return true;
	if ((copy = strdup(value)) == NULL)
		return false;
	list[*count].value = copy;
	list[*count].len = len;
	++*count;
	return true;
}

static void
take_origin(const char *name, const char *value, struct incoming_mail *out)
{
	if (strcasecmp(name, "TLS-Report-Domain") == 0 && out->origin.domain[0] == '\0')
		sts_report_origin_domain(value, strlen(value), out->origin.domain);
	else if (strcasecmp(name, "TLS-Report-Submitter") == 0 && out->origin.submitter[0] == '\0')
		sts_report_origin_domain(value, strlen(value), out->origin.submitter);
}

static enum sts_status
read_fields(GMimeMessage *message, bool outermost, struct incoming_mail *out)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
	int count = g_mime_header_list_get_count(list);
	bool kept = true;

	for (int i = 0; i < count && kept; i++) {
		GMimeHeader *field = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(field), *value = g_mime_header_get_raw_value(field);

		if (name == NULL || value == NULL)
			continue;
		take_origin(name, value, out);
		if (outermost && strcasecmp(name, "Authentication-Results") == 0)
			kept = keep_field(value, out->results, &out->result_count);
		else if (outermost && strcasecmp(name, "DKIM-Signature") == 0)
			kept = keep_field(value, out->signatures, &out->signature_count);
	}
	return kept ? STS_OK : STS_ENOMEM;
}

/* Reads the subject. File names take precedence over it. */
static void
read_subject(GMimeMessage *message, struct incoming_mail *out)
{
	const char *subject = g_mime_message_get_subject(message);

	for (size_t i = 0; i < out->part_count; i++)
		if (out->parts[i].name != NULL)
			sts_report_origin_file(out->parts[i].name, &out->origin);
	if (subject != NULL)
		sts_report_origin_subject(subject, &out->origin);
}

/* ---- MIME parts ---- */

static bool
is_text(GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));

	return g_mime_part_get_filename(part) == NULL && type != NULL && g_mime_content_type_is_type(type, "text", "*");
}

/* Text is for people, unless it is a report that was labelled text, or not labelled at all. */
static bool
is_candidate(GMimePart *part, const GByteArray *content)
{
	static const char member[] = "\"policies\"";
	guint i = 0;

	if (!is_text(part))
		return true;
	while (i < content->len && strchr(" \t\r\n", content->data[i]) != NULL && content->data[i] != '\0')
		i++;
	return i < content->len && content->data[i] == '{' &&
	    memmem(content->data, content->len, member, sizeof(member) - 1) != NULL;
}

static enum sts_status
keep_part(const char *name, const GByteArray *content, struct incoming_mail *out)
{
	struct incoming_part *to = &out->parts[out->part_count++];

	to->len = content->len;
	to->data = malloc(to->len + 1);
	to->name = name != NULL ? strdup(name) : NULL;
	if (to->data != NULL)
		memcpy(to->data, content->data != NULL ? (const char *)content->data : "", to->len);
	return to->data != NULL && (name == NULL || to->name != NULL) ? STS_OK : STS_ENOMEM;
}

static enum sts_status
take_part(GMimePart *part, struct incoming_mail *out)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	enum sts_status status = STS_OK;
	GMimeStream *memory;
	GByteArray *array;

	if (content == NULL)
		return STS_OK;
	array = g_byte_array_new();
	memory = g_mime_stream_mem_new_with_byte_array(array);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(memory), FALSE);
	/* From broken base64 we get what could be decoded; the reader decides whether that is enough. */
	(void)g_mime_data_wrapper_write_to_stream(content, memory);
	if (is_candidate(part, array))
		status = keep_part(g_mime_part_get_filename(part), array, out);
	g_object_unref(memory);
	g_byte_array_free(array, TRUE);
	return status;
}

static enum sts_status walk(GMimeObject *object, unsigned depth, struct incoming_mail *out);

static enum sts_status
walk_multipart(GMimeMultipart *multipart, unsigned depth, struct incoming_mail *out)
{
	enum sts_status status = STS_OK;
	int count = g_mime_multipart_get_count(multipart);

	for (int i = 0; i < count && status == STS_OK; i++)
		status = walk(g_mime_multipart_get_part(multipart, i), depth + 1, out);
	return status;
}

static enum sts_status
walk(GMimeObject *object, unsigned depth, struct incoming_mail *out)
{
	if (object == NULL)
		return STS_OK;
	if (depth > INCOMING_MAIL_DEPTH_MAX) {
		out->dropped++;
		return STS_OK;
	}
	if (GMIME_IS_MULTIPART(object))
		return walk_multipart(GMIME_MULTIPART(object), depth, out);
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));

		if (inner == NULL)
			return STS_OK;
		(void)read_fields(inner, false, out);	/* allocates nothing, so that it cannot fail */
		return walk(g_mime_message_get_mime_part(inner), depth + 1, out);
	}
	if (!GMIME_IS_PART(object))
		return STS_OK;
	if (out->part_count < INCOMING_MAIL_PARTS_MAX)
		return take_part(GMIME_PART(object), out);
	out->dropped += !is_text(GMIME_PART(object));
	return STS_OK;
}

/* ---- a mail ---- */

enum sts_status
incoming_mail_read(const char *bytes, size_t len, struct incoming_mail *out, const char **why)
{
	enum sts_status status;
	GMimeMessage *message;
	GMimeStream *stream;
	GMimeParser *parser;

	memset(out, 0, sizeof(*out));
	*why = "";
	status = mail_bounds_check(bytes, len, why);
	if (status != STS_OK)
		return status;
	stream = g_mime_stream_mem_new_with_buffer(bytes, len);
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	if (message == NULL)
		return STS_OK;
	status = read_fields(message, true, out);
	if (status == STS_OK)
		status = walk(g_mime_message_get_mime_part(message), 0, out);
	read_subject(message, out);
	g_object_unref(message);
	return status;
}

void
incoming_mail_fini(struct incoming_mail *mail)
{
	for (size_t i = 0; i < mail->part_count; i++) {
		free(mail->parts[i].data);
		free(mail->parts[i].name);
	}
	for (size_t i = 0; i < mail->result_count; i++)
		free((void *)(uintptr_t)mail->results[i].value);
	for (size_t i = 0; i < mail->signature_count; i++)
		free((void *)(uintptr_t)mail->signatures[i].value);
	memset(mail, 0, sizeof(*mail));
}
