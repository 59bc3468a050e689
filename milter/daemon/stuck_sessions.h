/* SPDX-License-Identifier: ISC */
/*
 * stuck_sessions.h - ends sessions that libmilter has forgotten.
 *
 * Where the system refuses a thread, libmilter tells its log and leaves the session to a worker that is not there: for ever, and the MTA
 * waits for it, a message each, until its own timeouts. They are known by what the MTA has said and nobody has read for longer than any
 * callback takes. Such a connection is shut down, so that the MTA does what it does without a milter. Its descriptor is libmilter's, and
 * lost until the end.
 * Leader thread only.
 */
#ifndef MILTER_DAEMON_STUCK_SESSIONS_H
#define MILTER_DAEMON_STUCK_SESSIONS_H

#include <stddef.h>
#include <stdint.h>

#include "milter/daemon/listener.h"
#include "milter/service/service.h"

enum { STUCK_SESSIONS_LOOK_S = 2 };	/* between two looks */

/* Zeroed: nothing was seen yet. */
struct stuck_sessions {
	struct stuck_session {
		int unread;		/* bytes; 0: nothing that waits */
		int64_t since_ms;	/* when it was first so many */
	} *by_fd;
	size_t count;
};

/* Looks at each connection, and ends those that are stuck; without memory, a later look does. */
void stuck_sessions_look(struct stuck_sessions *stuck, struct service *service, const struct listener *door);
void stuck_sessions_free(struct stuck_sessions *stuck);

#endif
