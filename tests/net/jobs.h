/* SPDX-License-Identifier: ISC */
/*
 * jobs.h - what the network tests share: loops that use the servers of world.h, lookups and fetches on them, and their results.
 *
 *   txt.c                all kinds of TXT answers
 *   any_type.c           MX and TLSA records, through dns.h
 *   fetches.c            all kinds of policy hosts
 *   special_addresses.c  addresses that are refused
 *   loops.c              the loop itself: creation, end, waiting, descriptors
 *
 * Rows that must succeed have limits that even a slow machine never reaches; rows that must time out have short ones.
 */
#ifndef NET_JOBS_H
#define NET_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/network/net_loop.h"
#include "tests/net/world.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
/* For names of the maximum length. */
#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LABEL47 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

enum { PLENTY_MS = 60000, SHORT_MS = 600, NEGATIVE_TTL = 77 };

extern struct world world;
/* The program that does HTTPS for the loops; NULL: they do it themselves. */
extern const char *fetcher_program;

enum servers { DNS, HOLE, QUIRKS, CLOSED, QUIRKS_DNS, HOLE_DNS, CLOSED_DNS };

/* The value of dns_servers that names them. */
void list_servers(enum servers servers, char *out, size_t cap);
/* Freed by the test; end_fetchers frees the fetchers behind it, before or after that. */
struct sts_net_loop *new_loop(enum servers servers, int64_t dns_ms, int64_t fetch_ms, bool allow_private);

int end_fetchers(void **state);

/* One lookup or fetch in progress. */
struct job {
	bool in_call;		/* the starting call has not returned: no callback may come yet */
	bool came_early;
	unsigned calls;
	enum sts_dns_outcome outcome;
	size_t count;
	size_t bytes;
	char text[512];		/* of the last record; for a fetch, the detail */
	uint32_t ttl;
	enum sts_reason reason;
	size_t len;
	char body[256];
	struct sts_net_loop *again_on;	/* the callback starts another lookup on this loop */
};

void on_txt(void *arg, const struct sts_txt_answer *answer);
void on_fetch(void *arg, const struct sts_fetch_answer *answer);
void start_txt(struct sts_net_loop *loop, const char *name, struct job *job);
void start_fetch(struct sts_net_loop *loop, const char *domain, struct job *job);
/* Runs the loop until each job has had its callback. */
void run_all(struct sts_net_loop *loop, const struct job *jobs, size_t count);
/* Checks that there was one callback, and not from inside the starting call. */
void check_call(const char *name, const struct job *job);

struct fetch_row {
	const char *domain;
	enum sts_reason want;
	const char *detail;	/* substring of the detail; NULL: any */
};

void check_fetch(const struct fetch_row *row, const struct job *job);

/* ---- the tests ---- */

void txt_answers(void **state);
void txt_all_at_once(void **state);
void txt_circle(void **state);
void txt_time_out(void **state);
void txt_deadline(void **state);
void txt_from_callback(void **state);
void any_type(void **state);
void fetches(void **state);
void fetches_time_out(void **state);
void second_address(void **state);
void special_addresses(void **state);
void special_address_at_the_socket(void **state);
void same_second_address(void **state);
void no_address_at_all(void **state);
void proxies_are_ignored(void **state);
void system_certificates(void **state);
void making_loops(void **state);
void free_ends_everything(void **state);
void wakeups(void **state);
void waiting_costs_nothing(void **state);
void no_descriptor_is_left(void **state);
void no_descriptor_to_be_had(void **state);

#endif
