/* SPDX-License-Identifier: ISC */
/* store_link.c - connects by the settings of the store. Knows neither keys nor commands. */
#include "config.h"

#include "shared-cache/store/store_link.h"

#include <stdio.h>
#include <stdlib.h>

enum sts_status
sts_store_link_open(const struct sts_store_params *params, struct sts_store_link **out)
{
	const struct sts_redis_params redis = { .endpoint = &params->endpoint, .username = params->username,
		.password = params->password, .db = params->db, .timeout_ms = params->timeout_ms };

	enum sts_status status;

	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return STS_ENOMEM;
	snprintf((*out)->prefix, sizeof((*out)->prefix), "%s", params->prefix);
	status = sts_redis_open(&redis, &(*out)->redis);
	if (status != STS_OK) {
		free(*out);
		*out = NULL;
	}
	return status;
}

void
sts_store_link_close(struct sts_store_link **link)
{
	if (*link == NULL)
		return;
	sts_redis_free(&(*link)->redis);
	free(*link);
	*link = NULL;
}

const char *
sts_store_link_why(const struct sts_store_link *link)
{
	return sts_redis_why(link->redis);
}

enum sts_status
sts_store_link_read(struct sts_store_link *link, enum sts_reply_kind kind, const char *what, struct sts_reply *out)
{
	enum sts_status status = sts_redis_read(link->redis, out);

	if (status != STS_OK || out->kind == kind)
		return status;
	if (kind == STS_REPLY_ARRAY && sts_reply_is_refusal(out, "WRONGTYPE")) {
		sts_reply_free(out);
		*out = (struct sts_reply){ .kind = STS_REPLY_ARRAY, .text = "" };
		return STS_OK;
	}
	sts_redis_set_why(link->redis, what, out);
	sts_reply_free(out);
	sts_redis_drop(link->redis);
	return STS_EUNAVAILABLE;
}
