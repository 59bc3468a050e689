/* SPDX-License-Identifier: ISC */
/*
 * daemon.c - starts and stops everything in order, and handles signals in between.
 *
 * The leader thread waits for signals; libmilter runs in a second thread. libmilter ends on SIGHUP, which one of its threads takes
 * with sigwait. The leader ignores SIGHUP and does not block it: so the kernel discards it before anybody can wait for it. (If the
 * leader blocked it, it would stay pending, ignored or not.) libmilter's thread may take SIGTERM and SIGINT instead of the leader:
 * then libmilter ends first, and wakes the leader with SIGUSR2.
 */
#include "config.h"

#include "milter/daemon/daemon.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "milter/daemon/components.h"
#include "milter/daemon/listener.h"
#include "milter/daemon/privileges.h"
#include "milter/daemon/service_manager.h"
#include "milter/daemon/stuck_sessions.h"
#include "milter/log/log_sink.h"
#include "milter/monitor/metrics_http.h"
#include "milter/service/bad_packet.h"
#include "milter/service/service.h"
#include "milter/session/mlfi.h"
#include "milter/socketmap/socketmap.h"
#include "milter/transport/libc_calls.h"
#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/runtime/malloc_tuning.h"
#include "shared-cache/runtime/thread.h"

enum {
	ENOUGH_FILES = 4096,	/* one for each session; without any left, libmilter's accept spins */
	LIBMILTER_END_MS = 7000,	/* it checks every 5 seconds whether to stop, if nobody connects */
	KNOCKS = 100,
	LAST_LINES_MS = 2000,	/* for a slow log */
};

struct daemon {
	struct service service;
	const struct settings_source *source;
	struct sts_conf *started;	/* the settings that the parts were created from; borrowed */
	struct listener listener;
	struct stuck_sessions stuck;
	struct metrics_http metrics;
	struct socketmap *socketmap;	/* NULL: Postfix does not ask us about outgoing mail */
	pthread_t leader, libmilter;
	atomic_bool libmilter_ended;
	enum sts_status libmilter_status;	/* valid once libmilter_ended */
};

/* ---- the process ---- */

static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		sts_warn("cannot raise the limit of open files: %s", strerror(errno));
	else if (limit.rlim_cur < ENOUGH_FILES)
		sts_warn("only %llu open files are allowed, and each session takes one: raise LimitNOFILE",
		    (unsigned long long)limit.rlim_cur);
}

static void
signals_of_leader(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGUSR2);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

/* Before there are threads, which inherit the signal mask. */
static void
set_up_process(void)
{
	sigset_t set, hangup;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* treat a file size limit like a full disk */
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&hangup);
	sigaddset(&hangup, SIGHUP);
	pthread_sigmask(SIG_UNBLOCK, &hangup, NULL);
	signals_of_leader(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	umask(077);
	sts_malloc_tune();
	sts_thread_small_stacks();
	raise_file_limit();
	sts_thread_allow_priority();
}

/* ---- libmilter's thread ---- */

static void *
libmilter_main(void *arg)
{
	struct daemon *d = arg;

	d->libmilter_status = mlfi_run();
	atomic_store(&d->libmilter_ended, true);
	pthread_kill(d->leader, SIGUSR2);
	return NULL;
}

static bool
has_milter(const struct daemon *d)
{
	return d->started->milter_socket[0] != '\0';
}

static int
start_libmilter(struct daemon *d)
{
	int rc;

	d->leader = pthread_self();
	if (!has_milter(d))
		return 0;
	rc = pthread_create(&d->libmilter, NULL, libmilter_main, d);
	if (rc != 0) {
		sts_fatal("cannot start a thread: %s", strerror(rc));
		return EX_OSERR;
	}
	pthread_setname_np(d->libmilter, "libmilter");
	return 0;
}

static void *
stopper_main(void *arg)
{
	(void)arg;
	mlfi_stop();
	return NULL;
}

/* smfi_stop waits for a lock that the listener holds while it waits for connections, for up to 5 seconds. So a thread of its own
 * calls it, while we connect to the listener. False: libmilter does not end. */
static bool
stop_libmilter(struct daemon *d)
{
	const struct timespec knock_again = { .tv_nsec = 20 * 1000000L };
	int64_t deadline_ms;
	pthread_t stopper;
	bool has_stopper;

	if (!has_milter(d))
		return true;
	if (atomic_load(&d->libmilter_ended))
		return pthread_join(d->libmilter, NULL) == 0;
	has_stopper = pthread_create(&stopper, NULL, stopper_main, NULL) == 0;
	if (!has_stopper)
		mlfi_stop();
	listener_shut(&d->listener);
	deadline_ms = sts_clock_mono_ms() + LIBMILTER_END_MS;
	for (int i = 0; i < KNOCKS && !atomic_load(&d->libmilter_ended); i++) {
		listener_wake(&d->listener);
		nanosleep(&knock_again, NULL);
	}
	if (!sts_thread_join(d->libmilter, deadline_ms - sts_clock_mono_ms()))
		return false;
	if (has_stopper)
		pthread_join(stopper, NULL);
	return true;
}

/* ---- start and stop ---- */

static void
serve(struct daemon *d)
{
	sigset_t set;
	int sig;

	signals_of_leader(&set);
	while (!atomic_load(&d->libmilter_ended)) {
		if (sigwait(&set, &sig) != 0)
			continue;
		if (sig == SIGTERM || sig == SIGINT)
			break;
		if (sig == SIGUSR1) {
			service_manager_reloading();
			reload(&d->service, d->source, d->started);
			service_manager_ready();
		}
	}
}

