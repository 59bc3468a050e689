/* SPDX-License-Identifier: ISC */
/* privileges.c - gives up root: groups, group, user, capabilities, in this order; then verifies that it is really gone. */
#include "config.h"

#include "milter/daemon/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "shared-cache/base/log.h"

static void
say_ignored(const struct sts_conf *conf)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (pw == NULL || strcmp(pw->pw_name, conf->user) != 0)
		sts_info("not started as root: the setting user = %s is ignored, running as %s", conf->user,
		    pw == NULL ? "a user without a name" : pw->pw_name);
}

int
privileges_look_up(const struct sts_conf *conf, struct privileges *out)
{
	const struct passwd *pw;
	const struct group *gr = NULL;

	*out = (struct privileges){ .drop = false, .gave_up = false, .user = conf->user, .uid = geteuid(), .gid = getegid() };
	if (geteuid() != 0) {
		say_ignored(conf);
		return 0;
	}
	pw = getpwnam(conf->user);
	if (pw == NULL) {
		sts_fatal("there is no user %s (setting user); systemd-sysusers or adduser --system creates one", conf->user);
		return EX_NOUSER;
	}
	if (conf->group[0] != '\0' && (gr = getgrnam(conf->group)) == NULL) {
		sts_fatal("there is no group %s (setting group)", conf->group);
		return EX_NOUSER;
	}
	out->drop = true;
	out->uid = pw->pw_uid;
	out->gid = gr == NULL ? pw->pw_gid : gr->gr_gid;
	if (out->uid == 0)
		sts_warn("running as root, because the setting user says so: choose another user");
	return 0;
}

static int
cannot(const char *what)
{
	sts_fatal("cannot drop root privileges: %s: %s", what, strerror(errno));
	return EX_OSERR;
}

/* A user other than root may have been given capabilities, and some secure bits make them outlive a change of user. If there are
 * none, as in our unit, no system call is made that the unit's filter refuses. There is only one thread. */
static bool
drop_capabilities(bool *had)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
	uint32_t any = 0;

	*had = false;
	if (syscall(SYS_capget, &header, sets) != 0)
		return false;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		any |= sets[i].effective | sets[i].permitted;
	if (any == 0)
		return true;
	*had = true;
	memset(sets, 0, sizeof(sets));
	return syscall(SYS_capset, &header, sets) == 0;		/* this drops the ambient ones as well */
}

int
privileges_drop(struct privileges *p)
{
	/* No set-user-id program that we might start can regain privileges. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return cannot("no_new_privs");
	if (!p->drop) {
		if (!drop_capabilities(&p->gave_up))
			sts_warn("cannot drop capabilities: %s", strerror(errno));
		return 0;
	}
	if (initgroups(p->user, p->gid) != 0)
		return cannot("initgroups");
	if (setresgid(p->gid, p->gid, p->gid) != 0)
		return cannot("setresgid");
	if (setresuid(p->uid, p->uid, p->uid) != 0)
		return cannot("setresuid");
	if (p->uid != 0 && !drop_capabilities(&p->gave_up))
		return cannot("capset");
	p->gave_up = true;
	if (p->uid != 0 && (setuid(0) == 0 || geteuid() == 0)) {
		sts_fatal("root privileges were dropped, but could be regained");
		return EX_OSERR;
	}
	return 0;
}
