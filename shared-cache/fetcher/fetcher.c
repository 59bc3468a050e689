/* SPDX-License-Identifier: ISC */
/* fetcher.c - the life of jobs: accepted, dialled, ended, called back. Knows nothing of the messages to the fetch process. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utlist.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/fetcher/fetcher_private.h"

/* ---- jobs ---- */

static void
free_job(struct sts_fetch_job *e)
{
	sts_dial_stop(&e->dial);
	if (e->dial.fd != -1)
		close(e->dial.fd);
	free(e);
}

void
sts_fetch_job_remove(struct sts_fetcher *f, struct sts_fetch_job *e)
{
	DL_DELETE(f->jobs, e);
	f->count--;
}

void
sts_fetch_job_end(struct sts_fetcher *f, struct sts_fetch_job *e, enum sts_reason reason, const char *detail)
{
	e->reason = reason;
	snprintf(e->detail, sizeof(e->detail), "%s", detail);
	sts_dial_stop(&e->dial);
	sts_fetch_job_remove(f, e);
	DL_APPEND(f->ended, e);
}

/* Copies the addresses that may be dialled to fit; *unfit is the last of the others. This is the last check: nothing behind it
 * can. */
static size_t
fit_addresses(const struct sts_fetcher *f, const struct sts_https_request *request, struct sts_ipaddr *fit,
    const struct sts_ipaddr **unfit)
{
	size_t n = 0;

	*unfit = NULL;
	for (size_t i = 0; i < request->addr_count && i < STS_HTTPS_ADDRS; i++) {
		if (f->allow_special || !sts_ipaddr_is_special(&request->addrs[i]))
			fit[n++] = request->addrs[i];
		else
			*unfit = &request->addrs[i];
	}
	return n;
}

static void
refuse(struct sts_fetcher *f, struct sts_fetch_job *e, const struct sts_ipaddr *unfit)
{
	char shown[46], detail[120];

	if (unfit == NULL) {
		sts_fetch_job_end(f, e, STS_REASON_FETCH_CONNECT, "no address");
		return;
	}
	sts_ipaddr_format(unfit, shown);
	snprintf(detail, sizeof(detail), "%s is %s", shown, sts_ipaddr_special_kind(unfit));
	sts_fetch_job_end(f, e, STS_REASON_FETCH_REFUSED, detail);
}

/* ---- connections to an address ---- */

/* Addresses are grouped as in admission control. */
static size_t
connections_of(const struct sts_fetch_job *e, const struct sts_ipaddr *addr)
{
	size_t n = 0;

	if (e->state != STS_FETCH_JOB_DIALLING)
		return sts_ipaddr_is_same_host(&e->dial.addr, addr);
	for (size_t i = 0; i < STS_DIAL_SOCKETS; i++)
		n += e->dial.tries[i].fd != -1 && sts_ipaddr_is_same_host(&e->dial.tries[i].addr, addr);
	return n;
}

/* A domain waits in admission control for its first address; its other addresses may be the same for all domains. */
static bool
may_connect(void *arg, const struct sts_ipaddr *addr)
{
	const struct sts_fetcher *f = arg;
	size_t n = 0;

	for (const struct sts_fetch_job *e = f->jobs; e != NULL && f->per_host > 0; e = e->next)
		n += connections_of(e, addr);
	return f->per_host == 0 || n < f->per_host;
}

/* ---- the interface of https_backend.h ---- */

static void
start(struct sts_fetcher *f, struct sts_fetch_job *e, const struct sts_https_request *request)
{
	struct sts_ipaddr fit[STS_HTTPS_ADDRS];
	const struct sts_ipaddr *unfit;
	size_t count = fit_addresses(f, request, fit, &unfit);
	int64_t now_ms = sts_clock_mono_ms();

	sts_dial_start(&e->dial, fit, count, f->port, now_ms, e->connect_ms < e->deadline_ms ? e->connect_ms : e->deadline_ms);
	e->dial.may_connect = may_connect;
	e->dial.arg = f;
	if (f->stopped || e->deadline_ms <= now_ms)
		sts_fetch_job_end(f, e, STS_REASON_FETCH_TIMEOUT, f->stopped ? "stopped" : "no time left");
	else if (count == 0 || strlen(request->host) >= sizeof(e->host))
		refuse(f, e, unfit);
	else if (f->state == STS_FETCHER_DOWN && f->respawn.next_ms >= e->deadline_ms)
		sts_fetch_job_end(f, e, STS_REASON_OVERLOAD, "the fetch process is down");
}

