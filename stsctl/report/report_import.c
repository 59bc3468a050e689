/* SPDX-License-Identifier: ISC */
/*
 * report_import.c - stsctl report import: counts the reports in mails and files in Redis, or prints them with --dry-run.
 *
 * Made for a mail server's pipe. The exit status is 75 when the mail should be delivered again, and 0 for junk: a bounce would go to
 * whoever's address was forged.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "stsctl/context/settings.h"
#include "stsctl/report/import_batch.h"
#include "stsctl/report/own_names.h"
#include "stsctl/report/report_command.h"
#include "stsctl/report/report_dry_run.h"
#include "stsctl/intake/report_intake.h"
#include "stsctl/intake/incoming_mail.h"
#include "stsctl/terminal/output.h"

enum { SHOWN_CAP = 1024 };

struct import {
	const struct cmd_context *context;
	struct settings_redis redis;
	struct sts_domain_set *authserv_ids;	/* made from authserv_id when the setting is empty; else NULL */
	struct sts_organisations *organisations;
	struct own_names *own;
	struct import_batch *batch;		/* NULL with --dry-run */
	struct report_dry_run dry;
	int64_t now;
	enum sts_status status;			/* what ended the import */
	bool unreadable;			/* a file could not be read */
	bool homeless;				/* there was a report, and local_domains is empty */
};

/* ---- messages ---- */

static const char *
shown(const char *text, size_t max, char out[SHOWN_CAP])
{
	struct sts_text to;

	sts_text_init(&to, out, SHOWN_CAP);
	sts_text_add_shown(&to, text, strlen(text), max);
	return out;
}

static void
tell(const struct report_piece *piece, const char *kind, const char *text)
{
	char name[SHOWN_CAP];

	shown(piece->name, 200, name);
	if (piece->number > 0)
		fprintf(stderr, "stsctl: %s: mail %zu: %s: %s\n", name, piece->number, kind, text);
	else
		fprintf(stderr, "stsctl: %s: %s: %s\n", name, kind, text);
}

static void
take_trouble(void *arg, const char *name, const char *why)
{
	struct import *im = arg;
	char text[SHOWN_CAP];

	if (im->batch == NULL)		/* with --json, nothing else would mention it */
		(void)output_error(im->context, CMD_UNKNOWN, "%s: %s", shown(name, 200, text), why);
	else
		fprintf(stderr, "stsctl: %s: %s\n", shown(name, 200, text), why);
	im->unreadable = true;
}

static void
take_junk(void *arg, const struct report_piece *piece, enum report_junk junk, const char *why)
{
	static const enum import_count counts[] = { IMPORT_OTHER, IMPORT_BROKEN, IMPORT_TOO_BIG };
	struct import *im = arg;

	if (im->batch == NULL)
		report_dry_run_junk(&im->dry, piece->name, why);
	else {
		import_batch_counts(im->batch)[counts[junk]]++;
		if (junk != REPORT_JUNK_OTHER)
			tell(piece, report_junk_name(junk), why);
	}
}

/* ---- counting ---- */

static enum sts_status
count_report(struct import *im, const struct report_found *found)
{
	const struct sts_report_counts_params params = { found->verdict.signer, own_names_has, im->own };
	int64_t *counts = import_batch_counts(im->batch);
	struct sts_report_counts report_counts;
	struct sts_diag diag;
	enum sts_status status;

	im->homeless = im->redis.conf->local_domains == NULL;
	if (im->homeless)
		return STS_EINVAL;
	counts[IMPORT_REPORTS]++;
	sts_diag_init(&diag);
	if (sts_report_check_time(found->report, im->now, &diag) != STS_OK) {
		counts[IMPORT_OLD]++;
		tell(found->piece, "not counted", diag.error.text);
		return STS_OK;
	}
	own_names_begin(im->own, found->report, &found->origin);
	status = sts_report_counts_make(found->report, &params, &report_counts);
	counts[IMPORT_FOREIGN] += (int64_t)report_counts.foreign;
	counts[IMPORT_REFUSED] += (int64_t)report_counts.refused;
	if (report_counts.foreign > 0)
		tell(found->piece, "not counted", "a policy of a domain that is neither in local_domains nor a mail exchanger of one");
	for (size_t i = 0; i < found->diag->warning_count; i++)
		tell(found->piece, "warning", found->diag->warnings[i].text);
	if (status == STS_OK)
		return import_batch_add(im->batch, found->report, found->verdict.signer, &report_counts);
	sts_report_counts_fini(&report_counts);
	return status;
}

static enum sts_status
take_report(void *arg, const struct report_found *found)
{
	struct import *im = arg;

	if (im->batch != NULL)
		return count_report(im, found);
	own_names_begin(im->own, found->report, &found->origin);
	return report_dry_run_report(&im->dry, found, im->own, im->now);
}

