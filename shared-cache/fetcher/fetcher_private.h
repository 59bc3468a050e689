/* SPDX-License-Identifier: ISC */
/*
 * fetcher_private.h - shared by the files of the fetcher, and by nobody else:
 *
 *  fetcher.c            the life of jobs; the event loop's side; new and free
 *  fetcher_messages.c   messages to and from the process
 *  fetcher_lifecycle.c  the process: started, ready, overdue, dead
 */
#ifndef STS_FETCHER_FETCHER_PRIVATE_H
#define STS_FETCHER_FETCHER_PRIVATE_H

#include <poll.h>
#include <stdatomic.h>

#include "shared-cache/fetcher/fetch_process.h"
#include "shared-cache/fetcher/fetch_wire.h"
#include "shared-cache/fetcher/fetcher.h"
#include "shared-cache/fetcher/respawn.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/network/dial.h"

/*
 *  DIALLING ---> DIALLED ---> SENT          a job may end in each state; then it waits for its callback in `ended'
 */
enum sts_fetch_job_state { STS_FETCH_JOB_DIALLING, STS_FETCH_JOB_DIALLED, STS_FETCH_JOB_SENT };

struct sts_fetch_job {
	struct sts_fetch_job *prev, *next;
	uint64_t id;
	enum sts_fetch_job_state state;
	char host[STS_DOMAIN_CAP];
	struct sts_dial dial;		/* its fd: a socket that has not been sent yet */
	int64_t deadline_ms, connect_ms; /* connect_ms: until when TCP and TLS must be up */
	sts_https_fn *fn;
	void *arg;
	/* once it has ended: */
	enum sts_reason reason;
	char detail[STS_DIAL_DETAIL_CAP + 64];
};

/*
 *  DOWN ---> STARTING ---> UP ---> DYING ---> DOWN      DYING: killed or dead, and not reaped yet
 */
enum sts_fetcher_process_state { STS_FETCHER_DOWN, STS_FETCHER_STARTING, STS_FETCHER_UP, STS_FETCHER_DYING };

struct sts_fetcher {
	struct sts_https_backend backend;
	char *ca_file, *contact;
	uint16_t port;
	bool allow_special;
	size_t per_host;
	bool stopped;
	int wake;			/* an eventfd */
	struct sts_fetch_process process;
	struct sts_respawn respawn;
	enum sts_fetcher_process_state state;
	int64_t since_ms;		/* since when it is in this state */
	bool is_retired;		/* killed for its age */
	bool misbehaved;		/* killed for a bad message */
	bool warned_unconfined;
	bool is_full;			/* the socket takes no more for now */
	const char *cause;		/* why we killed it; NULL: it died by itself */
	uint64_t last_id;
	struct sts_fetch_job *jobs;	/* open, oldest first */
	struct sts_fetch_job *ended;
	size_t count;			/* of open jobs */
	struct pollfd *sockets;		/* to wait for */
	size_t socket_cap;
	char *message;			/* STS_FETCH_MESSAGE_CAP bytes */
	atomic_bool up, is_confined;
	atomic_uint_fast64_t deaths;
	atomic_int pid;
};

/* ---- fetcher.c ---- */

/* Ends the job; its callback comes in the next turn. detail: printable. */
void sts_fetch_job_end(struct sts_fetcher *f, struct sts_fetch_job *e, enum sts_reason reason, const char *detail);
/* Removes an open job from the list; the caller frees it. */
void sts_fetch_job_remove(struct sts_fetcher *f, struct sts_fetch_job *e);

/* ---- fetcher_messages.c ---- */

/* Sends the first message to a process that has just been started. */
bool sts_fetcher_send_settings(struct sts_fetcher *f);
/* Sends the dialled jobs, as far as the socket takes them. */
void sts_fetcher_send_jobs(struct sts_fetcher *f, int64_t now_ms);
/* Handles the messages that have come. Callbacks run in here. */
void sts_fetcher_receive(struct sts_fetcher *f, int64_t now_ms);

/* ---- fetcher_lifecycle.c ---- */

/* Starts the process when it is time, kills it when it is late, reaps it, and ends the jobs that it had. */
void sts_fetcher_manage_process(struct sts_fetcher *f, int64_t now_ms);
/* It has sent a bad message or closed the socket: kills it. cause: NULL, or a constant text. */
void sts_fetcher_end_process(struct sts_fetcher *f, int64_t now_ms, const char *cause);
void sts_fetcher_process_ready(struct sts_fetcher *f, const struct sts_fetch_ready *ready, int64_t now_ms);
/* When to call again at the latest. */
int64_t sts_fetcher_due_ms(const struct sts_fetcher *f);

#endif
