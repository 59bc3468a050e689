/* SPDX-License-Identifier: ISC */
/* health.c - the conditions. Knows nothing of how the facts are collected. */
#include "config.h"

#include "milter/record/health.h"

/* The resolver is active at least once a minute, the writer once a flush_interval, which is at most a minute; both may then be
 * busy for a while. */
enum { SILENCE_MS = 3 * 60 * 1000 };
/* Descriptors that the process itself needs, and a few more. */
enum { FILES_LEFT = 32 };

static bool
is_stopping(const struct health_facts *f)
{
	return f->stopping;
}

static bool
resolver_is_silent(const struct health_facts *f)
{
	return f->now_ms - f->resolver_ms > SILENCE_MS;
}

static bool
writer_is_silent(const struct health_facts *f)
{
	return f->now_ms - f->writer_ms > SILENCE_MS;
}

static bool
counters_lose_detail(const struct health_facts *f)
{
	return f->folding;
}

static bool
files_run_out(const struct health_facts *f)
{
	return f->max_files > 0 && f->open_files + FILES_LEFT > f->max_files;
}

static bool
is_tripped(const struct health_facts *f)
{
	return f->tripped;
}

static const struct condition {
	const char *name;
	bool (*is_met)(const struct health_facts *facts);
	const char *sentence;
} conditions[HEALTH_CONDITIONS] = {
	[HEALTH_STOPPING] = { "stopping", is_stopping, "the milter is stopping" },
	[HEALTH_RESOLVER] = { "resolver", resolver_is_silent, "the thread that looks up policies is stuck" },
	[HEALTH_WRITER] = { "writer", writer_is_silent, "the thread that writes counters is stuck" },
	[HEALTH_COUNTERS] = { "counters", counters_lose_detail,
	    "Redis has been down for so long that sender domains are summed up under `other'" },
	[HEALTH_FILES] = { "files", files_run_out, "hardly any file descriptors are left for new sessions; raise LimitNOFILE" },
	[HEALTH_TRIP_WIRE] = { "trip-wire", is_tripped,
	    "mail from more domains and networks than max_refusals_per_minute was refused; now none is, until `stsctl enforce reset' "
	    "or a reload" },
};

const char *
health_name(unsigned condition)
{
	return condition < HEALTH_CONDITIONS ? conditions[condition].name : "";
}

bool
health_is_bad(const struct health_facts *facts, unsigned condition)
{
	return condition < HEALTH_CONDITIONS && conditions[condition].is_met(facts);
}

bool
health_report(const struct health_facts *facts, struct sts_text *out)
{
	bool well = true;

	for (unsigned i = 0; i < HEALTH_CONDITIONS; i++) {
		if (!health_is_bad(facts, i))
			continue;
		sts_text_addf(out, "%s: %s\n", conditions[i].name, conditions[i].sentence);
		well = false;
	}
	if (well)
		sts_text_add(out, "ok\n");
	return well;
}
