/* SPDX-License-Identifier: ISC */
/* outbound_view.h - what Postfix would be told about a domain that it sends to, and why, step by step. One thread. */
#ifndef STSCTL_LOOKUP_OUTBOUND_VIEW_H
#define STSCTL_LOOKUP_OUTBOUND_VIEW_H

#include "shared-cache/outbound/socketmap_answer.h"
#include "stsctl/lookup/dane_probe.h"
#include "stsctl/lookup/discover.h"
#include "stsctl/terminal/command.h"

struct outbound_view {
	enum sts_asked_kind kind;
	char domain[STS_DOMAIN_CAP];	/* with STS_ASKED_DOMAIN; else "" */
	const struct sts_send_rule *rule;	/* belongs to the settings */
	struct discovery discovery;
	struct dane_probe dane;
	struct sts_outbound_answer answer[STS_MAPS];
	char *reply[STS_MAPS];		/* the reply to a socketmap client, without the netstring; owned */
};

/* Finds out everything. Returns CMD_FINE, or an exit code after printing the error. env is used for domains. Call outbound_view_fini
 * in any case. */
enum cmd_exit outbound_view_make(const struct cmd_context *context, const struct sts_conf *conf,
    const struct discover_env *env, const char *key, struct outbound_view *out);
void outbound_view_fini(struct outbound_view *view);

/* Prints the view; returns the exit code of `stsctl lookup --outbound'. */
enum cmd_exit outbound_view_print(const struct cmd_context *context, const struct sts_conf *conf,
    const struct outbound_view *view);

#endif
