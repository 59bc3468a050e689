/* SPDX-License-Identifier: ISC */
/* fetcher_lifecycle.c - when the fetch process is started, killed and reaped, and how the jobs end that it had. */
#include "config.h"

#include <string.h>
#include <sys/random.h>

#include <utlist.h>

#include "shared-cache/base/log.h"
#include "shared-cache/fetcher/fetcher_private.h"

enum {
	A_DAY_MS = 86400000,
	LOOK_MS = 20,			/* how often to check a dying process */
};

static void
enter(struct sts_fetcher *f, enum sts_fetcher_process_state state, int64_t now_ms)
{
	f->state = state;
	f->since_ms = now_ms;
	atomic_store(&f->up, state == STS_FETCHER_UP);
	atomic_store(&f->pid, f->process.pid);
}

static uint32_t
chance(void)
{
	uint32_t n = 0;

	return getrandom(&n, sizeof(n), GRND_NONBLOCK) == (ssize_t)sizeof(n) ? n : 0;
}

/* ---- its death ---- */

void
sts_fetcher_end_process(struct sts_fetcher *f, int64_t now_ms, const char *cause)
{
	int64_t up_ms = f->state == STS_FETCHER_UP ? now_ms - f->since_ms : 0;

	if (f->state == STS_FETCHER_DYING || f->state == STS_FETCHER_DOWN)
		return;
	f->cause = cause;
	if (f->is_retired)
		f->respawn = (struct sts_respawn){ .next_ms = now_ms };
	else
		sts_respawn_died(&f->respawn, now_ms, up_ms, chance());
	sts_fetch_process_kill(&f->process);
	enter(f, STS_FETCHER_DYING, now_ms);
}

/* Ends the jobs that the process had. Those past their deadline are the reason why it was killed. */
static size_t
end_jobs(struct sts_fetcher *f, bool crashed, int64_t now_ms)
{
	struct sts_fetch_job *e, *next;
	size_t n = 0;

	DL_FOREACH_SAFE(f->jobs, e, next) {
		if (e->state != STS_FETCH_JOB_SENT)
			continue;
		if (now_ms >= e->deadline_ms)
			sts_fetch_job_end(f, e, STS_REASON_FETCH_TIMEOUT, "the fetch process did not answer");
		else if (crashed)
			sts_fetch_job_end(f, e, STS_REASON_FETCH_CONNECT, "the fetch process crashed");
		else
			sts_fetch_job_end(f, e, STS_REASON_OVERLOAD, "the fetch process was ended");
		n++;
	}
	return n;
}

static void
reap(struct sts_fetcher *f, int64_t now_ms)
{
	char death[STS_FETCH_DEATH_CAP];
	bool crashed;
	size_t lost;

	if (!sts_fetch_process_reap(&f->process, death, &crashed)) {
		f->since_ms = now_ms;
		return;
	}
	lost = end_jobs(f, crashed || f->misbehaved, now_ms);
	if (!f->is_retired) {
		atomic_fetch_add(&f->deaths, 1);
		sts_warn("the fetch process %s (%s): %zu fetches ended with it; it has died %llu times, the next starts in %lld ms",
		    f->cause == NULL ? "died" : f->cause, death, lost, (unsigned long long)atomic_load(&f->deaths),
		    (long long)(f->respawn.next_ms > now_ms ? f->respawn.next_ms - now_ms : 0));
	}
	f->is_retired = f->misbehaved = false;
	enter(f, STS_FETCHER_DOWN, now_ms);
}

/* ---- its start ---- */

static void
begin(struct sts_fetcher *f, int64_t now_ms)
{
	int error = sts_fetch_process_start(&f->process);

	if (error != 0) {
		sts_respawn_died(&f->respawn, now_ms, 0, chance());
		sts_warn("cannot start the fetch process: %s; tried again in %lld ms", strerror(error),
		    (long long)(f->respawn.next_ms - now_ms));
		return;
	}
	enter(f, STS_FETCHER_STARTING, now_ms);
	/* A new socket has room for the settings: the process must have died already. */
	if (!sts_fetcher_send_settings(f))
		sts_fetcher_end_process(f, now_ms, NULL);
}

