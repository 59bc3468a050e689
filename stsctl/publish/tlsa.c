/* SPDX-License-Identifier: ISC */
/*
 * publish/tlsa.c - prints the records (3 1 1) of the keys in use and of the next ones, and the steps that change keys without a gap
 * (RFC 7671 section 8), as lines for a zone file.
 */
#include "config.h"

#include "stsctl/publish/tlsa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "stsctl/context/files.h"
#include "stsctl/context/usage.h"
#include "stsctl/findings/fixes.h"
#include "stsctl/probe/key_file.h"
#include "stsctl/terminal/output.h"

enum { FILE_MAX = 1 << 20, KEYS_MAX = 32, OWNER_CAP = STS_DOMAIN_CAP + 16 };

struct tlsa_key {
	const char *file;		/* of the caller */
	bool is_next;
	struct key_digest key;
};

struct tlsa_run {
	const struct cmd_context *context;
	char host[STS_DOMAIN_CAP], owner[OWNER_CAP];
	struct tlsa_key keys[KEYS_MAX];
	size_t count;
	bool has_next;
};

static const char *const first_steps[] = {
	"Publish the records of the keys in use, and sign the zone; stsctl check then says dane.match.",
	"Make the next key long before it is needed: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out next.key",
	"Run this again with --next next.key, and follow the steps that it prints.",
	"Until then keep the key at renewal: reuse_key = True in certbot's renewal file (stsctl doctor checks it).",
};
static const char *const steps[] = {
	"Publish all records above, those in use and the next ones.",
	"Wait until no cache has the old set: its TTL, after all servers of the zone have the new one. A day is safe.",
	"stsctl check: dane.match for each address, and dane.rollover names the next key.",
	"Get a certificate for the next key, take both into use, postfix reload.",
	"stsctl check again: dane.match with the next key, at each address and for RSA and ECDSA alike.",
	"Remove the record of the old key, and publish that of the key after the next. Never the other way round.",
};

/* ---- reading ---- */

static bool
is_known(const struct tlsa_run *run, const struct key_digest *key)
{
	for (size_t i = 0; i < run->count; i++)
		if (memcmp(run->keys[i].key.digest, key->digest, sizeof(key->digest)) == 0)
			return true;
	return false;
}

static enum cmd_exit
add_file(struct tlsa_run *run, const char *file, bool is_next)
{
	struct key_digest keys[KEY_FILE_MAX];
	char why[FILES_WHY_CAP] = "", *pem = NULL;
	size_t len = 0, count;
	enum sts_status status = files_read(file, FILE_MAX, &pem, &len, why);

	if (status != STS_OK && why[0] != '\0')
		return output_error(run->context, CMD_UNKNOWN, "%s", why);
	if (status != STS_OK)
		return output_error(run->context, CMD_UNKNOWN, "%s: %s", file, sts_status_text(status));
	count = key_file_read(pem, len, keys);
	explicit_bzero(pem, len);
	free(pem);
	if (count == 0)
		return output_error(run->context, CMD_NO, "%s: contains neither a certificate nor an unencrypted key, in PEM", file);
	for (size_t i = 0; i < count && run->count < KEYS_MAX; i++) {
		if (is_known(run, &keys[i]))
			continue;
		run->keys[run->count++] = (struct tlsa_key){ file, is_next, keys[i] };
		run->has_next = run->has_next || is_next;
	}
	return CMD_FINE;
}

/* Splits next in place. */
static enum cmd_exit
add_next(struct tlsa_run *run, char *next)
{
	enum cmd_exit code = CMD_FINE;

	for (char *file; code == CMD_FINE && (file = strsep(&next, ",")) != NULL;)
		if (file[0] != '\0')
			code = add_file(run, file, true);
	return code;
}

/* ---- printing ---- */

static const char *
record_of(const struct tlsa_run *run, size_t i, char out[FIX_CAP])
{
	return fix_tlsa(run->owner, run->keys[i].key.digest, out);
}

/* File names may hold any bytes; in a comment they must not end the line. */
static void
print_comment(const char *text)
{
	for (; *text != '\0'; text++)
		output_byte(*text, stdout);
}

static void
print_text(const struct tlsa_run *run)
{
	size_t count = run->has_next ? sizeof(steps) / sizeof(steps[0]) : sizeof(first_steps) / sizeof(first_steps[0]);
	char line[FIX_CAP];

	for (size_t i = 0; i < run->count; i++) {
		printf("; %s: ", run->keys[i].is_next ? "the next key" : "in use");
		print_comment(run->keys[i].file);
		printf(" (%s)\n%s\n", run->keys[i].key.kind, record_of(run, i, line));
	}
	printf(";\n; %s\n", run->has_next ? "The safe order of a key change (RFC 7671 section 8):" :
	    "No next key: when the key changes, senders that support DANE do not deliver until caches have its record.");
	for (size_t i = 0; i < count; i++)
		printf("; %zu. %s\n", i + 1, run->has_next ? steps[i] : first_steps[i]);
}

static enum cmd_exit
print_json(const struct tlsa_run *run)
{
	size_t count = run->has_next ? sizeof(steps) / sizeof(steps[0]) : sizeof(first_steps) / sizeof(first_steps[0]);
	json_t *records = json_array(), *order = json_array();
	char line[FIX_CAP];

	for (size_t i = 0; i < run->count; i++)
		json_add(&records, json_pack("{s:b, s:o, s:s, s:s}", "next", run->keys[i].is_next,
		    "file", json_text(run->keys[i].file), "key", run->keys[i].key.kind, "record", record_of(run, i, line)));
	for (size_t i = 0; i < count; i++)
		json_add(&order, json_string(run->has_next ? steps[i] : first_steps[i]));
	return output_json(run->context, CMD_FINE, json_pack("{s:s, s:s, s:o, s:o}", "host", run->host, "owner", run->owner,
	    "records", records, "order", order));
}

enum cmd_exit
publish_tlsa(const struct cmd_context *context, int argc, char **argv, const char *next)
{
	struct tlsa_run run = { .context = context };
	char *list = strdup(next != NULL ? next : "");
	enum cmd_exit code = list == NULL ? output_error(context, CMD_UNKNOWN, "no memory") : CMD_FINE;

	if (code == CMD_FINE && argc < 2)
		code = output_error(context, CMD_USAGE, "publish tlsa: expects HOST FILE...: a mail exchanger, its certificates or keys");
	if (code == CMD_FINE)
		code = usage_domain(context, argv[0], run.host);
	snprintf(run.owner, sizeof(run.owner), "_25._tcp.%s", run.host);
	for (int i = 1; i < argc && code == CMD_FINE; i++)
		code = add_file(&run, argv[i], false);
	if (code == CMD_FINE)
		code = add_next(&run, list);
	if (code == CMD_FINE && context->json)
		code = print_json(&run);
	else if (code == CMD_FINE)
		print_text(&run);
	free(list);
	return code;
}
