/* SPDX-License-Identifier: ISC */
/* metrics_textfile.c - writes samples as text. Domain and host names have no bytes that a label must escape. */
#include "config.h"

#include "stsctl/check/metrics_textfile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum sts_status
metrics_textfile_add(struct metrics_textfile *metrics, const struct check_facts *facts, const struct findings *found)
{
	struct metrics_textfile_sample *grown = realloc(metrics->samples, (metrics->count + 1) * sizeof(*grown)), *sample;

	if (grown == NULL)
		return STS_ENOMEM;
	metrics->samples = grown;
	sample = &grown[metrics->count];
	*sample = (struct metrics_textfile_sample){ .verdict = findings_verdict(found), .unsure = found->unsure || found->no_memory };
	memcpy(sample->domain, facts->domain, sizeof(sample->domain));
	for (int level = FINDING_PASS; level <= FINDING_FAIL; level++)
		sample->counts[level] = findings_count(found, (enum finding_level)level);
	sample->certs = calloc(facts->cert_count + 1, sizeof(*sample->certs));
	if (sample->certs == NULL)
		return STS_ENOMEM;
	memcpy(sample->certs, facts->certs, facts->cert_count * sizeof(*sample->certs));
	sample->cert_count = facts->cert_count;
	metrics->count++;
	return STS_OK;
}

static void
put_head(FILE *to, const char *name, const char *help)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void
put_certificates(const struct metrics_textfile *metrics, FILE *to)
{
	static const char name[] = "mta_sts_check_certificate_expiry_timestamp_seconds";

	put_head(to, name, "When the certificate of a policy host or mail exchanger expires.");
	for (size_t i = 0; i < metrics->count; i++) {
		const struct metrics_textfile_sample *sample = &metrics->samples[i];

		for (size_t k = 0; k < sample->cert_count; k++)
			fprintf(to, "%s{domain=\"%s\",host=\"%s\"} %" PRId64 "\n", name, sample->domain,
			    sample->certs[k].host, sample->certs[k].expires_s);
	}
}

static void
put_all(const struct metrics_textfile *metrics, int64_t now, FILE *to)
{
	put_head(to, "mta_sts_check_verdict", "The worst finding: 0 pass or info, 1 warn, 2 fail.");
	for (size_t i = 0; i < metrics->count; i++)
		fprintf(to, "mta_sts_check_verdict{domain=\"%s\"} %d\n", metrics->samples[i].domain,
		    metrics->samples[i].verdict == FINDING_FAIL ? 2 : metrics->samples[i].verdict == FINDING_WARN);
	put_head(to, "mta_sts_check_unsure", "Whether something could not be determined.");
	for (size_t i = 0; i < metrics->count; i++)
		fprintf(to, "mta_sts_check_unsure{domain=\"%s\"} %d\n", metrics->samples[i].domain, metrics->samples[i].unsure);
	put_head(to, "mta_sts_check_findings", "Findings by level.");
	for (size_t i = 0; i < metrics->count; i++)
		for (int level = FINDING_PASS; level <= FINDING_FAIL; level++)
			fprintf(to, "mta_sts_check_findings{domain=\"%s\",level=\"%s\"} %zu\n", metrics->samples[i].domain,
			    finding_level_name((enum finding_level)level), metrics->samples[i].counts[level]);
	put_certificates(metrics, to);
	put_head(to, "mta_sts_check_last_run_timestamp_seconds", "When stsctl check last finished.");
	fprintf(to, "mta_sts_check_last_run_timestamp_seconds %" PRId64 "\n", now);
}

char *
metrics_textfile_text(const struct metrics_textfile *metrics, int64_t now)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	bool failed;

	if (to == NULL)
		return NULL;
	put_all(metrics, now, to);
	failed = ferror(to) != 0;
	if (fclose(to) == 0 && !failed)
		return text;
	free(text);
	return NULL;
}

void
metrics_textfile_fini(struct metrics_textfile *metrics)
{
	for (size_t i = 0; i < metrics->count; i++)
		free(metrics->samples[i].certs);
	free(metrics->samples);
	*metrics = (struct metrics_textfile){ 0 };
}
