/* SPDX-License-Identifier: ISC */
/*
 * doctor.h - this machine: Postfix, rspamd, Redis, the milter, and how they are wired. Nothing is changed.
 *
 * Each part comes in two halves: look_ asks the machine and fills in facts; judge_ makes findings of facts, knows nothing of
 * where they come from, and is tested by tables.
 *
 *   smtpd/postfix.c   postconf's output
 *   smtpd/service.c   which smtpd is for whom; what several services have in common
 *   smtpd/tls.c       smtpd_tls_*: levels, versions, what Received says; fronts
 *   smtpd/certificates.c      certificates, keys, chains: their files; smtpd/certificates_judge.c what is to be said of them
 *   smtpd/offers.c    what each service that listens offers to a sender
 *   smtpd/wiring.c    smtpd_milters: who is listed where, in which order, with which time limits and actions
 *   smtpd/tables.c    header_checks, smtp_tls_policy_maps
 *   doctor/milter.c    the milter's socket: from here, and as smtpd reaches it; doctor/milter_judge.c
 *   doctor/rspamd.c    rspamd's configuration; doctor/rspamd_judge.c, against the milter's
 *   doctor/redis.c     Redis: version, memory, persistence, functions, users, clock; doctor/redis_judge.c
 *   doctor/domains.c   local_domains, Postfix' domains, and their policies; doctor/domains_judge.c
 *   cmd_doctor.c       the options, the order of the parts, the output
 */
#ifndef STSCTL_DOCTOR_DOCTOR_H
#define STSCTL_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/settings/conf.h"
#include "stsctl/context/settings.h"
#include "stsctl/findings/findings.h"
#include "stsctl/machine/postconf.h"
#include "stsctl/machine/postfix_value.h"
#include "stsctl/machine/subprocess.h"
#include "stsctl/probe/tls_probe.h"

enum { DOCTOR_TEXT = 4096, DOCTOR_LINE = 1024, DOCTOR_PROGRAM_MS = 20000, DOCTOR_ANSWER_MS = 3000 };

struct doctor_rspamd;

struct doctor_means {
	const struct sts_conf *conf;
	const char *postfix_dir;	/* --postfix, "" for the default instance */
	const char *rspamd_dir;		/* --rspamd, "" for rspamd's own */
	bool verbose;			/* say on standard error what is run */
	int64_t now;			/* seconds */
};

/* Runs a program as doctor does; with verbose, says so. */
enum sts_status doctor_run(const struct doctor_means *means, const char *const argv[], struct subprocess_output *out);

/* The same of a program of Postfix', for the instance that is looked at: PROGRAM [-c DIR] WORDS. */
enum { DOCTOR_WORDS_MAX = 4 };
enum sts_status doctor_run_postfix(const struct doctor_means *means, const char *program, const char *const *words,
    struct subprocess_output *out);

/* Adds a finding whose seen is formatted; cut at DOCTOR_TEXT. */
void doctor_add(struct findings *out, enum finding_level level, const char *id, const char *subject, const char *fix,
    const char *format, ...) __attribute__((format(printf, 6, 7)));

/* ---- Postfix ---- */

struct doctor_postfix {
	const char *directory;		/* "" for the default instance */
	struct postconf *conf;		/* NULL: could not be read */
	char *types;			/* of tables, a line each */
	char *warnings;			/* what postconf complains of, a line each */
	char why[DOCTOR_LINE];		/* with NULL */
};

void look_postfix(const struct doctor_means *means, struct doctor_postfix *out);
void judge_postfix(const struct doctor_postfix *pf, struct findings *out);
void doctor_postfix_fini(struct doctor_postfix *pf);
/* What to paste so that a service (NULL: main.cf) goes by another value. out holds DOCTOR_LINE bytes. */
char *doctor_fix(const struct doctor_postfix *pf, const struct postconf_service *service, const char *name, const char *value,
    char out[DOCTOR_LINE]);

enum doctor_role {
	ROLE_MX,		/* takes mail from strangers */
	ROLE_SUBMISSION,	/* 587, 465: takes mail from one's own users */
	ROLE_INNER,		/* on loopback: a filter gives mail back */
};
/* Whether it is an smtpd at all, on the network or behind postscreen, and for whom. */
bool doctor_service_is_smtpd(const struct postconf_service *service);
enum doctor_role doctor_service_role(const struct postconf_service *service);
/* Whether master(8) starts it in the queue directory. */
bool doctor_service_is_chrooted(const struct doctor_postfix *pf, const struct postconf_service *service);

/* Services with the same fault, which becomes one finding: their names, and what mends them, each line once. */
struct doctor_services {
	const struct doctor_postfix *pf;
	char names[DOCTOR_LINE], fix[DOCTOR_TEXT];
	size_t count;
};
/* Mended by another value of the setting; name NULL: there is nothing to mend. */
void doctor_services_add(struct doctor_services *list, const struct postconf_service *service, const char *name,
    const char *value);
