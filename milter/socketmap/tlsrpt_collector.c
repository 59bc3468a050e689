/* SPDX-License-Identifier: ISC */
/* tlsrpt_collector.c - sums up datagrams, and writes the sums to Redis. outbound/sent_event.c parses the datagrams. */
#include "config.h"

#include "milter/socketmap/tlsrpt_collector.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/outbound/sent_counts.h"
#include "shared-cache/runtime/socket_file.h"
#include "shared-cache/runtime/thread.h"
#include "shared-cache/sent/sent_store.h"

enum {
	DATAGRAMS = 64,			/* read in one turn */
	ROWS = 20000,			/* domains and days that wait for Redis */
	RECEIVE_BUFFER = 4 << 20,	/* libtlsrpt does not wait: what does not fit is lost */
	RETRY_MS = 2000,
	LAST_MS = 3000,
	LOG_MS = 60000,
};

struct collector {
	struct service *service;
	int fd;
	char path[108];
	dev_t device;
	ino_t inode;
	char *buffer;			/* a datagram, and one byte more, which shows that it was longer */
	struct sts_sent_store *store;	/* NULL: there is no Redis; the thread's */
	int64_t flush_ms;
	pthread_t pthread;
	bool running;
	uint64_t numbers;		/* the last one given to a row; the thread's */
	bool away;			/* Redis is away, which was logged; the thread's */
	struct sts_log_limit foreign_log; /* the thread's */
	struct sts_log_limit full_log;	/* the reader's */
	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t changed;
	struct sts_sent_counts *counts;
	bool stopping;
};

/* ---- reading ---- */

static void
count_datagram(struct collector *c, const char *data, size_t len)
{
	struct metrics *metrics = &c->service->metrics;
	struct sts_sent_event *event;
	enum sts_sent_fault fault = sts_sent_event_parse(data, len, &event);
	uint64_t before, after;
	unsigned long held;

	metrics_count(metrics, METRICS_SENT_EVENTS, fault, 0);
	if (event == NULL)
		return;
	for (size_t i = 0; i < event->policy_count; i++)
		metrics_count(metrics, METRICS_SENT_POLICIES, event->policies[i].type, event->policies[i].failed);
	pthread_mutex_lock(&c->mutex);
	before = sts_sent_counts_dropped(c->counts);
	sts_sent_counts_add(c->counts, event, sts_clock_now());
	after = sts_sent_counts_dropped(c->counts);
	pthread_mutex_unlock(&c->mutex);
	sts_sent_event_free(&event);
	if (after > before && sts_log_allowed(&c->full_log, sts_clock_mono_ms(), LOG_MS, &held))
		sts_warn("tlsrpt: no room for more domains until Redis takes some: %llu sessions are not counted",
		    (unsigned long long)after);
}

void
tlsrpt_collector_read(struct collector *c)
{
	for (int i = 0; i < DATAGRAMS; i++) {
		ssize_t n = recv(c->fd, c->buffer, STS_SENT_DATAGRAM_MAX + 1, MSG_DONTWAIT);

		if (n < 0)
			return;
		count_datagram(c, c->buffer, (size_t)n);
	}
}

int
tlsrpt_collector_fd(const struct collector *collector)
{
	return collector == NULL ? -1 : collector->fd;
}

/* ---- writing ---- */

static struct timespec
in_ms(int64_t ms)
{
	int64_t at = sts_clock_mono_ms() + ms;

	return (struct timespec){ .tv_sec = (time_t)(at / 1000), .tv_nsec = (long)(at % 1000) * 1000000 };
}

/* Waits for ms, or for the end. True: the end. */
static bool
wait_for_more(struct collector *c, int64_t ms)
{
	struct timespec until = in_ms(ms);
	bool stopping;

	pthread_mutex_lock(&c->mutex);
	if (!c->stopping)
		(void)pthread_cond_timedwait(&c->changed, &c->mutex, &until);
	stopping = c->stopping;
	pthread_mutex_unlock(&c->mutex);
	return stopping;
}

static bool
next_row(struct collector *c, struct sts_sent_row *row)
{
	bool took;

	pthread_mutex_lock(&c->mutex);
	took = sts_sent_counts_take(c->counts, row);
	pthread_mutex_unlock(&c->mutex);
	return took;
}

static void
log_away(struct collector *c, bool away)
{
	if (away && !c->away)
		sts_warn("tlsrpt: Redis is away (%s): reports from Postfix wait", sts_sent_store_why(c->store));
	else if (!away && c->away)
		sts_info("tlsrpt: Redis is back");
	c->away = away;
}

/* Uses the same number until Redis has accepted or rejected the row, so that it counts once whatever happens to an attempt. */
static void
write_row(struct collector *c, const struct sts_sent_row *row)
{
	uint64_t number = ++c->numbers;
	int64_t give_up_ms = INT64_MAX;
	enum sts_status status;
	unsigned long held;

	while ((status = sts_sent_store_add(c->store, row, number, sts_clock_now())) != STS_OK && status != STS_EINVAL) {
		log_away(c, true);
		if (wait_for_more(c, RETRY_MS)) {
			if (give_up_ms == INT64_MAX)
				give_up_ms = sts_clock_mono_ms() + LAST_MS;
			if (sts_clock_mono_ms() >= give_up_ms)
				return;
			nanosleep(&(struct timespec){ .tv_nsec = 100 * 1000000L }, NULL);
		}
	}
	log_away(c, false);
	if (status == STS_EINVAL && sts_log_allowed(&c->foreign_log, sts_clock_mono_ms(), LOG_MS, &held))
		sts_warn("tlsrpt: the keys of %s hold something that is not ours: not counted unreported=%lu", row->domain, held);
}

