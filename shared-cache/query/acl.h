/* SPDX-License-Identifier: ISC */
/*
 * acl.h - Redis users with minimal rights, as ACL commands to paste. Pure. Any thread.
 *
 * A command never removes a password, so that it may be repeated after an upgrade.
 */
#ifndef STS_QUERY_ACL_H
#define STS_QUERY_ACL_H

#include "shared-cache/base/text.h"

enum sts_acl_user {
	STS_ACL_MILTER,		/* reads and writes all our keys */
	STS_ACL_OPERATOR,	/* reads all our keys: redis-cli with the functions, stsctl stats and tail */
	STS_ACL_RSPAMD,		/* reads policies and the counters of domains */
	STS_ACL_USERS,
};

const char *sts_acl_name(enum sts_acl_user user);
/* Appends "ACL SETUSER name ...". prefix: as the settings allow it, that is, without wildcards. */
void sts_acl_add(struct sts_text *text, enum sts_acl_user user, const char *prefix);

#endif
