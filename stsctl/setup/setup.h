/* SPDX-License-Identifier: ISC */
/* setup.h - what the parts of stsctl setup share: what was seen, what is wished for, the draft. One thread. */
#ifndef STSCTL_SETUP_SETUP_H
#define STSCTL_SETUP_SETUP_H

#include <stdbool.h>

#include "stsctl/doctor/milter.h"
#include "stsctl/doctor/rspamd.h"
#include "stsctl/setup/change_set.h"
#include "stsctl/setup/staging_directory.h"
#include "stsctl/smtpd/postfix_config.h"

enum { SETUP_SETTINGS_MAX = 8, SETUP_VALUE_CAP = 8192 };

/* The places in cmd_setup_options. */
enum setup_option { SETUP_APPLY, SETUP_UNDO, SETUP_POSTFIX, SETUP_RSPAMD, SETUP_REDIS_PASSWORD, SETUP_SYSTEMD, SETUP_SHARE, SETUP_RECORD,
	SETUP_VERBOSE };

struct setup {
	const struct cmd_context *context;
	struct doctor_env env;
	const char *settings_path;	/* of the milter's settings */
	const char *systemd_dir;	/* where drop-ins go; there may be none */
	const char *share_dir;		/* where rspamd's files were installed */
	const char *redis_password;	/* --redis-password: a file; NULL: not given */
	struct doctor_postfix pf;
	struct doctor_rspamd rspamd;
	struct staging_directory staging;
	struct change_set changes;
	/* settings that are to change, and to what */
	struct setup_setting { const char *name; char value[SETUP_VALUE_CAP]; } settings[SETUP_SETTINGS_MAX];
	size_t setting_count;
	char socket[POSTFIX_VALUE_CAP + 32];	/* milter_socket as it is to be */
	bool restart, reload_units, reload_postfix, reload_rspamd;
	bool unsure;			/* something could not be found out */
	char why[FILES_WHY_CAP];	/* when a part has failed */
};

/* Each part adds to the draft; false: it failed, why says so. In this order. */
bool setup_socket(struct setup *setup);		/* where the milter's socket has to be, so that smtpd can reach it */
bool setup_domains(struct setup *setup);	/* local_domains */
bool setup_redis(struct setup *setup);		/* redis, and a user of its own */
bool setup_settings(struct setup *setup);	/* the settings file, with what those before have wished for */
bool setup_postfix(struct setup *setup);	/* main.cf and master.cf */
bool setup_rspamd(struct setup *setup);		/* rspamd's rule */
void setup_afterwards(struct setup *setup);	/* what is to be restarted */

/* Wishes for a setting. */
void setup_change_setting(struct setup *setup, const char *name, const char *value);

#endif