static bool
take_piece(void *arg, const struct report_piece *piece)
{
	struct import *im = arg;
	const struct sts_conf *conf = im->redis.conf;
	const struct report_intake intake = {
		.authserv_ids = im->authserv_ids != NULL ? im->authserv_ids : conf->report_authserv_ids,
		.trusted_reporters = conf->trusted_reporters,
		.organisations = im->organisations,
		.vouched = im->context->values[REPORT_TRUST],
		.found = take_report,
		.junk = take_junk,
		.arg = im,
	};

	if (im->batch != NULL)
		import_batch_counts(im->batch)[IMPORT_PIECES]++;
	im->status = report_intake_piece(&intake, piece);
	return im->status == STS_OK;
}

/* ---- the run ---- */

static enum cmd_exit
print_counts(const struct cmd_context *context, const int64_t counts[IMPORT_COUNTS], enum cmd_exit code)
{
	json_t *object = json_object();
	const char *before = "";

	for (size_t i = 0; i < IMPORT_COUNTS; i++)
		if (context->json)
			json_put(&object, import_count_name((enum import_count)i), json_integer(counts[i]));
		else if (counts[i] > 0 || i == IMPORT_REPORTS) {
			printf("%s%" PRId64 " %s", before, counts[i], import_count_name((enum import_count)i));
			before = ", ";
		}
	if (context->json)
		return output_json(context, code, object);
	json_decref(object);
	putchar('\n');
	return code;
}

static enum cmd_exit
try_again(const struct import *im)
{
	if (im->homeless)
		return output_error(im->context, (enum cmd_exit)REPORT_TRY_AGAIN,
		    "local_domains is empty: whose reports are to be counted?");
	(void)settings_redis_error(im->context, &im->redis, im->status);
	return (enum cmd_exit)REPORT_TRY_AGAIN;
}

static enum cmd_exit
run(struct import *im, int argc, char **argv)
{
	const struct report_source source = { take_piece, take_trouble, im };
	bool more = true;

	incoming_mail_init();
	if (argc == 0)
		more = report_source_read(&source, "-");
	for (int i = 0; i < argc && more; i++)
		more = report_source_read(&source, argv[i]);
	if (im->batch != NULL && im->status == STS_OK)
		im->status = import_batch_end(im->batch);
	if (im->status != STS_OK)
		return try_again(im);
	if (im->batch == NULL)
		return im->unreadable ? CMD_UNKNOWN : report_dry_run_end(&im->dry);
	return print_counts(im->context, import_batch_counts(im->batch), im->unreadable ? CMD_UNKNOWN : CMD_FINE);
}

/* Without report_authserv_ids, authserv_id is the only id. */
static enum sts_status
make_authserv_ids(struct import *im)
{
	const char *id = im->redis.conf->authserv_id;
	enum sts_domain_fault fault;
	enum sts_status status;

	if (im->redis.conf->report_authserv_ids != NULL)
		return STS_OK;
	status = sts_domain_set_new(&im->authserv_ids);
	if (status == STS_OK)
		status = sts_domain_set_add(im->authserv_ids, id, strlen(id), &fault);
	if (im->authserv_ids != NULL)
		sts_domain_set_seal(im->authserv_ids);
	return status == STS_EINVAL ? STS_OK : status;	/* a name that is not a domain matches nothing */
}

static enum cmd_exit
prepare(struct import *im)
{
	bool dry = im->context->values[REPORT_DRY_RUN] != NULL;
	enum cmd_exit code = dry ? settings_load(im->context, &im->redis.conf) :
	    settings_open_redis(im->context, 0, &im->redis);
	enum sts_status status;

	if (code != CMD_FINE)
		return dry ? code : (enum cmd_exit)REPORT_TRY_AGAIN;	/* even for mistakes in the settings: they will be corrected */
	status = make_authserv_ids(im);
	if (status == STS_OK && sts_organisations_new(&im->organisations) == STS_ENOMEM)
		status = STS_ENOMEM;
	if (status == STS_OK)
		status = own_names_new(im->redis.conf, dry ? NULL : im->redis.conf->local_domains, &im->own);
	if (status == STS_OK && !dry)
		status = import_batch_new(im->redis.query, im->now, &im->batch);
	report_dry_run_begin(&im->dry, im->context);
	return status == STS_OK ? CMD_FINE :
	    output_error(im->context, (enum cmd_exit)REPORT_TRY_AGAIN, "%s", sts_status_text(status));
}

enum cmd_exit
report_import(const struct cmd_context *context, int argc, char **argv)
{
	struct import im = { .context = context, .now = sts_clock_now() };
	const char *trust = context->values[REPORT_TRUST];
	char domain[STS_DOMAIN_CAP];
	enum cmd_exit code;

	if (trust != NULL && (sts_domain_normalise(trust, strlen(trust), domain) != STS_DOMAIN_OK || strcmp(trust, domain) != 0))
		return output_error(context, CMD_USAGE, "--trust: %s is not a domain in lower case", trust);
	code = prepare(&im);
	if (code == CMD_FINE)
		code = run(&im, argc, argv);
	import_batch_free(&im.batch);
	own_names_free(&im.own);
	sts_organisations_free(&im.organisations);
	sts_domain_set_free(&im.authserv_ids);
	settings_close_redis(&im.redis);
	return code;
}
