/* SPDX-License-Identifier: ISC */
/*
 * socketmap_private.h - shared by the files of this room:
 *
 *  socketmap.c          creates the parts; starts and stops the thread
 *  listen_sockets.c     opens or inherits the listening sockets
 *  server.c             the event loop: sockets, timeouts, shutdown
 *  connection.c         reads questions, writes answers
 *  question.c           one question: rule, policy, DANE, answer
 *  repeated_question.c  the same question a moment later
 *  tlsrpt_collector.c   Postfix's reports about its deliveries
 *
 * After creation, everything belongs to the server's thread; other threads use its mailbox.
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
	CONNECTIONS_MAX = 4096,		/* forty Postfix instances, at the default of default_process_limit */
	DANE_STAMPS = 256,
	STALL_MS = 30000,		/* to send the rest of a question, or to read an answer */
	DRAIN_MS = 2000,
};

/* A descriptor in epoll; the first member of the object it belongs to. */
struct watched {
	int fd;
	void (*ready)(struct watched *watched, uint32_t events);
};

struct listening {
	struct watched watched;
	struct socketmap *server;
	bool inherited;		/* the service manager's: leave its path alone */
	bool is_tcp;
	char path[108];		/* of a unix socket, else "" */
	dev_t device;
	ino_t inode;
};

struct question;

struct connection {
	struct watched watched;
	struct socketmap *server;
	TAILQ_ENTRY(connection) link;		/* all connections */
	TAILQ_ENTRY(connection) in_silent;	/* those that have not asked anything yet; in this list while: */
	bool silent;
	int64_t opened_ms;
	TAILQ_ENTRY(connection) in_stalled;	/* those with half a question, or an unsent answer; since: */
	int64_t stalled_at_ms;			/* 0: not in the list */
	uint32_t events;			/* that epoll watches */
	struct question *question;		/* being answered */
	size_t skip;				/* bytes left of a question that is too long */
	bool ended;				/* no more input will come */
	char *out;				/* output that the socket did not take yet */
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
	const char *request;			/* its bytes, until question_start returns; then NULL */
	size_t request_len;
	uint32_t place, stamp;			/* of the domain, taken before its look-up */
	const struct sts_send_rule *rule;	/* in conf */
	struct sts_conf *conf;			/* a reference: the settings at the time of the question */
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
	struct connection_list connections, stalled, silent;
	size_t connection_count;
	struct question_list pending;
	struct sts_dane_cache *dane;		/* NULL: off */
	struct watched dns[STS_DNS_SOCKETS];
	size_t dns_count;
	struct collector *collector;		/* NULL: tlsrpt_listen is empty */
	struct watched reports;
	struct sts_conf *conf;			/* a reference: the settings of this turn; conf_swaps: the service's count for them */
	unsigned conf_swaps;
	struct answer_memo *memo;		/* recent answers */
	uint32_t dane_stamps[DANE_STAMPS];			/* DANE's stamps, each shared by the domains with that place */
	int64_t sweep_at_ms;
	struct sts_recheck_queue *recheck;
	int64_t recheck_at_ms;
	bool draining;
	int64_t drain_until_ms;
	int64_t now_ms;				/* at the start of this turn; sts_clock_mono_ms */
	struct sts_log_limit full_log, bad_log;
	char reply[STS_NETSTRING_HEAD + STS_ANSWER_CAP + 1];
};

/* ---- listen_sockets.c ---- */

int listen_sockets_open(struct socketmap *s, const struct sts_conf *conf);
/* Closes the sockets; removes unix sockets that are ours. */
void listen_sockets_close(struct socketmap *s);

/* ---- server.c ---- */

bool server_watch(struct socketmap *s, struct watched *watched, uint32_t events);
void server_unwatch(struct socketmap *s, struct watched *watched);
void server_wake(struct socketmap *s);
/* The thread. arg: the struct socketmap; returns NULL. */
void *server_run(void *arg);

/* ---- connection.c ---- */

/* Takes over the descriptor. At CONNECTIONS_MAX, the oldest connection that has never asked anything is closed; if all have
 * asked something, whose closing smtp(8) may take for an error, the new one is closed. */
void connection_open(struct socketmap *s, int fd, bool is_tcp);
/* Shuts down a connection that has asked nothing for so long; it is closed in the next turn. False: there is none. */
bool connection_make_room(struct socketmap *s, int64_t silent_ms);
void connection_close(struct connection *c);
/* Sends the answer; keeps what the socket does not take. Must be followed by connection_resume, which closes the connection if
 * this failed. */
void connection_send(struct connection *c, const char *bytes, size_t len);
/* Handles the input that came while a question was being answered; closes when draining and there is none. */
void connection_resume(struct connection *c);
/* Reads once more what was sent before the shutdown. */
void connection_drain(struct connection *c);

/* ---- question.c ---- */

/* True: answered. False: the answer follows, by connection_send and connection_resume. */
bool question_start(struct connection *c, const char *request, size_t len);
/* Answers a question that is too long to be stored, and so cannot be a domain name. */
void question_answer_oversized(struct connection *c);
/* The time is over: answers with what is known. */
void question_give_up(struct question *q);
/* The connection is gone: ends the question without an answer. */
void question_abandon(struct question *q);
/* Handles the cache's last results: frees the questions that waited for them. */
void question_run_mailbox(struct socketmap *s);

/* ---- repeated_question.c ---- */

/* False: no memory. */
bool repeat_new(struct socketmap *s);
/* True: a recent answer to the same question was sent again. */
bool repeat_answer(struct connection *c, const char *request, size_t len);
/* The stamp of a domain's place (sts_l1_place); take it before the look-up. */
uint32_t repeat_stamp(const struct socketmap *s, uint32_t place);
/* Stores the answer to q, which has just been asked. */
void repeat_keep(const struct question *q, const struct sts_entry *entry, const struct kept_answer *answer, int64_t now);
/* What is known of the domain's DANE state is out of date. */
void repeat_forget(struct socketmap *s, const char *domain);
/* When repeat_sweep is due (sts_clock_mono_ms). */
int64_t repeat_due_ms(struct socketmap *s);
void repeat_sweep(struct socketmap *s);

#endif
