/* SPDX-License-Identifier: ISC */
/* acl.c - what each user may do. The tests run the milter and stsctl as these users. */
#include "config.h"

#include "shared-cache/query/acl.h"

#include "shared-cache/store/keys.h"

/* A script needs its user's permission for each command, so the commands of scripts.c are here, too. */
static const struct rights {
	const char *name;
	const char *keys;	/* how keys may be used: put before each pattern */
	bool all_keys, channels;
	const char *commands;
} users[STS_ACL_USERS] = {
	/* +scan and +unlink: purging; +time to +unsubscribe: notices between milters. */
	[STS_ACL_MILTER] = { "milter", "~", true, true,
	    "+ping +select +asking +cluster|slots +eval +evalsha +type +del +unlink +expire +pexpire +scan +get +set "
	    "+hget +hset +hdel +hmget +hgetall +hkeys +hlen +hstrlen +hincrby +hscan "
	    "+zadd +zscore +zcard +zpopmin +zrangebyscore +zremrangebyscore +zremrangebyrank +xadd +xread +xrevrange "
	    "+time +publish +subscribe +unsubscribe" },
	[STS_ACL_OPERATOR] = { "operator", "%R~", true, false,
	    "+ping +select +asking +cluster|slots +fcall_ro +type +ttl +exists +hget +hmget +hgetall +hlen +hscan +zscore +zcard +zrange +zrevrange "
	    "+zrangebyscore +xlen +xrange +xrevrange +xread" },
	[STS_ACL_RSPAMD] = { "rspamd", "%R~", false, false, "+ping +select +exists +hget +hmget +hgetall" },
};

const char *
sts_acl_name(enum sts_acl_user user)
{
	return users[user].name;
}

void
sts_acl_add(struct sts_text *text, enum sts_acl_user user, const char *prefix)
{
	const struct rights *rights = &users[user];
	char pattern[STS_KEY_CAP];

	sts_text_addf(text, "ACL SETUSER %s on resetkeys resetchannels -@all", rights->name);
	if (rights->all_keys)
		sts_text_addf(text, " %s%s", rights->keys, sts_key_pattern(prefix, STS_KEYS_ALL, pattern));
	else
		sts_text_addf(text, " %s%s", rights->keys, sts_key_pattern(prefix, STS_KEYS_POLICIES, pattern));
	if (!rights->all_keys)
		sts_text_addf(text, " %s%s", rights->keys, sts_key_pattern(prefix, STS_KEYS_DOMAINS, pattern));
	if (rights->channels)
		sts_text_addf(text, " &%s", sts_key_pattern(prefix, STS_KEYS_ALL, pattern));
	sts_text_addf(text, " %s", rights->commands);
}
