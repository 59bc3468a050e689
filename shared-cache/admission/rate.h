/* SPDX-License-Identifier: ISC */
/*
 * rate.h - a token bucket: limits the rate and the burst.
 *
 * In the caller's storage. Pure: milliseconds are passed in. A rate belongs to one thread.
 */
#ifndef STS_ADMISSION_RATE_H
#define STS_ADMISSION_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct sts_rate {
	int64_t per_second;
	int64_t burst;		/* capacity of the bucket */
	int64_t thousandths;	/* tokens in the bucket, in thousandths */
	int64_t filled_ms;	/* time of the last refill */
};

/* Begins with a full bucket: tokens for one second, or burst. Numbers below 1 count as 1. */
void sts_rate_init(struct sts_rate *rate, int64_t per_second, int64_t now_ms);
void sts_rate_init_burst(struct sts_rate *rate, int64_t per_second, int64_t burst, int64_t now_ms);
/* Takes a token if there is one. */
bool sts_rate_take(struct sts_rate *rate, int64_t now_ms);
/* Returns a token that was not used after all. */
void sts_rate_give_back(struct sts_rate *rate);
/* Milliseconds until a token is available; 0 if one is. */
int64_t sts_rate_wait_ms(struct sts_rate *rate, int64_t now_ms);

#endif
