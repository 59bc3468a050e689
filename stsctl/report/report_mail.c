/* SPDX-License-Identifier: ISC */
/* report_mail.c - stsctl report mail: the contents of the page as a mail, printed or handed to sendmail(1). */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "shared-cache/base/text.h"
#include "stsctl/machine/subprocess.h"
#include "stsctl/page_mail/page_mail.h"
#include "stsctl/report/report_command.h"
#include "stsctl/report/report_document.h"
#include "stsctl/reporter/rua.h"
#include "stsctl/terminal/output.h"

enum { DAYS_USUAL = 7, SENDMAIL_MS = 60000, SHOWN_CAP = 200, FROM_CAP = 512 };

/* ---- sending ---- */

static enum cmd_exit
judge(const struct cmd_context *context, const char *path, enum sts_status status, const struct subprocess_output *out)
{
	char said[SHOWN_CAP];
	struct sts_text text;

	if (status != STS_OK)
		return output_error(context, CMD_UNKNOWN, "%s: %s", path, status == STS_ENOTFOUND ? "there is no such program" :
		    status == STS_EUNAVAILABLE ? "it does not end in time" : "it cannot be run");
	if (out->status == 0)
		return CMD_FINE;
	sts_text_init(&text, said, sizeof(said));
	sts_text_add_shown(&text, out->err, strlen(out->err), SHOWN_CAP - 50);
	return output_error(context, CMD_UNKNOWN, "%s: exit status %d: %s", path, out->status, said);
}

/* Hands the mail to sendmail. The envelope sender is the user who runs this, so that bounces come back to him. */
static enum cmd_exit
hand_over(const struct cmd_context *context, const struct sts_conf *conf, const char *to, const char *mail, size_t len)
{
	const char *argv[] = { conf->sendmail_path, "-i", "--", to, NULL };
	struct subprocess_output out = { .status = 0 };
	enum sts_status status = subprocess_feed(argv, mail, len, SENDMAIL_MS, &out);
	enum cmd_exit code = judge(context, conf->sendmail_path, status, &out);

	subprocess_output_fini(&out);
	if (code == CMD_FINE && context->json)
		code = output_json(context, code, json_pack("{s:s, s:I}", "to", to, "bytes", (json_int_t)len));
	return code;
}

/* ---- the mail ---- */

static char *
write_mail(const struct sts_conf *conf, const struct page_data_request *request, const char *to, const struct document *document,
    size_t *len)
{
	struct page_mail_headers headers = { .name = "mta-sts-milter", .to = to, .now = request->now };
	char from[FROM_CAP];

	if (getrandom(&headers.random, sizeof(headers.random), 0) != (ssize_t)sizeof(headers.random))
		return NULL;
	snprintf(from, sizeof(from), "mta-sts-milter@%.255s", conf->authserv_id);
	headers.from = conf->report_from[0] != '\0' ? conf->report_from : from;
	page_mail_init();
	return page_mail_make(document, &headers, len);
}

static enum cmd_exit
send_or_print(const struct cmd_context *context, const struct sts_conf *conf, const struct page_data_request *request,
    const struct document *document)
{
	const char *to = context->values[REPORT_TO];
	size_t len = 0;
	char *mail = write_mail(conf, request, to, document, &len);
	enum cmd_exit code = CMD_FINE;

	if (mail == NULL)
		return output_error(context, CMD_UNKNOWN, "the mail cannot be made: no memory, or no random numbers");
	if (to != NULL)
		code = hand_over(context, conf, to, mail, len);
	else
		(void)fwrite(mail, 1, len, stdout);	/* main() checks for errors */
	free(mail);
	return code;
}

/* ---- the command ---- */

/* Whether text is LOCAL-PART@DOMAIN, or a local user's name. */
static bool
is_address(const char *text)
{
	struct reporter_rua rua;
	char uri[REPORTER_MAILBOX_CAP + 16];

	if (strchr(text, '@') == NULL)
		return text[0] != '\0' && strlen(text) < 64 && text[0] != '-' &&
		    text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-")] == '\0';
	if (strlen(text) >= REPORTER_MAILBOX_CAP || strpbrk(text, "%?") != NULL)
		return false;
	snprintf(uri, sizeof(uri), "mailto:%s", text);
	return reporter_rua_read(uri, strlen(uri), &rua) == NULL;
}

static enum cmd_exit
read_options(const struct cmd_context *context, struct page_data_request *request)
{
	const char *to = context->values[REPORT_TO];

	if (to != NULL && !is_address(to))
		return output_error(context, CMD_USAGE, "--to: expects LOCAL-PART@DOMAIN, or a user of this machine");
	if (to == NULL && context->json)
		return output_error(context, CMD_USAGE, "report mail: --json needs --to; the mail itself is not JSON");
	return report_document_options(context, DAYS_USUAL, request);
}

enum cmd_exit
report_mail(const struct cmd_context *context, int argc, char **argv)
{
	struct settings_redis redis = { .conf = NULL };
	struct document document = { .title = NULL };
	struct page_data_request request;
	enum cmd_exit code;

	(void)argv;
	if (argc != 0)
		return output_error(context, CMD_USAGE, "report mail: takes no operand; --to says where it goes");
	code = read_options(context, &request);
	if (code == CMD_FINE)
		code = settings_open_redis(context, 0, &redis);
	if (code == CMD_FINE)
		code = report_document_make(context, &redis, &request, &document);
	if (code == CMD_FINE)
		code = send_or_print(context, redis.conf, &request, &document);
	document_fini(&document);
	settings_close_redis(&redis);
	return code;
}