void doctor_services_add_line(struct doctor_services *list, const struct postconf_service *service, const char *line);

/* The level that a service goes by: "may", "wrapper mode", "" for no TLS, ... */
const char *doctor_tls_level(const struct doctor_postfix *pf, const struct postconf_service *service);
void judge_tls(const struct doctor_postfix *pf, struct findings *out);
void judge_fronts(const struct doctor_postfix *pf, struct findings *out);

/* ---- certificates ---- */

enum doctor_file { FILE_OK, FILE_MISSING, FILE_DENIED, FILE_BAD };

struct doctor_cert {
	char path[POSTFIX_VALUE_CAP];
	enum doctor_file state;
	unsigned certs, keys;		/* how many are in it */
	unsigned mode;			/* permissions */
	char why[DOCTOR_LINE];
};

struct doctor_leaf {
	char name[POSTFIX_VALUE_CAP];		/* its subject, for people */
	bool names_host;		/* myhostname is in its subjectAltName */
	int64_t until;			/* seconds */
	char untrusted[POSTFIX_VALUE_CAP];	/* why nobody would trust it, "" */
};

/* What one of smtpd_tls_chain_files or the pairs of smtpd_tls_*cert_file and smtpd_tls_*key_file holds together. */
enum { DOCTOR_FILES_MAX = 8, DOCTOR_LEAVES_MAX = 4 };
struct doctor_chain {
	char setting[64];		/* of the certificate: "smtpd_tls_cert_file" */
	struct doctor_cert files[DOCTOR_FILES_MAX];
	size_t file_count;
	struct doctor_leaf leaves[DOCTOR_LEAVES_MAX];
	size_t leaf_count;		/* certificates that a key fits */
	size_t lonely_keys;		/* keys without a certificate */
};

enum { DOCTOR_CHAINS_MAX = 4 };
struct doctor_chains {
	struct doctor_chain list[DOCTOR_CHAINS_MAX];
	size_t count;			/* 0: none is configured */
};

void look_certs(const struct doctor_means *means, const struct doctor_postfix *pf, struct doctor_chains *out);
void judge_certs(const struct doctor_postfix *pf, const struct doctor_chains *chains, int64_t now, struct findings *out);

/* ---- what smtpd offers ---- */

/* One service that listens, asked as a sender asks it. */
struct doctor_offer {
	char service[POSTFIX_VALUE_CAP];	/* "smtp/inet 127.0.0.1:25" */
	struct tls_probe_result result;
};
enum { DOCTOR_OFFERS_MAX = 16 };
struct doctor_offers {
	struct doctor_offer list[DOCTOR_OFFERS_MAX];
	size_t count;
};
void look_offers(const struct doctor_means *means, const struct doctor_postfix *pf, struct doctor_offers *out);
void judge_offers(const struct doctor_offers *offers, struct findings *out);
/* Where a service of type inet can be reached from here, by its name and inet_interfaces; false when that is not to be told. */
bool doctor_service_place(const struct doctor_postfix *pf, const struct postconf_service *service, struct sts_ipaddr *addr,
    uint16_t *port);

/* ---- smtpd_milters ---- */

/* Whose a listed milter is. */
enum doctor_whose {
	WHOSE_OTHER,
	WHOSE_OURS,
	WHOSE_OURS_OUTSIDE,	/* the milter's path as it is outside of the chroot that the service lives in */
	WHOSE_RSPAMD,
};
typedef enum doctor_whose doctor_whose_fn(const void *arg, const struct postfix_milter *milter, bool chrooted);

struct doctor_wiring {
	const struct doctor_postfix *pf;
	const char *milter_socket;	/* as in the milter's settings */
	int64_t policy_wait_ms;
	doctor_whose_fn *whose;
	const void *arg;
};
void judge_wiring(const struct doctor_wiring *wiring, struct findings *out);
/* The endpoint as smtpd_milters names it: of "unix:/var/spool/postfix/x" in a chroot "unix:/x", of "inet:8890@127.0.0.1"
 * "inet:127.0.0.1:8890". */
const char *doctor_endpoint(const struct doctor_postfix *pf, const char *milter_socket, bool chrooted, char out[POSTFIX_VALUE_CAP]);

/* ---- tables ---- */

enum doctor_strip { STRIP_YES, STRIP_NO, STRIP_UNKNOWN };
/* What header_checks make of a client's X-MTA-STS field. */
enum doctor_strip look_header_checks(const struct doctor_means *means, const struct doctor_postfix *pf);
void judge_header_checks(const struct doctor_postfix *pf, enum doctor_strip strip, bool keeps_fields, struct findings *out);
/* exists: whether there is such a file; -1: cannot be told. */
typedef int doctor_exists_fn(const char *path);
int doctor_file_exists(const char *path);
void judge_policy_maps(const struct doctor_postfix *pf, doctor_exists_fn *exists, struct findings *out);

/* ---- the milter's socket ---- */

