/* SPDX-License-Identifier: ISC */
/*
 * socketmap_private.h - shared by the files of this room:
 *
 *   socketmap.c   the parts put together; the thread's beginning and end
 *   listen_sockets.c     the settings -> listening sockets
 *   server.c      the loop: who is ready, whose time is over, how it ends
 *   connection.c  bytes of a connection -> questions, answers -> bytes
 *   tlsrpt_collector.c   what Postfix reports afterwards
 *   question.c    one question: rule, policy, DANE, answer
 *   repeated_question.c       the same question a moment later
 *
 * All but the making belongs to the server's thread; other threads reach it by its mailbox.
 */
#ifndef MILTER_SOCKETMAP_SOCKETMAP_PRIVATE_H
#define MILTER_SOCKETMAP_SOCKETMAP_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "milter/socketmap/answer_memo.h"
#include "milter/socketmap/tlsrpt_collector.h"
#include "milter/socketmap/socketmap.h"
#include "shared-cache/base/log.h"
#include "shared-cache/cache/cache.h"
#include "shared-cache/dane/dane_cache.h"
#include "shared-cache/outbound/socketmap_answer.h"
#include "shared-cache/outbound/netstring.h"
#include "shared-cache/outbound/recheck_queue.h"
#include "shared-cache/outbound/socketmap_key.h"
#include "shared-cache/runtime/queue.h"

enum {
	SOCKETS_MAX = 8,
	CONNECTIONS_MAX = 4096,		/* forty masters with Postfix' default_process_limit */
	NEWS = 256,
	STALL_MS = 30000,		/* for the rest of a question, and to take an answer */
	DRAIN_MS = 2000,
};

/* A descriptor in epoll, first member of whatever it belongs to. */
struct watched {
	int fd;
	void (*ready)(struct watched *watched, uint32_t events);
};

struct listening {
	struct watched watched;
	struct socketmap *server;
	bool inherited;		/* the service manager's: it stays when we go */
	bool is_tcp;
	char path[108];		/* of a unix socket, else "" */
	dev_t device;
	ino_t inode;
};

struct question;

struct connection {
	struct watched watched;
	struct socketmap *server;
	TAILQ_ENTRY(connection) link;		/* of all */
	TAILQ_ENTRY(connection) in_unheard;	/* of those that have not asked anything yet; as long as: */
	bool unheard;
	int64_t opened_ms;
	TAILQ_ENTRY(connection) in_stalled;	/* of those with half a question, or half an answer; since when: */
	int64_t stalled_at_ms;			/* 0: not among them */
	uint32_t events;			/* what epoll watches */
	struct question *question;		/* under way */
	size_t skip;				/* bytes of a question that is too long, still to come */
	bool ended;				/* the other side says no more */
	char *out;				/* what the socket did not take yet */
	size_t out_at, out_len;
	size_t in_len;
	char in[STS_SOCKETMAP_REQUEST_MAX + 16];
};
TAILQ_HEAD(connection_list, connection);

struct question {
	struct sts_task task;			/* on its way from the cache's thread */
	struct socketmap *server;
	struct connection *connection;		/* NULL: gone, or answered */
	struct sts_socketmap_query query;
	const char *request;			/* the bytes of it, until question_start returns; then NULL */
	size_t request_len;
	uint32_t place, stamp;			/* of the domain, before it was looked up */
	const struct sts_send_rule *rule;	/* of conf */
	struct sts_conf *conf;			/* a reference: the settings of the moment it was asked */
	struct sts_lookup *lookup;
	struct sts_dane_waiter waiter;
	bool awaits_policy, awaits_dane;
	enum sts_dane dane;
	int64_t deadline_ms;
	TAILQ_ENTRY(question) link;
};
TAILQ_HEAD(question_list, question);

