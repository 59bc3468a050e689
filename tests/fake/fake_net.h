/* SPDX-License-Identifier: ISC */
/*
 * fake_net.h - a fake network for the resolver: the answers of DNS and the web servers, the same for every domain, and a
 * clock that is moved by hand. Answers come on fake_net_deliver, exactly once, never from inside the call.
 */
#ifndef FAKE_NET_H
#define FAKE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/cache/resolver.h"
#include "shared-cache/policy/net.h"

enum { FAKE_TXT_MAX = 4, FAKE_TEXT_CAP = 256 };

struct fake_request;

struct fake_net {
	struct sts_net net;
	struct sts_resolver_time time;
	int64_t mono_ms;
	int64_t now;
	/* DNS answers */
	enum sts_dns_outcome txt_outcome;
	uint32_t negative_ttl_s;
	size_t txt_count;
	char txt[FAKE_TXT_MAX][FAKE_TEXT_CAP];
	enum sts_reason host_reason;
	bool one_address;		/* all policy hosts share one address */
	char silent[FAKE_TEXT_CAP];	/* questions for names with this ending get no answer; "": none */
	bool mute_web;			/* web servers do not answer */
	/* web servers' answers */
	enum sts_reason fetch_reason;
	char body[FAKE_TEXT_CAP];
	/* questions asked */
	unsigned txt_asked, host_asked, fetch_asked;
	char last_name[FAKE_TEXT_CAP];	/* in the last question of either kind */
	int64_t last_deadline_ms;
	size_t under_way, most_under_way;
	size_t fetching, most_fetching;	/* fetches alone */
	struct fake_request *first, **end;
};

void fake_net_init(struct fake_net *net);

/* "v=STSv1; id=1;"; several are separated by '|'. */
void fake_net_set_records(struct fake_net *net, const char *records);
/* Serves a policy file with this mode ("enforce") and max_age. */
void fake_net_set_policy(struct fake_net *net, const char *mode, long max_age_s);
/* Writes the text of such a file to out. */
void fake_policy_text(const char *mode, long max_age_s, char out[FAKE_TEXT_CAP]);

/* Answers all questions asked so far; returns their number. */
size_t fake_net_deliver(struct fake_net *net);
/* Answers everything with a timeout, as freeing a net does. */
void fake_net_end(struct fake_net *net);

#endif
