/* SPDX-License-Identifier: ISC */
/* milter_judge.c - judges the milter's socket. Pure. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/doctor/milter.h"

static const char start_it[] = "systemctl start mta-sts-milter";
static const char groups[] = "milter_socket_group = postfix\nin mta-sts-milter.conf, and then\n"
    "adduser _mta-sts postfix\nsystemctl restart mta-sts-milter";
/* The commands that make the socket's directory, with the set-group-ID bit, which gives the socket to the directory's group. */
static const char *
fix_directory(const struct sts_conf *conf, char out[DOCTOR_LINE])
{
	const char *path = conf->milter_socket + strcspn(conf->milter_socket, "/"), *slash = strrchr(path, '/');

	snprintf(out, DOCTOR_LINE, "install -d -m 2750 -o %s -g postfix '%.*s'\nsystemctl restart mta-sts-milter", conf->user,
	    slash != NULL ? (int)(slash - path) : 0, path);
	return out;
}

static void
judge_here(const struct sts_conf *conf, const struct doctor_socket *s, struct findings *out)
{
	switch (s->here) {
	case REACH_OK:
		findings_add(out, FINDING_PASS, "milter.ok", conf->milter_socket, "answers", NULL);
		break;
	case REACH_ABSENT:
	case REACH_REFUSED:
		findings_add(out, FINDING_FAIL, "milter.down", conf->milter_socket, s->why, start_it);
		break;
	case REACH_SILENT:
	case REACH_ODD:
		findings_add(out, FINDING_FAIL, "milter.silent", conf->milter_socket, s->why, "systemctl restart mta-sts-milter");
		break;
	case REACH_DENIED:
	case REACH_NOT_TRIED:
		findings_add(out, FINDING_INFO, "milter.unknown", conf->milter_socket, s->why, "run stsctl doctor as root");
		findings_set_unsure(out);
		break;
	}
}

void
judge_milter(const struct sts_conf *conf, const struct doctor_socket *s, struct findings *out)
{
	char fix[DOCTOR_LINE];

	judge_here(conf, s, out);
	if (s->here == REACH_OK && s->smtpd == REACH_DENIED)
		doctor_add(out, FINDING_FAIL, "milter.socket", conf->milter_socket, s->chrooted ? fix_directory(conf, fix) :
		    groups,
		    "Postfix's user cannot connect: %s; owner %s, group %s, mode %04o", s->smtpd_why, s->owner, s->group, s->mode);
	else if (s->here == REACH_OK && (s->smtpd == REACH_ABSENT || s->smtpd == REACH_REFUSED))
		doctor_add(out, FINDING_FAIL, "milter.socket", conf->milter_socket,
		    "systemctl restart mta-sts-milter\nand name the socket in smtpd_milters as smtpd sees it: relative to the queue "
		    "directory if smtpd is chrooted",
		    "smtpd%s cannot connect: %s", s->chrooted ? " in its chroot" : "", s->smtpd_why);
	if (s->here == REACH_OK && s->smtpd == REACH_NOT_TRIED && s->smtpd_why[0] != '\0') {
		doctor_add(out, FINDING_INFO, "milter.unknown", conf->milter_socket, "run stsctl doctor as root",
		    "whether Postfix's user can connect is not known: %s", s->smtpd_why);
		findings_set_unsure(out);
	}
	if (s->exists && (s->mode & 0002) != 0)
		doctor_add(out, FINDING_INFO, "milter.socket-open", conf->milter_socket, "milter_socket_mode = 0660",
		    "mode %04o: every local user can connect to the milter", s->mode);
}