struct socketmap {
	struct service *service;
	pthread_t pthread;
	bool running;
	atomic_bool stopping;
	int epoll;
	struct watched wakeup;			/* an eventfd */
	struct sts_queue *mailbox;		/* tasks from other threads */
	struct listening listening[SOCKETS_MAX];
	size_t listening_count;
	int64_t accept_again_ms;		/* 0: accepting */
	struct connection_list connections, stalled, unheard;
	size_t connection_count;
	struct question_list pending;
	struct sts_dane_cache *dane;		/* NULL: off */
	struct watched dns[STS_DNS_SOCKETS];
	size_t dns_count;
	struct collector *collector;		/* NULL: Postfix does not report */
	struct watched reports;
	struct sts_conf *conf;			/* a reference: the settings of this turn; conf_swaps: those of the service by then */
	unsigned conf_swaps;
	struct answer_memo *memo;		/* answers given a moment ago */
	uint32_t news[NEWS];			/* stamps of DANE's, for the domains that share a place */
	int64_t sweep_at_ms;
	struct sts_recheck_queue *recheck;
	int64_t recheck_at_ms;
	bool draining;
	int64_t drain_until_ms;
	int64_t now_ms;				/* of this turn; sts_clock_mono_ms */
	struct sts_log_limit full_log, bad_log;
	char reply[STS_NETSTRING_HEAD + STS_ANSWER_CAP + 1];
};

/* ---- listen_sockets.c ---- */

int listen_sockets_open(struct socketmap *s, const struct sts_conf *conf);
/* Closes; removes unix sockets that are ours. */
void listen_sockets_close(struct socketmap *s);

/* ---- server.c ---- */

bool server_watch(struct socketmap *s, struct watched *watched, uint32_t events);
void server_unwatch(struct socketmap *s, struct watched *watched);
void server_wake(struct socketmap *s);
/* The thread: socketmap in, NULL out. */
void *server_run(void *arg);

/* ---- connection.c ---- */

/* Takes the descriptor over. Where there are CONNECTIONS_MAX, the one that has been silent from its beginning for longest goes; if all have
 * asked something, which smtp(8) may take amiss, this one. */
void connection_open(struct socketmap *s, int fd, bool is_tcp);
/* Ends one that has not asked anything for so long: it will be closed in the next turn. False: there is none. */
bool connection_make_room(struct socketmap *s, int64_t silent_ms);
void connection_close(struct connection *c);
/* Sends the answer, or keeps what the socket does not take until it does. To be followed by connection_resume, which closes if that
 * failed. */
void connection_send(struct connection *c, const char *bytes, size_t len);
/* Goes on with what has come in since a question was put; closes when draining and there is nothing. */
void connection_resume(struct connection *c);
/* Reads once more what was sent before the end was known. */
void connection_drain(struct connection *c);

/* ---- question.c ---- */

/* True: answered. False: the answer comes later, by connection_send and connection_resume. */
bool question_start(struct connection *c, const char *request, size_t len);
/* Too long to be kept; so not a name. Answers. */
void question_answer_oversized(struct connection *c);
/* Time is over, or nobody waits any more. */
void question_give_up(struct question *q);
/* The connection is gone. */
void question_abandon(struct question *q);
/* The cache's last answers have come: frees what was left for them. */
void question_run_mailbox(struct socketmap *s);

/* ---- repeated_question.c ---- */

/* False without memory. */
bool repeat_new(struct socketmap *s);
/* True: the same question was answered a moment ago, and is again. */
bool repeat_answer(struct connection *c, const char *request, size_t len);
/* Of the domain's place (sts_l1_place); to be taken before it is looked up. */
uint32_t repeat_stamp(const struct socketmap *s, uint32_t place);
/* Keeps the answer to q, which was put just now. */
void repeat_keep(const struct question *q, const struct sts_entry *entry, const struct kept_answer *answer, int64_t now);
/* What is known of the domain's DANE is out of date. */
void repeat_forget(struct socketmap *s, const char *domain);
/* When repeat_sweep has something to do (sts_clock_mono_ms). */
int64_t repeat_due_ms(struct socketmap *s);
void repeat_sweep(struct socketmap *s);

#endif
