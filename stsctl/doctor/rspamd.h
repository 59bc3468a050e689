/* SPDX-License-Identifier: ISC */
/* doctor/rspamd.h - reads rspamd's configuration, and compares it with the milter's. One thread. */
#ifndef STSCTL_DOCTOR_RSPAMD_H
#define STSCTL_DOCTOR_RSPAMD_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/settings/conf.h"
#include "stsctl/machine/inspection.h"
#include "stsctl/machine/postfix_value.h"
#include "stsctl/smtpd/certificate_files.h"

enum { RSPAMD_ADDRESSES_MAX = 8, RSPAMD_MODULES_MAX = 4 };
struct doctor_rspamd {
	bool present;
	char version[64];
	bool config_good;		/* rspamadm configtest */
	char config_why[DOCTOR_LINE];
	bool dump_failed;		/* its configuration cannot be dumped, so what follows is unknown */
	bool rule;			/* our symbols are there */
	bool multimap;			/* the multimap of a guide that many have followed */
	char modules[RSPAMD_MODULES_MAX][POSTFIX_VALUE_CAP]; /* configuration files that no module reads */
	size_t module_count;
	char addresses[RSPAMD_ADDRESSES_MAX][POSTFIX_VALUE_CAP]; /* of milter workers: "localhost:11332", or a path */
	size_t address_count;
	/* from rspamd.local.lua */
	bool settings_known;
	char directory[POSTFIX_VALUE_CAP];	/* contains local.d */
	char local_lua[POSTFIX_VALUE_CAP];
	char authserv_id[POSTFIX_VALUE_CAP], key_file[POSTFIX_VALUE_CAP];
	enum doctor_file key_state;	/* of key_file, if that is not "" */
	struct sts_header_key key;
};
void inspect_rspamd(const struct doctor_env *env, struct doctor_rspamd *out);
void judge_rspamd(const struct sts_conf *conf, const struct doctor_rspamd *rspamd, struct findings *out);
/* The value of `name = "..."` in Lua outside of comments. False when there is none. */
bool doctor_lua_string(const char *text, const char *name, char out[POSTFIX_VALUE_CAP]);
/* Parses the output of `rspamadm configdump -j worker ...'. */
void doctor_rspamd_addresses(const char *json, struct doctor_rspamd *out);

#endif
