/* SPDX-License-Identifier: ISC */
/*
 * conf.h - the settings of both programs, read from the configuration file by a table of names, types, defaults, bounds and help.
 *
 * The syntax is that of Postfix's main.cf: `name = value`, `#` comments, continuation lines that begin with white space,
 * lists separated by commas or white space, times with s m h d (also ms), sizes with k m. An unknown name, an invalid value or a
 * duplicate name is an error with file and line; all errors are reported, not only the first.
 * A struct sts_conf is immutable and reference-counted, so a session keeps the one that it began with.
 * Reads the configuration file and the files that its values name (file:PATH, domain_rules, redis_password_file,
 * header_key_file); nothing else. Any thread.
 */
#ifndef STS_SETTINGS_CONF_H
#define STS_SETTINGS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared-cache/base/status.h"
#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/enforcement/enforce.h"
#include "shared-cache/judge/header.h"
#include "shared-cache/judge/history.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/names/address_list.h"
#include "shared-cache/names/domain_set.h"
#include "shared-cache/names/endpoint.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/outbound/send_rules.h"

enum sts_dane_use { STS_DANE_NEVER, STS_DANE_AUTO };
enum sts_client_addr { STS_CLIENT_MASKED, STS_CLIENT_FULL, STS_CLIENT_NO };
enum sts_strip_forged { STS_STRIP_MILTER, STS_STRIP_POSTFIX };

struct sts_conf {
	/* the milter's socket */
	char *milter_socket;		/* as written; the daemon converts it to libmilter's form; "" for no milter */
	int64_t milter_socket_mode;
	char *milter_socket_group;
	char *user, *group;
	char *authserv_id;		/* never empty after loading */
	char *node_name;		/* as written: sts_conf_node */
	char *header_key_file;
	struct sts_header_key header_key; /* contents of the file; never printed */
	/* Redis */
	struct sts_endpoint redis;
	char *redis_username;
	char *redis_password_file;
	char *redis_password;		/* contents of the file; never printed */
	char *redis_tls_ca_file, *redis_tls_cert_file, *redis_tls_key_file, *redis_tls_server_name; /* also in redis.tls_with */
	int64_t redis_db;
	char *redis_prefix;
	int64_t redis_timeout_ms;
	/* discovery */
	char *dns_servers;		/* c-ares CSV form, "" for resolv.conf */
	int64_t dns_timeout_ms, fetch_timeout_ms, policy_wait_ms;
	int64_t dns_concurrency, dns_rate;
	int64_t fetch_concurrency, fetch_rate, fetch_per_host;
	bool fetch_process;
	bool read_ahead;
	int64_t negative_ttl_min_ms, negative_ttl_max_ms, failure_ttl_ms;
	int64_t refresh_interval_ms, recheck_interval_ms;
	int64_t cache_entries;
	int64_t policy_port;
	int64_t smtp_port;		/* of MX hosts; only stsctl connects to them (check, send-test) */
	int64_t dns_port;		/* of the domains' own servers; only stsctl check queries them */
	bool allow_private_addresses;
	char *ca_file;			/* "" for the system's */
	char *user_agent_contact;	/* "" for none */
	/* verdicts */
	char *min_tls_version;
	int64_t min_cipher_bits;
	char *weak_ciphers;
	struct sts_verdict_rules rules;		/* made from the three above */
	struct sts_netlist *trusted_mtas;	/* empty: any client of the socket */
	struct sts_netlist *trusted_networks;
	char *front_daemons;		/* see sts_conf_list_contains; "" for none */
	struct sts_netlist *accept_header_from;
	int64_t max_forged;		/* fields per message that are removed */
	enum sts_action forged_action;	/* when a message has more */
	struct sts_domain_set *local_domains; /* NULL when empty */
	struct sts_domain_rules *domain_rules; /* contents of the file; NULL if there is none */
	struct sts_send_rules *send_rules; /* from the same file; NULL if it has none */
	struct sts_history_rules downgrade; /* days, messages */
	/* TLS reports */
	struct sts_address_list *report_addresses; /* mail to them is never refused; NULL when empty */
	struct sts_domain_set *report_authserv_ids; /* NULL when empty: authserv_id is the one */
	struct sts_domain_set *trusted_reporters; /* NULL when empty */
	char *report_organization, *report_contact, *report_from; /* "": no reports are sent */
	char *sendmail_path;
	/* enforcement */
	struct sts_enforcement enforcement;
	int64_t max_refusals;		/* per minute; 0: no limit */
	char *reject_code, *reject_text; /* see reply.h */
	/* evidence */
	int64_t evidence_maxlen;
	enum sts_client_addr evidence_client_addr;
	enum sts_strip_forged strip_forged;
	int64_t flush_interval_ms;
	char *spool_dir;		/* "" for none */
	int64_t spool_max;		/* bytes */
	int64_t spool_wait_ms;
	int64_t domain_stats_days;
	int64_t domain_stats_max;
	/* outgoing mail */
	char *socketmap_listen;		/* a list of unix:PATH, inet:PORT@HOST; "" for nowhere */
	int64_t socketmap_mode;
	bool outbound;			/* false: every query gets an empty answer */
	enum sts_dane_use dane;
	int64_t policy_wait_outbound_ms, outbound_recheck_ms;
	bool socketmap_tempfail;
	bool outbound_report_testing;
	char *tlsrpt_listen;		/* unix:PATH, "" for nowhere */
	/* metrics */
	char *metrics_listen;		/* HOST:PORT as written, "" for nowhere */
};

/* The name of this node in Redis: in heartbeats, locks and evidence. */
const char *sts_conf_node(const struct sts_conf *conf);

/* Whether name is in a list of names (front_daemons). */
bool sts_conf_list_contains(const char *list, const char *name);

/* Whether any mail could be refused, held, or marked for that. */
bool sts_conf_enforces(const struct sts_conf *conf);

/* Reads file (NULL: none, only defaults), then applies the overrides. Errors are written to errors, one line each, as
 * "FILE:LINE: name: what is wrong" (overrides: "-o: name: ..."); if there are any, STS_EINVAL, and *out is NULL. The caller owns
 * one reference. */
enum sts_status sts_conf_load(const char *file, const char *const *overrides, size_t override_count, FILE *errors,
    struct sts_conf **out);
struct sts_conf *sts_conf_ref(struct sts_conf *conf);
void sts_conf_unref(struct sts_conf **conf);

/* Prints, in the syntax of the file, all defaults with their help as comments (`-d`, the sample file), or the settings that
 * differ from the default (`-n`). Secrets are not settings, so they are never printed. */
void sts_conf_print_defaults(FILE *out);
void sts_conf_print_changed(const struct sts_conf *conf, FILE *out);
/* Prints the default of one setting as a line. False: there is no such setting. */
bool sts_conf_print_default(const char *name, FILE *out);
/* The names of settings, in the order of the sample file; NULL after the last. */
const char *sts_conf_setting_name(size_t index);
/* The setting that an unknown name was probably meant for; NULL: none is similar. */
const char *sts_conf_nearest_name(const char *name);

/* Calls fn for each setting that differs between the two and takes effect only after a restart. */
void sts_conf_restart_needed(const struct sts_conf *old_conf, const struct sts_conf *new_conf,
    void (*fn)(void *arg, const char *name), void *arg);

#endif
