/* SPDX-License-Identifier: ISC */
/*
 * conf_table.c - the table of settings: the only source of names, types, defaults, bounds and help. `-d`, the sample file and the
 * manual page are made from it, or compared with it by a test. Every setting here does something.
 */
#include "config.h"

#include <stdint.h>

#include "shared-cache/settings/conf_private.h"

#define AT(field) offsetof(struct sts_conf, field)
#define MS(seconds) ((int64_t)(seconds) * 1000)
#define DAYS(n) MS((n) * 86400LL)

enum { AT_ONCE = false, RESTART = true };

const struct sts_setting sts_settings[] = {
	/* ---- the milter's socket ---- */
	{ "milter_socket", &sts_type_socket, AT(milter_socket), "unix:/run/mta-sts-milter/milter.sock", 0, 0, RESTART,
	    "Socket on which Postfix reaches the milter: unix:PATH or inet:PORT@HOST. Postfix writes the same in "
	    "smtpd_milters as unix:PATH or inet:HOST:PORT. Empty: there is no milter, and the daemon serves outgoing mail "
	    "only." },
	{ "milter_socket_mode", &sts_type_mode, AT(milter_socket_mode), "0660", 0, 0777, RESTART,
	    "Mode of a unix socket. Postfix's smtpd must be able to write to it." },
	{ "milter_socket_group", &sts_type_name, AT(milter_socket_group), "", 0, 0, RESTART,
	    "Group of a unix socket, for example postfix. Empty: the group of the socket's directory if that is "
	    "set-group-ID, else the group of the process. Without root, this must be a group that the process is a member of." },
	{ "trusted_mtas", &sts_type_networks, AT(trusted_mtas), "", 0, 0, RESTART,
	    "With an inet socket, the hosts and networks from which MTAs may connect. Packets from elsewhere are dropped "
	    "before there is a connection. Empty: anybody who can reach the socket may connect. Strangers must then be "
	    "unable to reach it, because the milter believes what a client tells it. For a unix socket, milter_socket_mode and "
	    "milter_socket_group control the access." },
	{ "read_ahead", &sts_type_bool, AT(read_ahead), "yes", 0, 0, RESTART,
	    "Whether the milter reads several kilobytes at a time from an MTA's connection. With no, libmilter makes several "
	    "system calls for each header field, which is most of what a message costs. Nothing else is different." },
	{ "user", &sts_type_name, AT(user), "_mta-sts", 0, 0, RESTART,
	    "User to run as when started as root. Otherwise the process keeps its user." },
	{ "group", &sts_type_name, AT(group), "", 0, 0, RESTART,
	    "Group to run as when started as root. Empty: the user's primary group. The user's supplementary groups are kept." },
	{ "authserv_id", &sts_type_token, AT(authserv_id), "", 0, 0, RESTART,
	    "Name of this server in the header's host= and in the evidence. Empty: the host name. Readers of the header, "
	    "such as the rspamd rule, trust only the name that they are configured with." },
	{ "node_name", &sts_type_token, AT(node_name), "", 0, 0, RESTART,
	    "Name of this process in Redis: in the evidence, and in stsctl's list of nodes. Empty: authserv_id. Several "
	    "processes on one host need different names." },
	{ "header_key_file", &sts_type_path, AT(header_key_file), "", 0, 0, AT_ONCE,
	    "File with the key that signs the header (sig=): the first line holds 32 to 128 hex digits and nothing else, for "
	    "example from openssl rand -hex 32. Empty: no signature. The rspamd rule, given the same key, then trusts signed "
	    "headers only. The file is read at start and at each reload: make it readable by the milter's user, and by "
	    "nobody else." },
	/* ---- Redis ---- */
	{ "redis", &sts_type_endpoint, AT(redis), "unix:/run/redis/redis-server.sock", 0, 0, RESTART,
	    "Where policies and counters are shared: unix:PATH, tcp:HOST:PORT, sentinel:NAME@HOST:PORT,HOST:PORT (the master "
	    "that Redis Sentinel knows by this name), cluster:HOST:PORT,HOST:PORT (some nodes of a Redis Cluster), or none, "
	    "and then this process keeps them to itself. Over TLS: tls:HOST:PORT, sentinel+tls:NAME@HOST:PORT,HOST:PORT or "
	    "cluster+tls:HOST:PORT,HOST:PORT." },
	{ "redis_username", &sts_type_word, AT(redis_username), "", 0, 0, RESTART,
	    "Redis ACL user. Empty: the default user." },
	{ "redis_password_file", &sts_type_path, AT(redis_password_file), "", 0, 0, RESTART,
	    "File with the Redis password; the first line holds the password and nothing else. Empty: no password. It is "
	    "read at start, before root privileges are dropped, and at each reload: make it readable by the milter's user." },
	{ "redis_tls_ca_file", &sts_type_path, AT(redis_tls_ca_file), "", 0, 0, RESTART,
	    "CA certificates, in PEM, against which the certificate of Redis is verified when redis uses TLS. Empty: the "
	    "system's. Chain, dates and name are always checked." },
	{ "redis_tls_cert_file", &sts_type_path, AT(redis_tls_cert_file), "", 0, 0, RESTART,
	    "Client certificate, in PEM, for a Redis that asks for one (tls-auth-clients), followed by the intermediate "
	    "certificates. Empty: none." },
	{ "redis_tls_key_file", &sts_type_path, AT(redis_tls_key_file), "", 0, 0, RESTART,
	    "Private key of that certificate, in PEM, without a passphrase. Empty: it is in redis_tls_cert_file. These three "
	    "files are read for each connection, so renewed ones are used without a reload: make them readable by the "
	    "milter's user." },
	{ "redis_tls_server_name", &sts_type_host, AT(redis_tls_server_name), "", 0, 0, RESTART,
	    "Name or address that the certificate of Redis must be for. Empty: the host that is connected to. Sentinels and "
	    "clusters usually report that as an address." },
	{ "redis_db", &sts_type_int, AT(redis_db), "0", 0, 65535, RESTART,
	    "Number of the database. Must be 0 with a cluster." },
	{ "redis_prefix", &sts_type_prefix, AT(redis_prefix), "mta-sts:", 0, 0, RESTART,
	    "Prefix of all key names." },
	{ "redis_timeout", &sts_type_time, AT(redis_timeout_ms), "250ms", 10, MS(10), RESTART,
	    "Maximum time to connect to Redis, and to wait for a reply. Mail never waits for this." },
	/* ---- discovery ---- */
	{ "dns_servers", &sts_type_servers, AT(dns_servers), "", 0, 0, RESTART,
	    "Resolvers to query, as ADDR or ADDR:PORT ([ADDR]:PORT for IPv6). Empty: those of resolv.conf, and changes of "
	    "that file are followed." },
	{ "dns_timeout", &sts_type_time, AT(dns_timeout_ms), "5s", 100, MS(60), RESTART,
	    "Maximum time for one DNS lookup, all tries together." },
	{ "fetch_timeout", &sts_type_time, AT(fetch_timeout_ms), "10s", 100, MS(60), RESTART,
	    "Maximum time to fetch one policy: address lookup, connection, TLS and transfer together, but not the time that "
	    "it waits for its turn." },
	{ "policy_wait", &sts_type_time, AT(policy_wait_ms), "2s", 0, MS(20), AT_ONCE,
	    "Maximum time that a message waits at its end for policies that are not known yet, all of them together. A "
	    "policy that is still unknown then is reported as temperror with the reason pending; the next message will find "
	    "it. Keep this well below the milter's content_timeout in Postfix." },
	{ "dns_concurrency", &sts_type_int, AT(dns_concurrency), "512", 1, 4096, RESTART,
	    "Maximum number of domains looked up in DNS at the same time. Names below one organisational domain may use a "
	    "sixteenth of it, and lookups that one client network causes may use half of it. A lookup that nobody waits for "
	    "any more gives its place to one that somebody waits for, and goes on beside it; up to four times as many may." },
	{ "dns_rate", &sts_type_int, AT(dns_rate), "5000", 1, 100000, RESTART,
	    "Maximum number of domains looked up in DNS per second. Most domains publish no policy, so this is their only "
	    "lookup." },
	{ "fetch_concurrency", &sts_type_int, AT(fetch_concurrency), "64", 1, 1024, RESTART,
	    "Maximum number of policies fetched at the same time. Fetches that one client network causes may use half of it." },
	{ "fetch_rate", &sts_type_int, AT(fetch_rate), "50", 1, 10000, RESTART,
	    "Maximum number of policies fetched per second. A policy that has to wait longer than policy_wait is reported as "
	    "temperror with the reason pending, or overload when too many are waiting." },
	{ "fetch_per_host", &sts_type_int, AT(fetch_per_host), "8", 1, 1024, RESTART,
	    "Maximum number of policies fetched from one address at the same time, so that a web server that hangs delays "
	    "only its own domains." },
	{ "fetch_process", &sts_type_bool, AT(fetch_process), "yes", 0, 0, RESTART,
	    "Whether a separate process, mta-sts-fetcher, speaks TLS and HTTP with policy servers. It can open neither files "
	    "nor connections, and is restarted when it dies. With no, the milter does this itself. It also does so, with a "
	    "warning, if that program is missing." },
	{ "negative_ttl_min", &sts_type_time, AT(negative_ttl_min_ms), "5m", MS(1), DAYS(1), RESTART,
	    "Minimum time to remember that a domain publishes no policy, whatever its SOA record says." },
	{ "negative_ttl_max", &sts_type_time, AT(negative_ttl_max_ms), "1h", MS(1), DAYS(7), RESTART,
	    "Maximum time to remember that a domain publishes no policy." },
	{ "failure_ttl", &sts_type_time, AT(failure_ttl_ms), "5m", MS(1), DAYS(1), RESTART,
	    "Time before a failed lookup is tried again. It grows with each further failure. RFC 8461 section 3.3 suggests "
	    "at least five minutes." },
	{ "refresh_interval", &sts_type_time, AT(refresh_interval_ms), "1d", MS(1), DAYS(30), RESTART,
	    "Age at which a policy is fetched again although it has not expired, with some jitter, if its domain is in use." },
	{ "recheck_interval", &sts_type_time, AT(recheck_interval_ms), "1h", MS(1), DAYS(7), RESTART,
	    "Age at which the id in DNS is checked again. If it has changed, the policy is fetched at once." },
	{ "cache_entries", &sts_type_size, AT(cache_entries), "100000", 16, 10000000, RESTART,
	    "Number of domains kept in memory, at about 2 KiB each at most. Also the number of histories kept, as long as "
	    "these take no more than 325 bytes each on average." },
	{ "policy_port", &sts_type_int, AT(policy_port), "443", 1, 65535, RESTART,
	    "Port of policy servers. RFC 8461 allows 443 only; for test labs." },
	{ "smtp_port", &sts_type_int, AT(smtp_port), "25", 1, 65535, AT_ONCE,
	    "Port of the mail exchangers that stsctl check and send-test connect to. The milter connects to none. For test "
	    "labs." },
	{ "dns_port", &sts_type_int, AT(dns_port), "53", 1, 65535, AT_ONCE,
	    "Port of the domains' own DNS servers, which stsctl check queries. The milter does not query them. For test labs." },
	{ "allow_private_addresses", &sts_type_bool, AT(allow_private_addresses), "no", 0, 0, RESTART,
	    "Whether policies may be fetched from private, loopback and other special-purpose addresses. For test labs: with "
	    "yes, anybody who sends mail can make this host connect to your internal network." },
	{ "ca_file", &sts_type_path, AT(ca_file), "", 0, 0, RESTART,
	    "CA certificates, in PEM, against which policy servers are verified. Empty: the system's." },
	{ "user_agent_contact", &sts_type_contact, AT(user_agent_contact), "", 0, 0, RESTART,
	    "How operators of policy servers can reach you: a URL, or mailto:ADDRESS. It follows this program's name and "
	    "version in the User-Agent of fetches. Empty: name and version only." },
	/* ---- verdicts ---- */
	{ "min_tls_version", &sts_type_tls_version, AT(min_tls_version), "TLSv1.2", 0, 0, AT_ONCE,
	    "Oldest TLS version that is adequate: TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3." },
	{ "min_cipher_bits", &sts_type_int, AT(min_cipher_bits), "128", 0, 512, AT_ONCE,
	    "Smallest cipher key size that is adequate, in bits." },
	{ "weak_ciphers", &sts_type_patterns, AT(weak_ciphers),
	    "*RC4* *RC2* *3DES* *DES-CBC* *MD5* *NULL* ADH* AECDH* EXP* *SEED* *IDEA*", 0, 0, AT_ONCE,
	    "Ciphers that are not adequate, by their OpenSSL names, with an optional * at either end. Ciphers without "
	    "encryption or without authentication are never adequate, listed or not." },
	{ "trusted_networks", &sts_type_networks, AT(trusted_networks), "127.0.0.0/8 ::1", 0, 0, AT_ONCE,
	    "Clients whose mail is neither judged nor marked: your own networks, as in Postfix's mynetworks." },
	{ "front_daemons", &sts_type_names, AT(front_daemons), "", 0, 0, AT_ONCE,
	    "smtpd services behind a front that terminates TLS itself (nginx, HAProxy, a content filter), by the names that "
	    "-o milter_macro_daemon_name=NAME gives them in master.cf. What Postfix reports there is the TLS of the front's "
	    "own connection. The milter therefore takes TLS for unknown, which never fails a message." },
	{ "accept_header_from", &sts_type_networks, AT(accept_header_from), "", 0, 0, AT_ONCE,
	    "Clients whose X-MTA-STS fields are left in place: your own outer mail servers that run this milter. The fields "
	    "of all other clients are removed." },
	{ "max_forged_fields", &sts_type_int, AT(max_forged), "4000", 1, 10000, AT_ONCE,
	    "Maximum number of X-MTA-STS fields that are removed from one message. For each of them Postfix reads the header "
	    "again from the start: a thousand take 0.2 seconds, four thousand 3, ten thousand 20. No honest message has more "
	    "than a few." },
	{ "forged_action", &sts_type_action, AT(forged_action), "reject", 0, 0, AT_ONCE,
	    "What to do with a message that has more than max_forged_fields of them: accept, quarantine, tempfail or reject. "
	    "With accept and quarantine, the first max_forged_fields are removed and the others stay, below our own field." },
	{ "strip_forged", &sts_type_strip_forged, AT(strip_forged), "milter", 0, 0, AT_ONCE,
	    "Who removes incoming X-MTA-STS fields: milter, or postfix, with its header_checks. With postfix, the milter "
	    "does not receive header fields, which saves time; it then removes and counts none, and accept_header_from has "
	    "no effect. Use postfix only if stsctl doctor finds that header_checks remove the field: readers trust any field "
	    "that is left." },
	{ "local_domains", &sts_type_domains, AT(local_domains), "", 0, 0, AT_ONCE,
	    "Your own recipient domains, whose policies are reported in the header's rcpt=: a list, or file:PATH with one "
	    "domain per line. Empty: nothing is looked up for recipients." },
	{ "domain_rules", &sts_type_rules, AT(domain_rules), "", 0, 0, AT_ONCE,
	    "Absolute path of a file of requirements for individual domains, one rule per line; see DOMAIN RULES in "
	    "mta-sts-milter.conf(5). stsctl lint rules checks such a file. Empty: no rules. The file is read at start and at "
	    "each reload, and a bad line in it is a mistake in the settings: make it readable by the milter's user." },
	{ "downgrade_days", &sts_type_int, AT(downgrade.days), "14", 0, STS_HISTORY_DAYS, AT_ONCE,
	    "Number of the last 60 days on which mail from a domain's own (aligned) clients must have arrived over TLS "
	    "before plaintext from them is reported as history=downgrade. Plaintext on half as many days is a habit, and is "
	    "no longer reported. 0: no histories are kept." },
	{ "downgrade_messages", &sts_type_int, AT(downgrade.messages), "20", 0, 1000000, AT_ONCE,
	    "Number of messages that must have arrived over TLS in that time. 0: no histories are kept." },
	/* ---- TLS reports ---- */
	{ "report_addresses", &sts_type_addresses, AT(report_addresses), "tls-reports tlsrpt smtp-tls-reports", 0, 0, AT_ONCE,
	    "Addresses that receive TLS reports (RFC 8460), in addition to those that local_domains publish as rua, which "
	    "the milter looks up every hour. Each is LOCAL-PART@DOMAIN, or LOCAL-PART for every domain. Mail to them is "
	    "never refused or held, like postmaster's: a report that says that your TLS is broken arrives in plaintext." },
	{ "report_authserv_ids", &sts_type_domains, AT(report_authserv_ids), "", 0, 0, AT_ONCE,
	    "Names under which your own mail servers write Authentication-Results fields. stsctl report import trusts only "
	    "these. Empty: authserv_id. Remove incoming fields with these names before your own are added." },
	{ "trusted_reporters", &sts_type_domains, AT(trusted_reporters), "", 0, 0, AT_ONCE,
	    "Domains whose TLS reports count as verified although their DKIM signature does not pass, if the domain has "
	    "signed them and SPF passes. This is for reporters whose key is for TLS reports only (s=tlsrpt), as RFC 8460 "
	    "recommends; OpenDKIM cannot verify such signatures." },
	{ "report_organization", &sts_type_line, AT(report_organization), "", 0, 0, AT_ONCE,
	    "Name of your organisation in the TLS reports (RFC 8460) that stsctl report send sends. If this, report_contact "
	    "or report_from is empty, none are sent." },
	{ "report_contact", &sts_type_line, AT(report_contact), "", 0, 0, AT_ONCE,
	    "Whom to contact about those reports: a mail address or a URL." },
	{ "report_from", &sts_type_mailbox, AT(report_from), "", 0, 0, AT_ONCE,
	    "Sender of those reports, LOCAL-PART@DOMAIN, in the header and in the envelope. Its domain is the submitter of "
	    "the reports, and must sign them with DKIM. Use the address for nothing else: Postfix selects by it the "
	    "transport on which TLS is not reported (doc/outbound.md)." },
	{ "sendmail_path", &sts_type_path, AT(sendmail_path), "/usr/sbin/sendmail", 0, 0, AT_ONCE,
	    "The sendmail(1) program that reports are handed to." },
	/* ---- enforcement ---- */
	{ "sender_enforce_action", &sts_type_action, AT(enforcement.sender_enforce), "accept", 0, 0, AT_ONCE,
	    "What to do with mail that arrived without adequate TLS and whose sender's domain publishes mode enforce: "
	    "accept, quarantine (Postfix's hold queue), tempfail or reject. doc/enforcement.md shows how to get there." },
	{ "sender_testing_action", &sts_type_action, AT(enforcement.sender_testing), "accept", 0, 0, AT_ONCE,
	    "The same for sender domains that publish mode testing." },
	{ "recipient_enforce_action", &sts_type_action, AT(enforcement.recipient_enforce), "accept", 0, 0, AT_ONCE,
	    "What to do about a recipient in one of local_domains that publishes mode enforce, when the mail arrived without "
	    "adequate TLS. Other recipients of the same mail are not affected, except by quarantine." },
	{ "recipient_testing_action", &sts_type_action, AT(enforcement.recipient_testing), "accept", 0, 0, AT_ONCE,
	    "The same for recipients whose domain publishes mode testing." },
	{ "downgrade_action", &sts_type_action, AT(enforcement.downgrade), "accept", 0, 0, AT_ONCE,
	    "What to do with mail that is reported as history=downgrade: plaintext from a domain's own client, when mail "
	    "from these has so far arrived over TLS. Between this and sender_..._action, the stronger one counts." },
	{ "dry_run", &sts_type_bool, AT(enforcement.dry_run), "no", 0, 0, AT_ONCE,
	    "Refuse and hold nothing. Log, count and mark (action=would-...) what would have been done." },
	{ "enforce_percent", &sts_type_int, AT(enforcement.percent), "100", 0, 100, AT_ONCE,
	    "Percentage of domains that the actions above are applied to. For the others, actions are only marked would-..., "
	    "as with dry_run. A fixed hash of the name selects the domains: they are the same on every node, and stay "
	    "selected when the percentage grows. Domain rules are not affected." },
	{ "max_refusals_per_minute", &sts_type_int, AT(max_refusals), "50", 0, 100000, AT_ONCE,
	    "Trip wire: if one process refuses or holds mail from more than this many sender domains, and from more than "
	    "this many client networks, within any minute, it continues as with dry_run, until stsctl enforce reset or a "
	    "reload. 0: no trip wire. It is there for your own mistakes, which hit many senders; a single sender does not "
	    "trip it. Values above 1000 count as 1000." },
	{ "reject_code", &sts_type_reject_code, AT(reject_code), "550 5.7.10", 0, 0, AT_ONCE,
	    "Reply code and enhanced status code of a permanent refusal, both of class 5. tempfail uses the same codes in "
	    "class 4." },
	{ "reject_text", &sts_type_reject_text, AT(reject_text), "Encryption needed for mail of %d: %t", 0, 0, AT_ONCE,
	    "Text of a refusal. %d is the domain whose policy or rule applies, %t is what is missing, %h is the name of this "
	    "server, %% is a percent sign." },
	{ "confirm_interval", &sts_type_time, AT(enforcement.confirm_ms), "2h", MS(1), DAYS(7), AT_ONCE,
	    "Permanent refusals because of a published policy require that its id was seen in DNS within this time. Must not "
	    "be less than recheck_interval: the lookup for a message then queries DNS again, so that the next attempt finds "
	    "the id confirmed." },
	{ "unconfirmed_action", &sts_type_unconfirmed, AT(enforcement.unconfirmed), "tempfail", 0, 0, AT_ONCE,
	    "What to do instead of reject while the id is not confirmed: tempfail or accept." },
	/* ---- evidence ---- */
	{ "evidence_maxlen", &sts_type_size, AT(evidence_maxlen), "100000", 1, 100000000, RESTART,
	    "Number of messages kept in the evidence stream in Redis." },
	{ "evidence_client_addr", &sts_type_client_addr, AT(evidence_client_addr), "masked", 0, 0, AT_ONCE,
	    "The client's address in the evidence stream: full, masked (to /24, IPv6 to /48) or no." },
	{ "flush_interval", &sts_type_time, AT(flush_interval_ms), "1s", 10, MS(60), RESTART,
	    "How often counters and evidence are written to Redis." },
	{ "spool_dir", &sts_type_path, AT(spool_dir), "", 0, 0, RESTART,
	    "Directory of a file that holds each message's counters and evidence from before the message is answered until "
	    "Redis has them, so that nothing is lost if the process is killed. The milter's user must be able to write "
	    "there, and no other process may use it. Empty: a kill loses up to one flush_interval. Not used with redis = "
	    "none. See doc/evidence.md." },
	{ "spool_max", &sts_type_size, AT(spool_max), "67108864", 16777216, INT64_C(4294967296), RESTART,
	    "Maximum size of that file, in bytes. While a new one replaces it, there are two. Messages that do not fit are "
	    "still counted, but are lost if the process is killed before they are in Redis." },
	{ "spool_wait", &sts_type_time, AT(spool_wait_ms), "100ms", 0, MS(20), RESTART,
	    "Maximum time that a message waits at its end to be in that file. If the disk takes longer, mail stops waiting "
	    "until the disk has caught up." },
	{ "domain_stats_days", &sts_type_int, AT(domain_stats_days), "90", 1, 3650, RESTART,
	    "Number of days for which daily counters, and the counters of a domain that is no longer seen, are kept." },
	{ "domain_stats_max", &sts_type_int, AT(domain_stats_max), "200000", 100, 100000000, RESTART,
	    "Maximum number of sender domains with counters of their own in Redis. Beyond that, the domains that were not "
	    "seen for the longest time are dropped. doc/evidence.md says what a domain costs." },
	/* ---- outgoing mail ---- */
	{ "socketmap_listen", &sts_type_sockets, AT(socketmap_listen), "", 0, 0, RESTART,
	    "Sockets on which Postfix asks how to deliver to a domain: a list of unix:PATH and inet:PORT@HOST. Postfix "
	    "writes one in smtp_tls_policy_maps as socketmap:unix:PATH:postfix, or with the name tlsrpt from version 3.10 "
	    "on. See doc/outbound.md. Empty: none." },
	{ "socketmap_mode", &sts_type_mode, AT(socketmap_mode), "0666", 0, 0777, RESTART,
	    "Mode of the unix sockets of socketmap_listen and tlsrpt_listen. Postfix's smtp must be able to write to them. "
	    "The answers are no secret." },
	{ "outbound", &sts_type_bool, AT(outbound), "yes", 0, 0, AT_ONCE,
	    "With no, every question from Postfix is answered with \"not found\", and mail goes out as main.cf says. This is "
	    "the one switch that turns off policies, DANE and rules for outgoing mail." },
	{ "dane", &sts_type_dane, AT(dane), "auto", 0, 0, RESTART,
	    "DANE (TLSA records) takes precedence over MTA-STS, as RFC 8461 section 2 requires. auto: TLSA records are "
	    "looked up as long as the resolver of dns_servers is seen to validate DNSSEC. off: they are not looked up, and "
	    "an answer may override DANE." },
	{ "policy_wait_outbound", &sts_type_time, AT(policy_wait_outbound_ms), "5s", 0, MS(60), AT_ONCE,
	    "Maximum time that a question from Postfix waits for what is not known yet. Then the answer is \"not found\", "
	    "and the next message finds it." },
	{ "outbound_recheck_interval", &sts_type_time, AT(outbound_recheck_ms), "5m", MS(1), DAYS(1), AT_ONCE,
	    "Age at which the id of a policy is checked again if the policy was given to Postfix since. A change by the "
	    "domain's owner should be noticed before mail has to wait." },
	{ "socketmap_tempfail", &sts_type_bool, AT(socketmap_tempfail), "no", 0, 0, AT_ONCE,
	    "With yes, mail waits while DNS does not say what a domain publishes. With no, it goes out as main.cf says." },
	{ "outbound_report_testing", &sts_type_bool, AT(outbound_report_testing), "no", 0, 0, AT_ONCE,
	    "With yes, questions with the name tlsrpt about policies in mode testing are answered with level may, so that "
	    "Postfix includes them in reports. This lowers a stricter default of main.cf for these domains, and wrong "
	    "certificates count as successes." },
	{ "tlsrpt_listen", &sts_type_unix_socket, AT(tlsrpt_listen), "", 0, 0, RESTART,
	    "Socket on which Postfix 3.10 and later report how TLS went for outgoing mail (smtp_tlsrpt_socket_name): "
	    "unix:PATH, a datagram socket. The results are counted in Redis, for stsctl stats --outbound. Empty: none." },
	/* ---- metrics ---- */
	{ "metrics_listen", &sts_type_listen, AT(metrics_listen), "", 0, 0, RESTART,
	    "Address on which /metrics, for Prometheus, and /healthz are served over HTTP: HOST:PORT, for example "
	    "127.0.0.1:9925; an IPv6 address in brackets. Empty: none. There is no password: anybody who can reach it learns "
	    "how much mail arrives. A port below 1024 needs root at start." },
};

const size_t sts_setting_count = sizeof(sts_settings) / sizeof(sts_settings[0]);

_Static_assert(sizeof(sts_settings) / sizeof(sts_settings[0]) <= STS_SETTINGS_MAX, "struct sts_conf_box is too small");
