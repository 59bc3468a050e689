/* SPDX-License-Identifier: ISC */
/* doctor/redis.h - inspects Redis: version, memory, persistence, functions, users, clock. One thread. */
#ifndef STSCTL_DOCTOR_REDIS_H
#define STSCTL_DOCTOR_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/endpoint.h"
#include "stsctl/machine/inspection.h"

struct doctor_redis {
	bool none;			/* redis = none */
	char place[STS_ENDPOINT_NAME_CAP];
	char cli[DOCTOR_LINE];		/* redis-cli with the options to connect to it */
	bool in_clear;			/* on another machine, without TLS */
	bool reached;
	char why[DOCTOR_LINE];		/* why it was not reached, or refused to run a script */
	char user[64];			/* "" when unknown */
	bool may_work;			/* it runs scripts for this user */
	char info_refused[DOCTOR_LINE];	/* "": INFO was answered */
	char version[64], role[32], maxmemory_policy[64];
	long long maxmemory, used_memory;
	bool aof;
	char save[DOCTOR_LINE];		/* CONFIG GET save */
	char config_refused[DOCTOR_LINE];
	bool has_time;
	int64_t ahead_s;		/* how far its clock is ahead of ours */
	enum { FUNCTIONS_LOADED, FUNCTIONS_ABSENT, FUNCTIONS_OLD, FUNCTIONS_NONE, FUNCTIONS_REFUSED } functions;
};
void inspect_redis(const struct doctor_env *env, struct doctor_redis *out);
/* Whether the connection leaves this machine, as far as the setting shows, without TLS. */
bool doctor_redis_in_clear(const struct sts_endpoint *endpoint);
void judge_redis(const struct doctor_redis *redis, struct findings *out);
/* The value of "name:value" in the text of INFO; "" when there is none. Returns out. */
char *doctor_redis_info(const char *info, const char *name, char *out, size_t cap);

#endif
