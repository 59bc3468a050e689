/* SPDX-License-Identifier: ISC */
/* admission_victim.c - picks the ticket to drop when there is no room for another. Changes nothing. */
#include "config.h"

#include "shared-cache/admission/admission_private.h"

struct victim {
	uint32_t newcomer;
	struct sts_ticket *ticket;	/* the best so far */
	size_t length;			/* of its queue; SIZE_MAX: unwanted */
};

static void
consider(struct victim *v, const struct sts_admission_queue *queue)
{
	struct sts_ticket *oldest = TAILQ_FIRST(&queue->all);
	size_t length = queue->waiting + (queue->client == v->newcomer);

	if (oldest == NULL || v->length == SIZE_MAX)
		return;
	if (!oldest->is_wanted(oldest))
		length = SIZE_MAX;
	if (length > v->length) {
		v->ticket = oldest;
		v->length = length;
	}
}

static struct sts_ticket *
blocked_unwanted(struct sts_admission *a)
{
	struct sts_admission_group *group, *next;

	HASH_ITER(hh, a->groups, group, next) {
		if (!TAILQ_EMPTY(&group->blocked_unwanted))
			return TAILQ_FIRST(&group->blocked_unwanted);
	}
	return NULL;
}

struct sts_ticket *
sts_admission_victim(struct sts_admission *admission, uint32_t client)
{
	struct victim v = { .newcomer = client, .ticket = TAILQ_FIRST(&admission->unwanted) };
	struct sts_admission_queue *queue, *next;

	if (v.ticket == NULL && admission->waiting > 0)
		v.ticket = blocked_unwanted(admission);
	if (v.ticket != NULL)
		return v.ticket;
	consider(&v, &admission->unknown_client);
	HASH_ITER(hh, admission->queues, queue, next)
		consider(&v, queue);
	return v.ticket;
}
