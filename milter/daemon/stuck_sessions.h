/* SPDX-License-Identifier: ISC */
/*
 * stuck_sessions.h - helps sessions that libmilter keeps waiting, and ends those that it has forgotten.
 *
 * When several sessions have something to say at the same time, libmilter wakes the workers that are idle, and starts no others, however
 * many sessions there are; these wait until a worker is done, and each message that waits for a policy keeps one for policy_wait. For a
 * session that nobody reads from, somebody therefore comes to the listener and leaves, so that libmilter starts a worker more (where
 * trusted_mtas keep us out, too, this cannot be).
 * Where the system refuses a thread, libmilter tells its log and leaves the session to a worker that is not there: for ever, and the MTA
 * waits for it, a message each, until its own timeouts. They are known by what the MTA has said and nobody has read for longer than any
 * callback takes. Such a connection is shut down, so that the MTA does what it does without a milter. Its descriptor is libmilter's, and
 * lost until the end.
 * A thread of its own looks: the leader must always wait for signals, or libmilter takes them. Leader thread only.
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
	DIR *fds;			/* of this process; NULL: could not be opened yet */
	struct stuck_session {		/* the thread's, as count */
		ino_t inode;		/* of the connection, which the descriptor alone is not */
		int unread;		/* bytes; 0: nothing that waits */
		int64_t since_ms;	/* when it was first so many */
		bool helped;		/* a worker was called for it */
		bool ended;		/* it was shut down */
	} *by_fd;
	size_t count;
};

/* Begins to look at each connection, a few times a second. The service and the listener outlive it. */
enum sts_status stuck_sessions_start(struct stuck_sessions *stuck, struct service *service, const struct listener *listener);
/* May be called when it was not started. */
void stuck_sessions_stop(struct stuck_sessions *stuck);

#endif