enum doctor_reach { REACH_OK, REACH_ABSENT, REACH_REFUSED, REACH_DENIED, REACH_SILENT, REACH_ODD, REACH_NOT_TRIED };

struct doctor_socket {
	enum doctor_reach here;		/* from this process: it speaks the milter protocol */
	char why[DOCTOR_LINE];
	bool is_unix, exists;
	unsigned mode;			/* of a unix socket that exists */
	char owner[64], group[64];
	enum doctor_reach smtpd;	/* as Postfix' user, in its chroot */
	bool chrooted;
	char smtpd_why[DOCTOR_LINE];
};
void look_milter(const struct doctor_means *means, const struct doctor_postfix *pf, struct doctor_socket *out);
void judge_milter(const struct sts_conf *conf, const struct doctor_socket *socket, struct findings *out);
/* Tells ours from others by the socket; arg is a struct doctor_sights. */
struct doctor_sights {
	const struct doctor_postfix *pf;
	const char *milter_socket;
	const struct doctor_rspamd *rspamd;
};
doctor_whose_fn doctor_whose;

/* ---- rspamd ---- */

enum { RSPAMD_PORTS_MAX = 8, RSPAMD_MODULES_MAX = 4 };
struct doctor_rspamd {
	bool present;
	char version[64];
	bool config_good;		/* rspamadm configtest */
	char config_why[DOCTOR_LINE];
	bool dump_failed;		/* its configuration cannot be shown: what follows is not known */
	bool rule;			/* our symbols are there */
	bool multimap;			/* the one of a guide that many have followed */
	char modules[RSPAMD_MODULES_MAX][POSTFIX_VALUE_CAP]; /* files that nothing reads */
	size_t module_count;
	char places[RSPAMD_PORTS_MAX][POSTFIX_VALUE_CAP]; /* of milter-speaking workers: "localhost:11332", a path */
	size_t place_count;
	/* of rspamd.local.lua */
	bool settings_known;
	char local_lua[POSTFIX_VALUE_CAP];
	char authserv_id[POSTFIX_VALUE_CAP], key_file[POSTFIX_VALUE_CAP];
	enum doctor_file key_state;	/* of key_file when it is not empty */
	struct sts_header_key key;
};
void look_rspamd(const struct doctor_means *means, struct doctor_rspamd *out);
void judge_rspamd(const struct sts_conf *conf, const struct doctor_rspamd *rspamd, struct findings *out);
/* The value of `name = "..."` in Lua, comments left out. False when there is none. */
bool doctor_lua_string(const char *text, const char *name, char out[POSTFIX_VALUE_CAP]);
/* Reads `rspamadm configdump -j worker ...'. */
void doctor_rspamd_places(const char *json, struct doctor_rspamd *out);

/* ---- Redis ---- */

struct doctor_redis {
	bool none;			/* redis = none */
	char place[STS_ENDPOINT_NAME_CAP];
	bool reached;
	char why[DOCTOR_LINE];		/* when it was not, or refused to serve */
	char user[64];			/* "" when it does not say */
	bool may_work;			/* it runs scripts for this user */
	char info_refused[DOCTOR_LINE];	/* "": INFO was answered */
	char version[64], role[32], maxmemory_policy[64];
	long long maxmemory, used_memory;
	bool aof;
	char save[DOCTOR_LINE];		/* CONFIG GET save */
	char config_refused[DOCTOR_LINE];
	bool has_time;
	int64_t ahead_s;		/* its clock against ours */
	enum { FUNCTIONS_LOADED, FUNCTIONS_ABSENT, FUNCTIONS_OLD, FUNCTIONS_NONE, FUNCTIONS_REFUSED } functions;
};
void look_redis(const struct doctor_means *means, struct doctor_redis *out);
void judge_redis(const struct doctor_redis *redis, struct findings *out);
/* The value of "name:value" in INFO's text; "" when there is none. */
char *doctor_info(const char *info, const char *name, char *out, size_t cap);

/* ---- domains ---- */

enum doctor_policy { POLICY_NOT_ASKED, POLICY_THERE, POLICY_ABSENT, POLICY_BROKEN, POLICY_UNKNOWN };
struct doctor_domain {
	char name[STS_DOMAIN_CAP];
	const char *setting;		/* of Postfix; NULL: only in local_domains */
	bool local;			/* in local_domains */
	enum doctor_policy policy;
	char why[DOCTOR_LINE];
};
struct doctor_domains {
	struct doctor_domain *list;
	size_t count, cap;
	bool no_local;			/* local_domains is empty */
	char unlisted[DOCTOR_LINE];	/* tables whose content cannot be listed */
};
void look_domains(const struct doctor_means *means, const struct doctor_postfix *pf, struct doctor_domains *out);
/* Asks DNS and policy hosts. */
void look_policies(const struct doctor_means *means, const struct cmd_context *context, struct doctor_domains *domains);
void judge_domains(const struct doctor_postfix *pf, const struct doctor_domains *domains, struct findings *out);
void doctor_domains_fini(struct doctor_domains *domains);

#endif