/* *clean: no thread runs our code any more. */
static int
finish(struct daemon *d, bool *clean)
{
	bool by_itself = atomic_load(&d->libmilter_ended), ended;
	int rc = 0;

	atomic_store(&d->service.stopping, true);
	service_manager_stopping();
	sts_info("stopping");
	/* So that what was counted is safe, should the rest take too long for whoever is stopping us. */
	sts_writer_flush_now(d->service.writer);
	ended = stop_libmilter(d);
	if (!ended)
		sts_warn("libmilter does not end: continuing without it");
	else if (by_itself && d->libmilter_status != STS_OK) {
		sts_fatal("libmilter gave up; a line before this one has the reason");
		rc = EX_SOFTWARE;
	}
	listener_remove(&d->listener);
	stuck_sessions_stop(&d->stuck);
	published_rua_stop(&d->service.published_rua);
	metrics_http_stop(&d->metrics);
	/* Last, so that Postfix goes without answers for as short a time as possible. */
	socketmap_stop(d->socketmap);
	*clean = components_stop(&d->service) && ended;
	if (*clean)
		socketmap_free(&d->socketmap);
	sts_info("stopped");
	return rc;
}

static int
begin(struct daemon *d)
{
	struct privileges privileges;
	struct fetcher_program program;
	enum sts_status status;
	int rc = privileges_look_up(d->started, &privileges);

	if (rc == 0 && socketmap_new(&d->service, d->started, &d->socketmap) != STS_OK) {
		sts_fatal("cannot start: no memory or no descriptors for socketmap_listen, or dns_servers cannot be used");
		rc = EX_OSERR;
	}
	if (rc == 0)
		rc = socketmap_listen(d->socketmap, d->started);
	if (rc == 0 && has_milter(d))
		rc = listener_open(&d->service, d->started, &privileges, &d->listener);
	if (rc == 0)
		rc = metrics_http_listen(d->started, &d->metrics);
	fetcher_find(d->started, &program);
	if (rc == 0)
		rc = privileges_drop(&privileges);
	if (rc != 0)
		return rc;
	if (privileges.gave_up)
		reload_check_access(d->source);
	status = log_sink_start();
	if (status == STS_OK)
		status = components_start(&d->service, &program);
	if (status != STS_OK) {
		sts_fatal("cannot start: %s", sts_status_text(status));
		return EX_OSERR;
	}
	rc = metrics_http_start(&d->metrics, &d->service);
	if (rc == 0 && socketmap_start(d->socketmap) != STS_OK) {
		sts_fatal("cannot start a thread");
		rc = EX_OSERR;
	}
	if (rc == 0 && has_milter(d) && stuck_sessions_start(&d->stuck, &d->service, &d->listener) != STS_OK)
		sts_warn("cannot start the thread that ends sessions without a libmilter thread");
	if (rc == 0 && has_milter(d) && published_rua_start(&d->service.published_rua, &d->service) != STS_OK)
		sts_warn("cannot start the thread that looks up published report addresses: list them in report_addresses");
	libc_calls_on_refusal(bad_packet_warn, &d->service);
	libc_calls_read_ahead(d->started->read_ahead);
	if (rc == 0)
		rc = start_libmilter(d);
	if (rc != 0) {
		socketmap_stop(d->socketmap);
		published_rua_stop(&d->service.published_rua);
		stuck_sessions_stop(&d->stuck);
		metrics_http_stop(&d->metrics);
		(void)components_stop(&d->service);
	}
	return rc;
}

/* Callbacks find the service by a pointer in mlfi.c, also those that come late to the closed gate: once they may run, it is
 * never freed. */
static struct daemon *
new_daemon(struct sts_conf *conf, const struct settings_source *source)
{
	struct daemon *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->source = source;
	d->started = conf;
	d->metrics.fd = -1;
	service_init(&d->service, sts_conf_ref(conf));
	return d;
}

/* Only before any callback could run. */
static void
free_daemon(struct daemon *d)
{
	metrics_http_stop(&d->metrics);
	listener_remove(&d->listener);
	socketmap_free(&d->socketmap);
	service_fini(&d->service);
	free(d);
}

static int
run(struct daemon *d, bool *clean)
{
	int rc = begin(d);

	if (rc != 0) {
		free_daemon(d);
		return rc;
	}
	sts_info("%s started: socket=%s host=%s", PACKAGE_STRING,
	    has_milter(d) ? d->started->milter_socket : "none", d->started->authserv_id);
	service_manager_ready();
	serve(d);
	rc = finish(d, clean);
	/* Without a milter, no callback can come late. */
	if (*clean && !has_milter(d)) {
		service_fini(&d->service);
		free(d);
	}
	return rc;
}

int
daemon_run(struct sts_conf *conf, const struct settings_source *source)
{
	struct daemon *d = new_daemon(conf, source);
	bool clean = true;
	int rc;

	if (d == NULL) {
		sts_fatal("cannot start: %s", sts_status_text(STS_ENOMEM));
		sts_conf_unref(&conf);
		return EX_OSERR;
	}
	set_up_process();
	rc = run(d, &clean);
	sts_conf_unref(&conf);
	log_sink_stop(LAST_LINES_MS);
	/* A thread that is left may be using what exit(3) tears down. */
	if (!clean)
		_exit(rc);
	return rc;
}