static enum sts_status
fetcher_get(void *self, const struct sts_https_request *request, sts_https_fn *fn, void *arg)
{
	struct sts_fetcher *f = self;
	struct sts_fetch_job *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return STS_ENOMEM;
	e->id = ++f->last_id;
	e->fn = fn;
	e->arg = arg;
	e->deadline_ms = request->deadline_ms;
	e->connect_ms = sts_clock_mono_ms() + request->connect_timeout_ms;
	snprintf(e->host, sizeof(e->host), "%s", request->host);
	DL_APPEND(f->jobs, e);
	f->count++;
	start(f, e, request);
	return STS_OK;
}

static void
continue_dialling(struct sts_fetcher *f, int64_t now_ms)
{
	struct sts_fetch_job *e, *next;

	DL_FOREACH_SAFE(f->jobs, e, next) {
		if (e->state != STS_FETCH_JOB_DIALLING || !sts_dial_continue(&e->dial, now_ms))
			continue;
		if (e->dial.reason == STS_REASON_NONE)
			e->state = STS_FETCH_JOB_DIALLED;
		else
			sts_fetch_job_end(f, e, e->dial.reason, e->dial.detail);
	}
}

static void
call_back(struct sts_fetcher *f)
{
	struct sts_fetch_job *ended = f->ended, *e, *next;

	/* A callback may add jobs, which may end at once: these wait for the next turn. */
	f->ended = NULL;
	DL_FOREACH_SAFE(ended, e, next) {
		const struct sts_https_response answer = { .reason = e->reason, .body = "", .detail = e->detail };

		e->fn(e->arg, &answer);
		free_job(e);
	}
}

/* ---- for the event loop ---- */

static void
fetcher_process(void *self)
{
	struct sts_fetcher *f = self;
	int64_t now_ms = sts_clock_mono_ms();

	sts_fetcher_receive(f, now_ms);
	continue_dialling(f, now_ms);
	sts_fetcher_manage_process(f, now_ms);
	sts_fetcher_send_jobs(f, now_ms);
	call_back(f);
}

static bool
fetcher_is_ready(void *self)
{
	const struct sts_fetcher *f = self;

	return f->ended != NULL;
}

static bool
has_dialled(const struct sts_fetcher *f)
{
	for (const struct sts_fetch_job *e = f->jobs; e != NULL; e = e->next) {
		if (e->state == STS_FETCH_JOB_DIALLED)
			return true;
	}
	return false;
}

/* Makes room for so many sockets. Without memory for all, those left out are served by timeouts. */
static bool
reserve(struct sts_fetcher *f, size_t count)
{
	struct pollfd *more;

	if (count <= f->socket_cap)
		return true;
	more = realloc(f->sockets, count * 2 * sizeof(*more));
	if (more == NULL)
		return false;
	f->sockets = more;
	f->socket_cap = count * 2;
	return true;
}

static size_t
collect_sockets(struct sts_fetcher *f, const struct pollfd *others, size_t count)
{
	size_t n = 0;

	f->sockets[n++] = (struct pollfd){ .fd = f->wake, .events = POLLIN };
	if (f->process.fd != -1) {
		bool waits_to_send = f->is_full && f->state == STS_FETCHER_UP && has_dialled(f);

		f->sockets[n++] = (struct pollfd){ .fd = f->process.fd, .events = (short)(waits_to_send ? POLLIN | POLLOUT : POLLIN) };
	}
	for (size_t i = 0; i < count; i++)
		f->sockets[n++] = others[i];
	for (const struct sts_fetch_job *e = f->jobs; e != NULL; e = e->next) {
		if (e->state == STS_FETCH_JOB_DIALLING)
			n += sts_dial_sockets(&e->dial, &f->sockets[n]);
	}
	return n;
}

static int64_t
time_left(const struct sts_fetcher *f, int64_t wait_ms)
{
	int64_t left = sts_fetcher_due_ms(f) - sts_clock_mono_ms();

	if (f->ended != NULL || wait_ms <= 0 || left <= 0)
		return 0;
	return left < wait_ms ? left : wait_ms;
}

