/* SPDX-License-Identifier: ISC */
/*
 * stuck_sessions.h - helps sessions that libmilter keeps waiting, and ends those that it has lost.
 *
 * When several sessions have input at the same time, libmilter wakes its idle workers and starts no others, however many sessions
 * there are. The rest wait until a worker is done, and each message that waits for a policy occupies one for policy_wait. So for a
 * session that nobody reads, this thread connects to the listener and closes, which makes libmilter start another worker
 * (impossible where trusted_mtas excludes ourselves).
 * If the system refuses a thread, libmilter logs that and leaves the session to a worker that does not exist, for ever; the MTA
 * waits for it, message by message, until its own timeouts. Such sessions have had unread input for longer than any callback takes.
 * Their connection is shut down, so that the MTA does what it does without a milter. The descriptor is libmilter's, and stays lost.
 * Runs on a thread of its own: the leader must always wait for signals, or libmilter takes them. Leader thread only.
 */
#ifndef MILTER_DAEMON_STUCK_SESSIONS_H
#define MILTER_DAEMON_STUCK_SESSIONS_H

#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "milter/daemon/listener.h"
#include "milter/service/service.h"

struct stuck_sessions {
	struct service *service;
	const struct listener *listener;
	pthread_t thread;
	bool started;
	pthread_mutex_t mutex;		/* guards stopping */
	pthread_cond_t wake;
	bool stopping;
	DIR *fds;			/* /proc/self/fd; NULL: could not be opened yet */
	struct stuck_session {		/* the thread's, like count */
		ino_t inode;		/* identifies the connection, as descriptors are reused */
		int unread;		/* bytes; 0: no unread input */
		int64_t since_ms;	/* since when the number is the same */
		bool helped;		/* a worker was requested for it */
		bool ended;		/* it was shut down */
	} *by_fd;
	size_t count;
};

/* Starts the thread, which scans all connections a few times a second. service and listener outlive it. */
enum sts_status stuck_sessions_start(struct stuck_sessions *stuck, struct service *service, const struct listener *listener);
/* May be called without a start. */
void stuck_sessions_stop(struct stuck_sessions *stuck);

#endif