void
sts_fetcher_process_ready(struct sts_fetcher *f, const struct sts_fetch_ready *ready, int64_t now_ms)
{
	static const char *const troubles[STS_FETCH_READY_STATUSES] = {
		[STS_FETCH_NO_AUTHORITIES] = "found no certificates of authorities (setting ca_file)",
		[STS_FETCH_NO_MEMORY] = "had no memory to start with",
	};

	if (ready->status != STS_FETCH_READY) {
		sts_fetcher_end_process(f, now_ms, troubles[ready->status]);
		return;
	}
	atomic_store(&f->is_confined, ready->is_confined);
	if (!ready->is_confined && !f->warned_unconfined)
		sts_warn("the fetch process runs without a system call filter: built without libseccomp, or the kernel has none");
	f->warned_unconfined |= !ready->is_confined;
	enter(f, STS_FETCHER_UP, now_ms);
}

/* ---- periodic work ---- */

static bool
has_sent(const struct sts_fetcher *f)
{
	for (const struct sts_fetch_job *e = f->jobs; e != NULL; e = e->next) {
		if (e->state == STS_FETCH_JOB_SENT)
			return true;
	}
	return false;
}

static void
end_late_jobs(struct sts_fetcher *f, int64_t now_ms)
{
	struct sts_fetch_job *e, *next;

	DL_FOREACH_SAFE(f->jobs, e, next) {
		if (e->state == STS_FETCH_JOB_DIALLED && now_ms >= e->deadline_ms)
			sts_fetch_job_end(f, e, STS_REASON_OVERLOAD, "the fetch process is not there");
		else if (e->state == STS_FETCH_JOB_SENT && now_ms >= e->deadline_ms + STS_FETCHER_GRACE_MS)
			sts_fetcher_end_process(f, now_ms, "did not answer, and was killed");
	}
}

void
sts_fetcher_manage_process(struct sts_fetcher *f, int64_t now_ms)
{
	end_late_jobs(f, now_ms);
	if (f->state == STS_FETCHER_STARTING && now_ms - f->since_ms >= STS_FETCHER_START_MS)
		sts_fetcher_end_process(f, now_ms, "did not get ready, and was killed");
	if (f->state == STS_FETCHER_UP && now_ms - f->since_ms >= A_DAY_MS && !has_sent(f)) {
		f->is_retired = true;
		sts_fetcher_end_process(f, now_ms, NULL);
	}
	if (f->state == STS_FETCHER_DYING)
		reap(f, now_ms);
	if (f->state == STS_FETCHER_DOWN && now_ms >= f->respawn.next_ms && !f->stopped)
		begin(f, now_ms);
}

static int64_t
job_due_ms(const struct sts_fetch_job *e)
{
	switch (e->state) {
	case STS_FETCH_JOB_DIALLING:
		return sts_dial_due_ms(&e->dial);
	case STS_FETCH_JOB_DIALLED:
		return e->deadline_ms;
	default:
		return e->deadline_ms + STS_FETCHER_GRACE_MS;
	}
}

int64_t
sts_fetcher_due_ms(const struct sts_fetcher *f)
{
	int64_t due = has_sent(f) ? INT64_MAX : f->since_ms + A_DAY_MS;

	if (f->state == STS_FETCHER_DOWN)
		due = f->respawn.next_ms;
	else if (f->state == STS_FETCHER_STARTING)
		due = f->since_ms + STS_FETCHER_START_MS;
	else if (f->state == STS_FETCHER_DYING)
		due = f->since_ms + LOOK_MS;
	for (const struct sts_fetch_job *e = f->jobs; e != NULL; e = e->next) {
		int64_t its_ms = job_due_ms(e);

		if (its_ms < due)
			due = its_ms;
	}
	return due;
}
