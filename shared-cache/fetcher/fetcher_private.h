/* SPDX-License-Identifier: ISC */
/*
 * fetcher_private.h - shared by the files that are the fetcher, and by nobody else:
 *
 *   fetcher.c           questions: asked, dialled, ended; the loop's side; life
 *   fetcher_messages.c      what goes over the socket, both ways
 *   fetcher_lifecycle.c      the process: started, ready, overdue, dead
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
 *   DIALLING ---> DIALLED ---> SENT          each may end; what ends waits for its callback in `ended'
 */
enum sts_fetch_job_state { STS_FETCH_JOB_DIALLING, STS_FETCH_JOB_DIALLED, STS_FETCH_JOB_SENT };

struct sts_fetch_job {
	struct sts_fetch_job *prev, *next;
	uint64_t id;
	enum sts_fetch_job_state state;
	char host[STS_DOMAIN_CAP];
	struct sts_dial dial;		/* its fd: a socket that nobody has got yet */
	int64_t deadline_ms, connect_ms; /* connect: until when, TLS included */
	sts_https_fn *fn;
	void *arg;
	/* once ended: */
	enum sts_reason reason;
	char detail[STS_DIAL_DETAIL_CAP + 64];
};

/*
 *   DOWN ---> STARTING ---> UP ---> DYING ---> DOWN      DYING: killed, or gone, and not buried yet
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
	enum sts_fetcher_process_state life;
	int64_t since_ms;		/* in this state */
	bool is_retired;		/* dies of age */
	bool misbehaved;		/* dies for what it has said */
	bool warned_unconfined;
	bool is_full;			/* the socket takes no more for now */
	const char *cause;		/* of death, where it was our doing; NULL: it went by itself */
	uint64_t last_id;
	struct sts_fetch_job *jobs;	/* open, in the order in which they came */
	struct sts_fetch_job *ended;
	size_t count;			/* of the open ones */
	struct pollfd *sockets;		/* to wait for */
	size_t socket_cap;
	char *message;			/* STS_FETCH_MESSAGE_CAP bytes */
	atomic_bool up, is_confined;
	atomic_uint_fast64_t deaths;
	atomic_int pid;
};

/* ---- fetcher.c ---- */

/* detail: printable. The callback comes with the next turn. */
void sts_fetch_job_end(struct sts_fetcher *f, struct sts_fetch_job *e, enum sts_reason reason, const char *detail);
/* Takes it from the open ones; the caller frees it. */
void sts_fetch_job_remove(struct sts_fetcher *f, struct sts_fetch_job *e);

/* ---- fetcher_messages.c ---- */

/* The first words to a process that has just been started. */
bool sts_fetcher_send_settings(struct sts_fetcher *f);
/* Hands it what was dialled, as far as it takes it. */
void sts_fetcher_send_jobs(struct sts_fetcher *f, int64_t now_ms);
/* Reads what is there; callbacks come from here. */
void sts_fetcher_receive(struct sts_fetcher *f, int64_t now_ms);

/* ---- fetcher_lifecycle.c ---- */

/* Starts it when it is time to, buries it, kills it when it is late; ends jobs that it has taken along. */
void sts_fetcher_manage_process(struct sts_fetcher *f, int64_t now_ms);
/* It has said something that it must not, or hung up: it has to go. cause: NULL, or a constant text. */
void sts_fetcher_end_process(struct sts_fetcher *f, int64_t now_ms, const char *cause);
void sts_fetcher_is_ready(struct sts_fetcher *f, const struct sts_fetch_ready *ready, int64_t now_ms);
/* When there is something to do next, whatever happens. */
int64_t sts_fetcher_due_ms(const struct sts_fetcher *f);

#endif
