/* SPDX-License-Identifier: ISC */
/* setup.h - what the parts of stsctl setup share: the facts, the settings to change, the change set. One thread. */
#ifndef STSCTL_SETUP_SETUP_H
#define STSCTL_SETUP_SETUP_H

#include <stdbool.h>

#include "stsctl/doctor/milter.h"
#include "stsctl/doctor/rspamd.h"
#include "stsctl/setup/change_set.h"
#include "stsctl/setup/staging_directory.h"
#include "stsctl/smtpd/postfix_config.h"

enum { SETUP_SETTINGS_MAX = 8, SETUP_VALUE_CAP = 8192 };

/* The indexes in cmd_setup_options. */
enum setup_option { SETUP_APPLY, SETUP_UNDO, SETUP_POSTFIX, SETUP_RSPAMD, SETUP_REDIS_PASSWORD, SETUP_SYSTEMD, SETUP_SHARE, SETUP_RECORD,
	SETUP_VERBOSE };

struct setup {
	const struct cmd_context *context;
	struct doctor_env env;
	const char *settings_path;	/* of the milter's settings */
	const char *systemd_dir;	/* for drop-ins; need not exist */
	const char *share_dir;		/* where our files for rspamd are installed */
	const char *redis_password;	/* --redis-password: a file; NULL: not given */
	struct doctor_postfix pf;
	struct doctor_rspamd rspamd;
	struct staging_directory staging;
	struct change_set changes;
	/* the settings to change, and their new values */
	struct setup_setting { const char *name; char value[SETUP_VALUE_CAP]; } settings[SETUP_SETTINGS_MAX];
	size_t setting_count;
	char socket[POSTFIX_VALUE_CAP + 32];	/* the new milter_socket */
	bool restart, reload_units, reload_postfix, reload_rspamd;
	bool unsure;			/* something could not be determined */
	char why[FILES_WHY_CAP];	/* why a part has failed */
};

/* Each part adds to the change set. False: it failed, why has the reason. In this order. */
bool setup_socket(struct setup *setup);		/* moves the milter's socket to where smtpd can reach it */
bool setup_domains(struct setup *setup);	/* local_domains */
bool setup_redis(struct setup *setup);		/* redis, and a user of its own */
bool setup_settings(struct setup *setup);	/* the settings file, with the changes that the parts before have asked for */
bool setup_postfix(struct setup *setup);	/* main.cf and master.cf */
bool setup_rspamd(struct setup *setup);		/* rspamd's rule */
void setup_afterwards(struct setup *setup);	/* the commands that restart and reload */

/* Asks setup_settings to change a setting. */
void setup_change_setting(struct setup *setup, const char *name, const char *value);

#endif
