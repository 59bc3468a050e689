/* SPDX-License-Identifier: ISC */
/*
 * header.c - X-MTA-STS: which tags, in which order, folded where. Does not know how a field is added to a message.
 *
 * Lines end in LF alone: milters pass header text with LF, and Postfix would keep a CR as part of the value.
 */
#include "config.h"

#include "shared-cache/judge/header.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "shared-cache/base/text.h"

enum {
	TAGS_MAX = 18,
	TAG_CAP = 16 + 255 + 1,			/* name, `=`, value */
	START_COLUMN = sizeof(STS_HEADER_NAME ": ") - 1,
};

struct tag {
	const char *name;
	const char *value;
};

struct tags {
	struct tag list[TAGS_MAX];
	size_t count;
	char bits[12];		/* storage of a value that is made here */
	char sig[STS_HEADER_SIG_CAP];
};

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
sts_header_is_ours(const char *name)
{
	size_t len;

	while (is_blank(*name))
		name++;
	len = strlen(name);
	while (len > 0 && is_blank(name[len - 1]))
		len--;
	return len == sizeof(STS_HEADER_NAME) - 1 && strncasecmp(name, STS_HEADER_NAME, len) == 0;
}

static void
put(struct tags *tags, const char *name, const char *value)
{
	tags->list[tags->count++] = (struct tag){ name, value };
}

static void
put_if_said(struct tags *tags, const char *name, const char *value)
{
	if (value[0] != '\0')
		put(tags, name, value);
}

static void
put_tls(struct tags *tags, const struct sts_evidence *evidence)
{
	const struct sts_tls *tls = &evidence->tls;
	struct sts_text bits;

	put(tags, "tls", sts_tls_name(tls));
	if (tls->state != STS_TLS_SECURED)
		return;
	put_if_said(tags, "cipher", tls->cipher);
	if (tls->bits >= 0) {
		sts_text_init(&bits, tags->bits, sizeof(tags->bits));
		sts_text_add_number(&bits, tls->bits);
		put(tags, "bits", tags->bits);
	}
	put_if_said(tags, "sni", evidence->sni);
}

static void
add_tag(struct sts_text *out, const struct tag *tag)
{
	sts_text_add(out, tag->name);
	sts_text_add_bytes(out, "=", 1);
	sts_text_add_token(out, tag->value, strlen(tag->value));
}

/* Call it after all other tags. */
static void
put_sig(struct tags *tags, const struct sts_header_author *author, const char *queue_id)
{
	char storage[sizeof(((struct sts_evidence *)0)->queue_id) + STS_HEADER_CAP];
	struct sts_text text;

	sts_text_init(&text, storage, sizeof(storage));
	sts_text_addf(&text, "%s\n", queue_id);
	for (size_t i = 0; i < tags->count; i++) {
		if (i > 0)
			sts_text_add(&text, "; ");
		add_tag(&text, &tags->list[i]);
	}
	if (!text.overflow && author->sign(author->arg, text.buf, text.len, tags->sig))
		put(tags, "sig", tags->sig);
}

/* A tag is never split between lines; one that is too long for any line gets a line of its own. */
static void
append_folded(struct sts_text *out, size_t *column, const char *tag, bool last)
{
	size_t width = strlen(tag) + (last ? 0 : 1);

	if (out->len > 0) {
		if (*column + 1 + width <= STS_HEADER_COLUMNS) {
			sts_text_add(out, " ");
			*column += 1;
		} else {
			sts_text_add(out, "\n\t");
			*column = 1;
		}
	}
	sts_text_add(out, tag);
	if (!last)
		sts_text_add(out, ";");
	*column += width;
}

static bool
render_tags(const struct tags *tags, char out[STS_HEADER_CAP])
{
	size_t column = START_COLUMN;
	struct sts_text text;

	sts_text_init(&text, out, STS_HEADER_CAP);
	for (size_t i = 0; i < tags->count; i++) {
		char storage[TAG_CAP];
		struct sts_text tag;

		sts_text_init(&tag, storage, sizeof(storage));
		add_tag(&tag, &tags->list[i]);
		append_folded(&text, &column, tag.buf, i + 1 == tags->count);
	}
	return !text.overflow;
}

bool
sts_header_render(const struct sts_header_author *author, const struct sts_evidence *evidence,
    const struct sts_policy_view *policy, const struct sts_verdict *verdict, char out[STS_HEADER_CAP])
{
	struct tags tags = { .count = 0 };

	put(&tags, "v", "1");
	put(&tags, "host", author->host);
	put(&tags, "result", sts_result_name(verdict->result));
	put_if_said(&tags, "reason", sts_reason_name(verdict->reason));
	put(&tags, "domain", evidence->domain[0] != '\0' ? evidence->domain : "-");
	put(&tags, "identity", sts_identity_name(evidence->identity));
	put(&tags, "policy", sts_policy_known_name(policy->known));
	put_if_said(&tags, "id", policy->id);
	put_tls(&tags, evidence);
	put(&tags, "aligned", sts_aligned_name(evidence->aligned));
	if (evidence->has_rcpt)
		put(&tags, "rcpt", sts_policy_known_name(evidence->rcpt));
	if (evidence->requiretls)
		put(&tags, "requiretls", "yes");
	put_if_said(&tags, "history", sts_history_name(evidence->history));
	if (author->shows_action)
		put(&tags, "action", sts_action_taken_name(sts_action_taken(verdict->action, verdict->wanted)));
	if (author->sign != NULL && evidence->queue_id[0] != '\0')
		put_sig(&tags, author, evidence->queue_id);
	return render_tags(&tags, out);
}
