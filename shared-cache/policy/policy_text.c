/* SPDX-License-Identifier: ISC */
/* policy_text.c - a text with its policy and a reference count. Knows nothing of domains. */
#include "config.h"

#include "shared-cache/policy/policy_text.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The whole object; the public part comes first. */
struct counted_text {
	struct sts_policy_text text;
	struct sts_policy *policy;
	atomic_uint refs;
	char bytes[];
};

static struct counted_text *
counted(struct sts_policy_text *text)
{
	return (struct counted_text *)(void *)text;
}

enum sts_status
sts_policy_text_new(const char *text, size_t len, const struct sts_organisations *organisations, struct sts_policy_text **out)
{
	struct sts_policy *policy;
	enum sts_status status = sts_policy_parse(text, len, &policy, NULL);
	struct counted_text *c;

	*out = NULL;
	if (status != STS_OK)
		return status;
	if ((c = malloc(sizeof(*c) + len + 1)) == NULL) {
		sts_policy_free(&policy);
		return STS_ENOMEM;
	}
	if (organisations != NULL)
		sts_policy_find_orgs(policy, organisations);
	memcpy(c->bytes, text, len);
	c->bytes[len] = '\0';
	c->policy = policy;
	c->text = (struct sts_policy_text){ .policy = policy, .len = len, .text = c->bytes };
	atomic_init(&c->refs, 1);
	*out = &c->text;
	return STS_OK;
}

struct sts_policy_text *
sts_policy_text_ref(struct sts_policy_text *text)
{
	atomic_fetch_add_explicit(&counted(text)->refs, 1, memory_order_relaxed);
	return text;
}

void
sts_policy_text_unref(struct sts_policy_text **text)
{
	struct counted_text *c;

	if (*text == NULL)
		return;
	c = counted(*text);
	*text = NULL;
	/* Release: this thread's reads happen before the free. Acquire: the thread that frees sees those of all others. */
	if (atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
		return;
	sts_policy_free(&c->policy);
	free(c);
}

size_t
sts_policy_text_size(const struct sts_policy_text *text)
{
	return sizeof(struct counted_text) + text->len + 1 + sts_policy_size(text->policy);
}
