/* SPDX-License-Identifier: ISC */
/* rate.c - counts thousandths of tokens, so that milliseconds times a rate needs no fractions. */
#include "config.h"

#include "shared-cache/admission/rate.h"

enum { TOKEN = 1000 };

static void
fill(struct sts_rate *rate, int64_t now_ms)
{
	int64_t full = rate->burst * TOKEN;
	int64_t longest = full / rate->per_second + 1;
	int64_t elapsed = now_ms - rate->filled_ms;

	if (elapsed <= 0)
		return;
	/* Long enough to fill the bucket; the limit prevents overflow. */
	if (elapsed > longest)
		elapsed = longest;
	rate->thousandths += elapsed * rate->per_second;
	if (rate->thousandths > full)
		rate->thousandths = full;
	rate->filled_ms = now_ms;
}

void
sts_rate_init_burst(struct sts_rate *rate, int64_t per_second, int64_t burst, int64_t now_ms)
{
	rate->per_second = per_second < 1 ? 1 : per_second;
	rate->burst = burst < 1 ? 1 : burst;
	rate->thousandths = rate->burst * TOKEN;
	rate->filled_ms = now_ms;
}

void
sts_rate_init(struct sts_rate *rate, int64_t per_second, int64_t now_ms)
{
	sts_rate_init_burst(rate, per_second, per_second, now_ms);
}

bool
sts_rate_take(struct sts_rate *rate, int64_t now_ms)
{
	fill(rate, now_ms);
	if (rate->thousandths < TOKEN)
		return false;
	rate->thousandths -= TOKEN;
	return true;
}

void
sts_rate_give_back(struct sts_rate *rate)
{
	if (rate->thousandths <= (rate->burst - 1) * TOKEN)
		rate->thousandths += TOKEN;
}

int64_t
sts_rate_wait_ms(struct sts_rate *rate, int64_t now_ms)
{
	fill(rate, now_ms);
	if (rate->thousandths >= TOKEN)
		return 0;
	return (TOKEN - rate->thousandths + rate->per_second - 1) / rate->per_second;
}
