/* SPDX-License-Identifier: ISC */
/*
 * rate.h - a token bucket: so many a second, and so many at once.
 *
 * In the caller's storage. Pure: milliseconds are passed in. One rate belongs to one thread.
 */
#ifndef STS_ADMISSION_RATE_H
#define STS_ADMISSION_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct sts_rate {
	int64_t per_second;
	int64_t burst;		/* the most tokens that it holds */
	int64_t thousandths;	/* of tokens in the bucket */
	int64_t filled_ms;	/* when it was last filled */
};

/* Full: one second's worth, or burst. Numbers below 1 count as 1. */
void sts_rate_init(struct sts_rate *rate, int64_t per_second, int64_t now_ms);
void sts_rate_init_burst(struct sts_rate *rate, int64_t per_second, int64_t burst, int64_t now_ms);
/* Takes a token if there is one. */
bool sts_rate_take(struct sts_rate *rate, int64_t now_ms);
/* Puts a token back that was not used after all. */
void sts_rate_give_back(struct sts_rate *rate);
/* Milliseconds until there is a token; 0 when there is one. */
int64_t sts_rate_wait_ms(struct sts_rate *rate, int64_t now_ms);

#endif
