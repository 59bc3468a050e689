/* SPDX-License-Identifier: ISC */
/* fuzz_report_mail.c - any bytes as a mail or a file: MIME, gzip, zip, JSON, and the fields that name the sender. */
#include "config.h"

#include <string.h>

#include "stsctl/intake/report_intake.h"
#include "stsctl/intake/incoming_mail.h"
#include "tests/fuzz/fuzz.h"

struct seen {
	size_t reports, junk;
};

static enum sts_status
take_report(void *arg, const struct report_found *found)
{
	struct seen *seen = arg;

	seen->reports++;
	MUST(sts_trust_is_good(found->verdict.trust) == (found->verdict.signer[0] != '\0'));
	return STS_OK;
}

static void
take_junk(void *arg, const struct report_piece *piece, enum report_junk junk, const char *why)
{
	struct seen *seen = arg;

	(void)piece;
	seen->junk++;
	MUST(report_junk_name(junk)[0] != '\0' && why[0] != '\0');
	for (; *why != '\0'; why++)
		MUST((unsigned char)*why >= 0x20 && (unsigned char)*why < 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct report_piece piece = { "a!b.test!1!2.json", 0, (const char *)data, size, false };
	struct sts_domain_set *ids;
	struct seen seen = { 0, 0 };
	struct report_intake intake = { .found = take_report, .junk = take_junk, .arg = &seen };
	enum sts_domain_fault fault;

	incoming_mail_init();
	MUST(sts_domain_set_new(&ids) == STS_OK && sts_domain_set_add(ids, "mx.test", 7, &fault) == STS_OK);
	sts_domain_set_seal(ids);
	intake.authserv_ids = intake.trusted_reporters = ids;
	MUST(report_intake_piece(&intake, &piece) == STS_OK);
	MUST(seen.reports > 0 || seen.junk == 1);
	sts_domain_set_free(&ids);
	return 0;
}