static void
fetcher_wait(void *self, const struct pollfd *sockets, size_t count, int64_t wait_ms)
{
	struct sts_fetcher *f = self;
	int64_t left = time_left(f, wait_ms);
	uint64_t woken;

	if (!reserve(f, 2 + count + STS_DIAL_SOCKETS * f->count)) {
		(void)poll(NULL, 0, 1);
		return;
	}
	(void)poll(f->sockets, collect_sockets(f, sockets, count), left > INT32_MAX ? INT32_MAX : (int)left);
	if (f->sockets[0].revents != 0 && read(f->wake, &woken, sizeof(woken)) == -1)
		return;		/* another thread has already written */
}

static void
fetcher_wakeup(void *self)
{
	const struct sts_fetcher *f = self;
	const uint64_t one = 1;

	while (write(f->wake, &one, sizeof(one)) == -1 && errno == EINTR)
		continue;
}

static void
fetcher_stop(void *self)
{
	struct sts_fetcher *f = self;
	struct sts_fetch_job *e, *next;

	f->stopped = true;
	DL_FOREACH_SAFE(f->jobs, e, next)
		sts_fetch_job_end(f, e, STS_REASON_FETCH_TIMEOUT, "stopped");
}

static bool
fetcher_is_idle(void *self)
{
	const struct sts_fetcher *f = self;

	return f->jobs == NULL && f->ended == NULL;
}

const struct sts_https_backend *
sts_fetcher_backend(const struct sts_fetcher *fetcher)
{
	return &fetcher->backend;
}

/* ---- life cycle ---- */

static enum sts_status
begin(struct sts_fetcher *f, const struct sts_fetcher_params *params)
{
	int error;

	if (f->ca_file == NULL || f->contact == NULL || f->message == NULL)
		return STS_ENOMEM;
	f->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->wake == -1)
		return STS_ESYS;
	if (params->ca_file[0] != '\0' && access(params->ca_file, R_OK) != 0)
		return STS_EINVAL;
	error = sts_fetch_process_open(&f->process, params->program);
	if (error == 0 && access(params->program, X_OK) != 0)
		error = errno;
	errno = error;
	if (error != 0)
		return STS_ENOTFOUND;
	sts_fetcher_manage_process(f, sts_clock_mono_ms());
	return STS_OK;
}

enum sts_status
sts_fetcher_new(const struct sts_fetcher_params *params, struct sts_fetcher **out)
{
	struct sts_fetcher *f = calloc(1, sizeof(*f));
	enum sts_status status;

	*out = NULL;
	if (f == NULL)
		return STS_ENOMEM;
	f->backend = (struct sts_https_backend){ .self = f, .get = fetcher_get, .wait = fetcher_wait, .wakeup = fetcher_wakeup,
		.is_ready = fetcher_is_ready, .process = fetcher_process, .stop = fetcher_stop, .is_idle = fetcher_is_idle };
	f->wake = f->process.fd = f->process.program = -1;
	f->ca_file = strdup(params->ca_file);
	f->contact = strdup(params->contact == NULL ? "" : params->contact);
	f->message = malloc(STS_FETCH_MESSAGE_CAP);
	f->port = params->port;
	f->allow_special = params->allow_special;
	f->per_host = params->per_host;
	status = begin(f, params);
	if (status != STS_OK) {
		int error = errno;

		sts_fetcher_free(&f);
		errno = error;
	}
	*out = f;
	return status;
}

void
sts_fetcher_free(struct sts_fetcher **fetcher)
{
	struct sts_fetcher *f = *fetcher;

	*fetcher = NULL;
	if (f == NULL)
		return;
	fetcher_stop(f);
	while (f->ended != NULL)
		call_back(f);
	sts_fetch_process_close(&f->process);
	if (f->wake != -1)
		close(f->wake);
	free(f->ca_file);
	free(f->contact);
	free(f->message);
	free(f->sockets);
	free(f);
}

void
sts_fetcher_state(const struct sts_fetcher *fetcher, struct sts_fetcher_state *out)
{
	*out = (struct sts_fetcher_state){ .up = atomic_load(&fetcher->up), .is_confined = atomic_load(&fetcher->is_confined),
		.deaths = atomic_load(&fetcher->deaths), .pid = atomic_load(&fetcher->pid) };
}
