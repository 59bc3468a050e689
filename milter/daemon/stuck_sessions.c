/* SPDX-License-Identifier: ISC */
/* stuck_sessions.c - tracks unread input of each connection; wakes workers for it, or shuts it down. Knows no protocol. */
#include "config.h"

#include "milter/daemon/stuck_sessions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/runtime/thread.h"

enum {
	SCAN_MS = 300,		/* between two scans; and at least */
	REST = 20,		/* times the duration of the last scan, which thousands of sessions make long */
	HELP_MS = 250,		/* unread for so long: no worker has taken it */
	WAKES = 64,		/* connections to the listener in one scan: a machine too busy for its mail must not get a crowd as well */
	MARGIN_MS = 3000,	/* on top of policy_wait, the longest that a callback waits */
	FEW_SESSIONS = 512,	/* number that memory is reserved for from the start */
};

static struct stuck_session *
session_at(struct stuck_sessions *stuck, size_t fd)
{
	size_t count = fd < FEW_SESSIONS ? FEW_SESSIONS : fd + 64;
	struct stuck_session *more;

	if (fd < stuck->count)
		return &stuck->by_fd[fd];
	more = realloc(stuck->by_fd, count * sizeof(*more));
	if (more == NULL)
		return NULL;
	memset(more + stuck->count, 0, (count - stuck->count) * sizeof(*more));
	stuck->by_fd = more;
	stuck->count = count;
	return &more[fd];
}

static int64_t
patience_ms(struct service *service)
{
	struct sts_conf *conf = service_conf_ref(service);
	int64_t ms = conf->policy_wait_ms + MARGIN_MS;

	sts_conf_unref(&conf);
	return ms;
}

/* How long, in ms, the same number of bytes has been unread; 0: there are none. A change of the number means that somebody
 * reads. The descriptor's next connection may have as many bytes unread, since all sessions begin alike; but each socket has its
 * own inode, which is looked up by name (in the directory fds): the descriptor belongs to another thread, which may close it. */
static int64_t
waited_ms(struct stuck_session *session, int fds, const char *name, int fd, int64_t now_ms)
{
	struct stat sock;
	int unread = 0;

	if (fstatat(fds, name, &sock, 0) != 0 || !S_ISSOCK(sock.st_mode) || ioctl(fd, FIONREAD, &unread) != 0)
		return 0;
	if (unread != session->unread || sock.st_ino != session->inode)
		*session = (struct stuck_session){ .inode = sock.st_ino, .unread = unread, .since_ms = now_ms };
	return unread > 0 ? now_ms - session->since_ms : 0;
}

/* Shuts it down, once: its input stays unread. */
static void
end_session(const struct stuck_sessions *stuck, struct stuck_session *session, int fd)
{
	session->ended = true;
	if (shutdown(fd, SHUT_RDWR) == 0)
		service_warn(stuck->service, WARNING_THREADS, "a session is ended that libmilter has no thread for: raise the limits of "
		    "threads (TasksMax) and memory");
}

static void *
do_nothing(void *arg)
{
	return arg;
}

static bool
can_start_threads(void)
{
	pthread_t thread;

	if (sts_thread_start("probe", do_nothing, NULL, &thread) != STS_OK)
		return false;
	pthread_join(thread, NULL);
	return true;
}

/* Makes libmilter start a worker for each: it starts one for a new connection while all are busy, and a worker that is done
 * takes the next session that waits. If the system has no thread to give, a new connection would get stuck as well. */
static void
request_workers(const struct stuck_sessions *stuck, size_t count)
{
	if (count == 0 || !can_start_threads())
		return;
	for (; count > 0; count--)
		listener_wake(stuck->listener);
}

static void
scan(struct stuck_sessions *stuck)
{
	int64_t now_ms = sts_clock_mono_ms(), patience = patience_ms(stuck->service), waited;
	struct stuck_session *session;
	const struct dirent *entry;
	unsigned long long fd;
	size_t stuck_count = 0;

	if (stuck->fds == NULL && (stuck->fds = opendir("/proc/self/fd")) == NULL)
		return;
	rewinddir(stuck->fds);
	while ((entry = readdir(stuck->fds)) != NULL) {
		if (!sts_text_parse_u64(entry->d_name, strlen(entry->d_name), 7, &fd) || (session = session_at(stuck, fd)) == NULL)
			continue;
		waited = waited_ms(session, dirfd(stuck->fds), entry->d_name, (int)fd, now_ms);
		if (waited < HELP_MS || !listener_has_accepted(stuck->listener, (int)fd))
			continue;
		if (!session->helped && stuck_count < WAKES) {
			session->helped = true;
			stuck_count++;
		}
		if (waited > patience && !session->ended)
			end_session(stuck, session, (int)fd);
	}
	request_workers(stuck, stuck_count);
}

/* True: time for a scan; false: stopping. */
static bool
wait_for_turn(struct stuck_sessions *stuck, int64_t until_ms)
{
	const struct timespec until = { .tv_sec = (time_t)(until_ms / 1000), .tv_nsec = (long)(until_ms % 1000) * 1000000 };
	bool stopping;
	int rc = 0;

	pthread_mutex_lock(&stuck->mutex);
	while (!stuck->stopping && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&stuck->wake, &stuck->mutex, &until);
	stopping = stuck->stopping;
	pthread_mutex_unlock(&stuck->mutex);
	return !stopping;
}

static void *
thread_main(void *arg)
{
	struct stuck_sessions *stuck = arg;
	int64_t begin_ms = sts_clock_mono_ms(), now_ms = begin_ms;

	while (wait_for_turn(stuck, now_ms + SCAN_MS + REST * (now_ms - begin_ms))) {
		begin_ms = sts_clock_mono_ms();
		scan(stuck);
		now_ms = sts_clock_mono_ms();
	}
	return NULL;
}

static void
forget(struct stuck_sessions *stuck)
{
	if (stuck->fds != NULL)
		closedir(stuck->fds);
	stuck->fds = NULL;
	free(stuck->by_fd);
	stuck->by_fd = NULL;
	stuck->count = 0;
}

enum sts_status
stuck_sessions_start(struct stuck_sessions *stuck, struct service *service, const struct listener *listener)
{
	enum sts_status status;
	pthread_condattr_t attr;

	*stuck = (struct stuck_sessions){ .service = service, .listener = listener };
	/* Sessions get stuck when resources run out, so whatever a scan needs is allocated now. */
	stuck->fds = opendir("/proc/self/fd");
	(void)session_at(stuck, 0);
	pthread_mutex_init(&stuck->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&stuck->wake, &attr);
	pthread_condattr_destroy(&attr);
	status = sts_thread_start("sessions", thread_main, stuck, &stuck->thread);
	stuck->started = status == STS_OK;
	if (!stuck->started)
		forget(stuck);
	return status;
}

void
stuck_sessions_stop(struct stuck_sessions *stuck)
{
	if (!stuck->started)
		return;
	stuck->started = false;
	pthread_mutex_lock(&stuck->mutex);
	stuck->stopping = true;
	pthread_mutex_unlock(&stuck->mutex);
	pthread_cond_signal(&stuck->wake);
	pthread_join(stuck->thread, NULL);
	forget(stuck);
}
