/* SPDX-License-Identifier: ISC */
/*
 * acl.h - the users of Redis that may do what they need and nothing else, as commands to paste. Pure. Any thread.
 *
 * A command never takes away a password, so that it may be given again after an upgrade.
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
/* Appends "ACL SETUSER name ...". prefix is one that the settings allow: it holds no wild cards. */
void sts_acl_add(struct sts_text *text, enum sts_acl_user user, const char *prefix);

#endif