static void
write_and_free(struct collector *c, struct sts_sent_row *row)
{
	write_row(c, row);
	sts_sent_row_fini(row);
}

static void *
thread_main(void *arg)
{
	struct collector *c = arg;
	struct sts_sent_row row;
	bool stopping;

	do {
		stopping = wait_for_more(c, c->flush_ms);
		while (!(stopping && c->away) && next_row(c, &row))
			write_and_free(c, &row);
	} while (!stopping);
	return NULL;
}

/* ---- life cycle ---- */

static enum sts_status
init_locks(struct collector *c)
{
	pthread_condattr_t attr;

	if (pthread_mutex_init(&c->mutex, NULL) != 0)
		return STS_ENOMEM;
	if (pthread_condattr_init(&attr) != 0)
		return STS_ENOMEM;
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (pthread_cond_init(&c->changed, &attr) != 0) {
		pthread_condattr_destroy(&attr);
		return STS_ENOMEM;
	}
	pthread_condattr_destroy(&attr);
	return STS_OK;
}

static enum sts_status
open_store(struct collector *c, const struct sts_conf *conf)
{
	const struct sts_store_params params = { .endpoint = conf->redis, .username = conf->redis_username,
		.password = conf->redis_password, .prefix = conf->redis_prefix, .db = conf->redis_db,
		.timeout_ms = conf->redis_timeout_ms, .stats_days = conf->domain_stats_days, .node = conf->authserv_id };

	return conf->redis.kind == STS_ENDPOINT_NONE ? STS_OK : sts_sent_store_open(&params, &c->store);
}

enum sts_status
tlsrpt_collector_new(struct service *service, const struct sts_conf *conf, struct collector **out)
{
	struct collector *c;
	enum sts_status status;

	*out = NULL;
	if (conf->tlsrpt_listen[0] == '\0')
		return STS_OK;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return STS_ENOMEM;
	c->service = service;
	c->fd = -1;
	c->flush_ms = conf->flush_interval_ms;
	if (init_locks(c) != STS_OK) {
		free(c);
		return STS_ENOMEM;
	}
	c->buffer = malloc(STS_SENT_DATAGRAM_MAX + 1);
	status = c->buffer == NULL ? STS_ENOMEM : sts_sent_counts_new(ROWS, &c->counts);
	if (status == STS_OK)
		status = open_store(c, conf);
	if (status == STS_OK)
		*out = c;
	else
		tlsrpt_collector_stop(&c);
	return status;
}

static int
fail(const char *path, const char *what)
{
	sts_fatal("tlsrpt_listen: %s: %s: %s", path, what, strerror(errno));
	return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

int
tlsrpt_collector_listen(struct collector *c, const struct sts_conf *conf)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char why[STS_SOCKET_FILE_WHY_CAP];
	int size = RECEIVE_BUFFER, rc;
	struct stat st;
	mode_t mask;

	if (c == NULL)
		return 0;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.107s", conf->tlsrpt_listen + strlen("unix:"));
	if (sts_socket_file_prepare(addr.sun_path, SOCK_DGRAM, why) != STS_OK) {
		sts_fatal("tlsrpt_listen: %s", why);
		return EX_CANTCREAT;
	}
	c->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return fail(addr.sun_path, "socket");
	(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	mask = umask(0777);
	rc = bind(c->fd, (const struct sockaddr *)&addr, sizeof(addr));
	umask(mask);
	if (rc != 0)
		return fail(addr.sun_path, "bind");
	memcpy(c->path, addr.sun_path, sizeof(c->path));
	if (lstat(c->path, &st) == 0) {
		c->device = st.st_dev;
		c->inode = st.st_ino;
	}
	return chmod(c->path, (mode_t)conf->socketmap_mode) == 0 ? 0 : fail(addr.sun_path, "chmod");
}

enum sts_status
tlsrpt_collector_start(struct collector *c)
{
	enum sts_status status;

	if (c == NULL || c->store == NULL)
		return STS_OK;
	status = sts_thread_start("sts-sent", thread_main, c, &c->pthread);
	c->running = status == STS_OK;
	return status;
}

static void
end_thread(struct collector *c)
{
	if (!c->running)
		return;
	pthread_mutex_lock(&c->mutex);
	c->stopping = true;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mutex);
	pthread_join(c->pthread, NULL);
}

void
tlsrpt_collector_stop(struct collector **collector)
{
	struct collector *c = *collector;
	struct stat st;

	*collector = NULL;
	if (c == NULL)
		return;
	end_thread(c);
	if (c->fd >= 0)
		close(c->fd);
	if (c->inode != 0 && lstat(c->path, &st) == 0 && st.st_dev == c->device && st.st_ino == c->inode)
		(void)unlink(c->path);
	sts_sent_store_close(&c->store);
	sts_sent_counts_free(&c->counts);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->mutex);
	free(c->buffer);
	free(c);
}
