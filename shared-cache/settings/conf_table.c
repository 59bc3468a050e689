/* SPDX-License-Identifier: ISC */
/*
 * conf_table.c - the settings: the only source of names, types, defaults, bounds and help. `-d`, the sample file and the
 * manual page are made of it or held against it by a test. A setting that does nothing is not here.
 */
#include "config.h"

#include <stdint.h>

#include "shared-cache/settings/conf_private.h"

#define AT(field) offsetof(struct sts_conf, field)
#define MS(seconds) ((int64_t)(seconds) * 1000)
#define DAYS(n) MS((n) * 86400LL)

enum { AT_ONCE = false, RESTART = true };

const struct sts_setting sts_settings[] = {
	/* ---- the milter's door ---- */
	{ "milter_socket", &sts_type_socket, AT(milter_socket), "unix:/run/mta-sts-milter/milter.sock", 0, 0, RESTART,
	    "Where Postfix reaches the milter: unix:PATH, or inet:PORT@HOST. Postfix writes the same as unix:PATH and "
	    "inet:HOST:PORT in smtpd_milters. Empty: there is no milter, and the daemon serves mail that goes out alone." },
	{ "milter_socket_mode", &sts_type_mode, AT(milter_socket_mode), "0660", 0, 0777, RESTART,
	    "Mode of a unix socket. Postfix's smtpd must be able to write to it." },
	{ "milter_socket_group", &sts_type_name, AT(milter_socket_group), "", 0, 0, RESTART,
	    "Group of a unix socket, postfix for example. Empty: the group of the socket's directory, if that is set-group-ID; else of "
	    "the process. Without root, this must be a group that the process is a member of." },
	{ "trusted_mtas", &sts_type_networks, AT(trusted_mtas), "", 0, 0, RESTART,
	    "With an inet socket, the hosts and networks from which MTAs may connect. Packets from elsewhere are dropped before there is a "
	    "connection. Empty: whoever reaches the socket; then it must not be reachable for strangers, since libmilter can be crashed by "
	    "who speaks to it. For a unix socket, milter_socket_mode and milter_socket_group say who." },
	{ "read_ahead", &sts_type_bool, AT(read_ahead), "yes", 0, 0, RESTART,
	    "Whether what an MTA sends is taken from its connection some kilobytes at a time. With no, libmilter asks the system several "
	    "times for each header field, which is most of what a message costs; nothing else is different." },
	{ "user", &sts_type_name, AT(user), "_mta-sts", 0, 0, RESTART,
	    "User to become when started as root. Otherwise the process stays who it is." },
	{ "group", &sts_type_name, AT(group), "", 0, 0, RESTART,
	    "Group to become when started as root. Empty: the user's primary group. The user's other groups are kept." },
	{ "authserv_id", &sts_type_token, AT(authserv_id), "", 0, 0, RESTART,
	    "Name of this server in the header's host= and in the evidence. Empty: the host name. Readers of the header, such as "
	    "rspamd's rule, believe only the name that they were told." },
	{ "node_name", &sts_type_token, AT(node_name), "", 0, 0, RESTART,
	    "What this process is called in Redis: in the evidence, in stsctl's list of nodes. Empty: authserv_id. Several processes "
	    "of one host want a name each." },
	{ "header_key_file", &sts_type_path, AT(header_key_file), "", 0, 0, AT_ONCE,
	    "File with the key that signs the header (sig=), alone in its first line: 32 to 128 hex digits, from openssl rand "
	    "-hex 32 for example. Empty: no signature. rspamd's rule, given the same key, then believes signed headers only. "
	    "The file is read at start and again at a reload: let the user read it who is named above, and nobody else." },
	/* ---- Redis ---- */
	{ "redis", &sts_type_endpoint, AT(redis), "unix:/run/redis/redis-server.sock", 0, 0, RESTART,
	    "Where policies and counters are shared: unix:PATH, tcp:HOST:PORT, sentinel:NAME@HOST:PORT,HOST:PORT (the master that "
	    "Redis' sentinels know by this name), cluster:HOST:PORT,HOST:PORT (some nodes of a Redis Cluster), or none, when they "
	    "live in this process alone. Over TLS: tls:HOST:PORT, sentinel+tls:NAME@HOST:PORT,HOST:PORT or "
	    "cluster+tls:HOST:PORT,HOST:PORT." },
	{ "redis_username", &sts_type_word, AT(redis_username), "", 0, 0, RESTART,
	    "ACL user of Redis. Empty: the default user." },
	{ "redis_password_file", &sts_type_path, AT(redis_password_file), "", 0, 0, RESTART,
	    "File with the password of Redis, alone in its first line. Empty: no password. It is read at start, before root is "
	    "given up, and again at a reload: let the user read it who is named above." },
	{ "redis_tls_ca_file", &sts_type_path, AT(redis_tls_ca_file), "", 0, 0, RESTART,
	    "Certificates of the authorities that Redis' own is held against when redis is spoken to over TLS, in PEM. Empty: the "
	    "system's. Chain, dates and name are always checked." },
	{ "redis_tls_cert_file", &sts_type_path, AT(redis_tls_cert_file), "", 0, 0, RESTART,
	    "Our own certificate, in PEM, for a Redis that wants to see one (tls-auth-clients), followed by those that it is signed "
	    "with, but for the authority's. Empty: none." },
	{ "redis_tls_key_file", &sts_type_path, AT(redis_tls_key_file), "", 0, 0, RESTART,
	    "Its key, in PEM, without a passphrase. Empty: it is in redis_tls_cert_file. These three files are read for each "
	    "connection, so that renewed ones are used without a reload: let the user read them who is named above." },
	{ "redis_tls_server_name", &sts_type_host, AT(redis_tls_server_name), "", 0, 0, RESTART,
	    "Name or address that Redis' certificate must be for. Empty: the host that is connected to, which sentinels and clusters "
	    "tell as an address as a rule." },
	{ "redis_db", &sts_type_int, AT(redis_db), "0", 0, 65535, RESTART, "Number of the database; 0 with a cluster." },
	{ "redis_prefix", &sts_type_prefix, AT(redis_prefix), "mta-sts:", 0, 0, RESTART, "Begins the name of every key." },
	{ "redis_timeout", &sts_type_time, AT(redis_timeout_ms), "250ms", 10, MS(10), RESTART,
	    "Longest time to connect to Redis, and to wait for an answer. Mail never waits for this." },
	/* ---- discovery ---- */
	{ "dns_servers", &sts_type_servers, AT(dns_servers), "", 0, 0, RESTART,
	    "Resolvers to ask, as ADDR or ADDR:PORT ([ADDR]:PORT for IPv6). Empty: those of resolv.conf, also when it changes." },
	{ "dns_timeout", &sts_type_time, AT(dns_timeout_ms), "5s", 100, MS(60), RESTART,
	    "Longest time for one look-up in DNS, all tries together." },
	{ "fetch_timeout", &sts_type_time, AT(fetch_timeout_ms), "10s", 100, MS(60), RESTART,
	    "Longest time to fetch one policy: addresses, connection, TLS and transfer together, without the time it waits for its turn." },
	{ "policy_wait", &sts_type_time, AT(policy_wait_ms), "2s", 0, MS(20), AT_ONCE,
	    "Longest time that a message waits at its end for policies that are not known yet, all of them together. What is "
	    "not known by then is reported as temperror with the reason pending; the next message will find it. Keep this well "
	    "below the milter's content_timeout in Postfix." },
	{ "dns_concurrency", &sts_type_int, AT(dns_concurrency), "512", 1, 4096, RESTART,
	    "Domains that DNS is asked about at the same time. A sixteenth of it is for the names below one organisational domain, half "
	    "of it for what one client network makes us ask. What nobody waits for any more makes room for what somebody waits for, and "
	    "goes on beside it, four times as many domains at most." },
	{ "dns_rate", &sts_type_int, AT(dns_rate), "5000", 1, 100000, RESTART,
	    "Domains that DNS is asked about in one second. Most domains publish no policy, and end here." },
	{ "fetch_concurrency", &sts_type_int, AT(fetch_concurrency), "64", 1, 1024, RESTART,
	    "Policies that are fetched at the same time. Half of it is for what one client network makes us fetch." },
	{ "fetch_rate", &sts_type_int, AT(fetch_rate), "50", 1, 10000, RESTART,
	    "Policies that are fetched in one second. What has to wait for longer than policy_wait is reported as temperror with the "
	    "reason pending, or overload when too many wait." },
	{ "fetch_per_host", &sts_type_int, AT(fetch_per_host), "8", 1, 1024, RESTART,
	    "Policies that are fetched from one address at the same time, so that a web server that hangs holds up its own domains "
	    "only." },
	{ "fetch_process", &sts_type_bool, AT(fetch_process), "yes", 0, 0, RESTART,
	    "Whether TLS and HTTP with policy servers are left to a process of its own, mta-sts-fetcher, which can open no file and no "
	    "connection and is started again when it dies. With no, the milter does it itself; so it does, with a warning, when that "
	    "program is not there." },
	{ "negative_ttl_min", &sts_type_time, AT(negative_ttl_min_ms), "5m", MS(1), DAYS(1), RESTART,
	    "Shortest time to remember that a domain publishes no policy, whatever its SOA record says." },
	{ "negative_ttl_max", &sts_type_time, AT(negative_ttl_max_ms), "1h", MS(1), DAYS(7), RESTART,
	    "Longest time to remember that a domain publishes no policy." },
	{ "failure_ttl", &sts_type_time, AT(failure_ttl_ms), "5m", MS(1), DAYS(1), RESTART,
	    "Time before a look-up that failed is tried again; it grows when it fails again. RFC 8461 section 3.3 wants at "
	    "least five minutes." },
	{ "refresh_interval", &sts_type_time, AT(refresh_interval_ms), "1d", MS(1), DAYS(30), RESTART,
	    "Age at which a policy is fetched again although it has not expired, with some jitter, if its domain is in use." },
	{ "recheck_interval", &sts_type_time, AT(recheck_interval_ms), "1h", MS(1), DAYS(7), RESTART,
	    "Age at which the id in DNS is compared again; a new id fetches the policy at once." },
	{ "cache_entries", &sts_type_size, AT(cache_entries), "100000", 16, 10000000, RESTART,
	    "Domains kept in memory, at about 2 KiB each at most; and as many histories, as far as 325 bytes for each go." },
	{ "policy_port", &sts_type_int, AT(policy_port), "443", 1, 65535, RESTART,
	    "Port of policy servers. RFC 8461 knows no other than 443: for laboratories." },
	{ "smtp_port", &sts_type_int, AT(smtp_port), "25", 1, 65535, AT_ONCE,
	    "Port of mail exchangers that stsctl check and send-test connect to; the milter to none. For laboratories." },
	{ "dns_port", &sts_type_int, AT(dns_port), "53", 1, 65535, AT_ONCE,
	    "Port of the domains' own DNS servers, which stsctl check asks and the milter does not. For laboratories." },
	{ "allow_private_addresses", &sts_type_bool, AT(allow_private_addresses), "no", 0, 0, RESTART,
	    "Whether policies may be fetched from private, loopback and other special addresses: for laboratories. With yes, "
	    "every sender of mail can make this host connect to your inner network." },
	{ "ca_file", &sts_type_path, AT(ca_file), "", 0, 0, RESTART,
	    "Certificates of the authorities that policy servers are held against, in PEM. Empty: the system's." },
	{ "user_agent_contact", &sts_type_contact, AT(user_agent_contact), "", 0, 0, RESTART,
	    "Where operators of policy servers find you, in the User-Agent of fetches, after this program's name and version: a URL, or "
	    "mailto:ADDRESS. Empty: the name and version alone." },
	/* ---- judging ---- */
	{ "min_tls_version", &sts_type_tls_version, AT(min_tls_version), "TLSv1.2", 0, 0, AT_ONCE,
	    "The oldest version of TLS that is adequate: TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3." },
	{ "min_cipher_bits", &sts_type_int, AT(min_cipher_bits), "128", 0, 512, AT_ONCE,
	    "The smallest key of a cipher that is adequate, in bits." },
	{ "weak_ciphers", &sts_type_patterns, AT(weak_ciphers),
	    "*RC4* *RC2* *3DES* *DES-CBC* *MD5* *NULL* ADH* AECDH* EXP* *SEED* *IDEA*", 0, 0, AT_ONCE,
	    "Ciphers that are not adequate, by OpenSSL's names, with a * at either end. Ciphers without encryption or without "
	    "authentication never are, listed or not." },
	{ "trusted_networks", &sts_type_networks, AT(trusted_networks), "127.0.0.0/8 ::1", 0, 0, AT_ONCE,
	    "Clients whose mail is neither judged nor marked: one's own networks, as in Postfix's mynetworks." },
	{ "front_daemons", &sts_type_names, AT(front_daemons), "", 0, 0, AT_ONCE,
	    "smtpd services that stand behind a front which ends TLS itself (nginx, HAProxy, a content filter), by the names they have "
	    "in master.cf with -o milter_macro_daemon_name=NAME. What such a session says of TLS is about the front: it is unknown "
	    "there, and never held against anybody." },
	{ "accept_header_from", &sts_type_networks, AT(accept_header_from), "", 0, 0, AT_ONCE,
	    "Clients whose X-MTA-STS fields are left in place: one's own outer mail servers that run this milter. From everybody "
	    "else the field is removed." },
	{ "max_forged_fields", &sts_type_int, AT(max_forged), "4000", 1, 10000, AT_ONCE,
	    "X-MTA-STS fields that are removed from one message. Postfix reads the header from the start for each: a thousand take it "
	    "0.2 seconds, four thousand 3, ten thousand 20. No honest message has more than a few." },
	{ "forged_action", &sts_type_action, AT(forged_action), "reject", 0, 0, AT_ONCE,
	    "What to do with a message that has more of them: accept, quarantine, tempfail or reject. With accept and quarantine, the "
	    "first max_forged_fields are removed and the rest stays, below our own." },
	{ "strip_forged", &sts_type_strip_forged, AT(strip_forged), "milter", 0, 0, AT_ONCE,
	    "Who removes X-MTA-STS fields that come in: milter, or postfix, by its header_checks. With postfix the milter sees no "
	    "header fields, which saves reading them; it then removes and counts none, and accept_header_from has no effect. Only "
	    "where stsctl doctor finds that header_checks remove the field: what they leave, everybody believes who reads it." },
	{ "local_domains", &sts_type_domains, AT(local_domains), "", 0, 0, AT_ONCE,
	    "Our own recipient domains, whose policies are reported in the header's rcpt=: a list, or file:PATH with one domain "
	    "a line. Empty: nothing is looked up for recipients." },
	{ "domain_rules", &sts_type_rules, AT(domain_rules), "", 0, 0, AT_ONCE,
	    "File of what was agreed with single domains, one rule a line, as mta-sts-milter.conf(5) tells under DOMAIN RULES: a "
	    "path from the root. stsctl lint rules checks one. Empty: no rules. The file is read at start and again at a reload, "
	    "and a wrong line in it is a mistake in the settings: let the user read it who is named above." },
	{ "downgrade_days", &sts_type_int, AT(downgrade.days), "14", 0, STS_HISTORY_DAYS, AT_ONCE,
	    "On how many of the last 60 days mail from a domain's own (aligned) clients must have come over TLS, for plaintext from "
	    "them to be reported as history=downgrade. When plaintext has come on half as many days, it is a habit, and is "
	    "reported no longer. 0: no histories are kept." },
	{ "downgrade_messages", &sts_type_int, AT(downgrade.messages), "20", 0, 1000000, AT_ONCE,
	    "How many messages there must have been over TLS in that time. 0: no histories are kept." },
	/* ---- TLS reports ---- */
	{ "report_addresses", &sts_type_addresses, AT(report_addresses), "tls-reports tlsrpt smtp-tls-reports", 0, 0, AT_ONCE,
	    "Addresses that TLS reports (RFC 8460) come to, besides those that local_domains publish as rua, which the milter looks "
	    "up each hour; each as LOCAL-PART@DOMAIN, or as LOCAL-PART for every domain. Mail to them is never refused nor held, like postmaster's: a report that says that our "
	    "TLS is broken comes in plaintext." },
	{ "report_authserv_ids", &sts_type_domains, AT(report_authserv_ids), "", 0, 0, AT_ONCE,
	    "Whose Authentication-Results fields stsctl report import believes: the names under which one's own mail servers "
	    "write them. Empty: authserv_id." },
	{ "trusted_reporters", &sts_type_domains, AT(trusted_reporters), "", 0, 0, AT_ONCE,
	    "Domains whose TLS reports count as verified although their signature does not pass, if they are signed by them, and "
	    "SPF passes: for those whose DKIM key is for tlsrpt alone (s=tlsrpt), as RFC 8460 recommends, which OpenDKIM cannot "
	    "verify." },
	{ "report_organization", &sts_type_line, AT(report_organization), "", 0, 0, AT_ONCE,
	    "Your organisation's name in the TLS reports that stsctl report send sends (RFC 8460). Empty, or one of the next two: "
	    "none are sent." },
	{ "report_contact", &sts_type_line, AT(report_contact), "", 0, 0, AT_ONCE,
	    "Whom to ask about those reports: a mail address, or a URL." },
	{ "report_from", &sts_type_mailbox, AT(report_from), "", 0, 0, AT_ONCE,
	    "Their sender, LOCAL-PART@DOMAIN, in the header and in the envelope. Its domain is the reports' submitter, and is to "
	    "sign them by DKIM. Use the address for nothing else: by it Postfix finds the transport that does not report in its "
	    "turn (doc/outbound.md)." },
	{ "sendmail_path", &sts_type_path, AT(sendmail_path), "/usr/sbin/sendmail", 0, 0, AT_ONCE,
	    "The sendmail(1) that they are given to." },
	/* ---- enforcing ---- */
	{ "sender_enforce_action", &sts_type_action, AT(enforcement.sender_enforce), "accept", 0, 0, AT_ONCE,
	    "What to do with mail whose sender's domain publishes mode enforce, when it came without adequate TLS: accept, "
	    "quarantine (Postfix's hold queue), tempfail or reject. doc/enforcement.md says how to get there." },
	{ "sender_testing_action", &sts_type_action, AT(enforcement.sender_testing), "accept", 0, 0, AT_ONCE,
	    "The same for sender domains that publish mode testing." },
	{ "recipient_enforce_action", &sts_type_action, AT(enforcement.recipient_enforce), "accept", 0, 0, AT_ONCE,
	    "What to do about a recipient whose domain, one of local_domains, publishes mode enforce, when the mail came without "
	    "adequate TLS. Other recipients of the same mail are not concerned, except by quarantine." },
	{ "recipient_testing_action", &sts_type_action, AT(enforcement.recipient_testing), "accept", 0, 0, AT_ONCE,
	    "The same for recipients whose domain publishes mode testing." },
	{ "downgrade_action", &sts_type_action, AT(enforcement.downgrade), "accept", 0, 0, AT_ONCE,
	    "What to do with mail that is reported as history=downgrade: plaintext from a client of a domain whose mail came "
	    "over TLS before. Of this and sender_..._action, the stronger counts." },
	{ "dry_run", &sts_type_bool, AT(enforcement.dry_run), "no", 0, 0, AT_ONCE,
	    "Refuse and hold nothing; log, count and mark (action=would-...) what would have been done." },
	{ "enforce_percent", &sts_type_int, AT(enforcement.percent), "100", 0, 100, AT_ONCE,
	    "Share of the domains whose mail the actions above are carried out for; for the others they are marked would-... as "
	    "with dry_run. Which domains is decided by a fixed hash of the name: the same on every node, and those that are in "
	    "stay in when the share grows. Domain rules are not concerned." },
	{ "max_refusals_per_minute", &sts_type_int, AT(max_refusals), "50", 0, 100000, AT_ONCE,
	    "Trip wire: mail of more than this many sender domains, and from more than this many client networks, that is refused or "
	    "held in any minute, in one process, and it goes on as with dry_run, until stsctl enforce reset or a reload. 0: no trip "
	    "wire. It is there for one's own mistakes, which hit many; one sender alone does not trip it. More than 1000 counts as 1000." },
	{ "reject_code", &sts_type_reject_code, AT(reject_code), "550 5.7.10", 0, 0, AT_ONCE,
	    "Reply code and enhanced status code of a permanent refusal, both of class 5. tempfail uses the same with a 4." },
	{ "reject_text", &sts_type_reject_text, AT(reject_text), "Encryption needed for mail of %d: %t", 0, 0, AT_ONCE,
	    "Text of a refusal: %d is the domain whose policy or rule it is about, %t what is missing, %h the name of this server "
	    "and %% a percent sign." },
	{ "confirm_interval", &sts_type_time, AT(enforcement.confirm_ms), "2h", MS(1), DAYS(7), AT_ONCE,
	    "A permanent refusal by a published policy wants its id to have been seen in DNS within this time. Not less than "
	    "recheck_interval: the look-up of a message then asks again by itself, so that the next try finds it confirmed." },
	{ "unconfirmed_action", &sts_type_unconfirmed, AT(enforcement.unconfirmed), "tempfail", 0, 0, AT_ONCE,
	    "What to do in the place of reject as long as the id is not confirmed: tempfail or accept." },
	/* ---- evidence ---- */
	{ "evidence_maxlen", &sts_type_size, AT(evidence_maxlen), "100000", 1, 100000000, RESTART,
	    "Messages kept in the evidence stream in Redis." },
	{ "evidence_client_addr", &sts_type_client_addr, AT(evidence_client_addr), "masked", 0, 0, AT_ONCE,
	    "The client's address in the evidence stream: full, masked (to /24, IPv6 to /48) or no." },
	{ "flush_interval", &sts_type_time, AT(flush_interval_ms), "1s", 10, MS(60), RESTART,
	    "How often counters and evidence are written to Redis." },
	{ "spool_dir", &sts_type_path, AT(spool_dir), "", 0, 0, RESTART,
	    "Directory in which each message's counters and evidence are in a file before the message is answered, until Redis has them: "
	    "then nothing is lost when the process is killed. The user who is named above must be able to write there, and no other "
	    "process may use it. Empty: up to a flush_interval is lost then. With redis = none it is not used." },
	{ "spool_max", &sts_type_size, AT(spool_max), "67108864", 16777216, INT64_C(4294967296), RESTART,
	    "Greatest size of that file, in bytes. While a new one takes its place, there are two. Messages beyond are counted all the "
	    "same, but lost if the process is killed before they are in Redis." },
	{ "spool_wait", &sts_type_time, AT(spool_wait_ms), "100ms", 0, MS(20), RESTART,
	    "Longest time that a message waits at its end to be in that file. If the disk takes longer, mail does not wait any more until it "
	    "has caught up." },
	{ "domain_stats_days", &sts_type_int, AT(domain_stats_days), "90", 1, 3650, RESTART,
	    "Days that counters of a day, and of a domain that is not seen any more, are kept." },
	{ "domain_stats_max", &sts_type_int, AT(domain_stats_max), "200000", 100, 100000000, RESTART,
	    "Sender domains with counters of their own in Redis. When there are more, those seen least lately are forgotten. "
	    "doc/evidence.md says what a domain costs." },
	/* ---- mail that goes out ---- */
	{ "socketmap_listen", &sts_type_sockets, AT(socketmap_listen), "", 0, 0, RESTART,
	    "Where Postfix asks how to deliver to a domain: a list of unix:PATH and inet:PORT@HOST. Postfix writes it in "
	    "smtp_tls_policy_maps as socketmap:unix:PATH:postfix, or with the name tlsrpt from version 3.10 on. "
	    "doc/outbound.md tells the rest. Empty: nowhere." },
	{ "socketmap_mode", &sts_type_mode, AT(socketmap_mode), "0666", 0, 0777, RESTART,
	    "Mode of the unix sockets of socketmap_listen and tlsrpt_listen. Postfix's smtp must be able to write to them; what "
	    "is answered is no secret." },
	{ "outbound", &sts_type_bool, AT(outbound), "yes", 0, 0, AT_ONCE,
	    "no: each question of Postfix is answered with \"not found\", and mail goes out as main.cf says: the one switch "
	    "that turns policies, DANE and rules off for mail that goes out." },
	{ "dane", &sts_type_dane, AT(dane), "auto", 0, 0, RESTART,
	    "DANE (TLSA records) goes before MTA-STS, as RFC 8461 section 2 wants it. auto: it is looked for as far as the "
	    "resolver of dns_servers is seen to validate DNSSEC. off: it is not, and then an answer may override it." },
	{ "policy_wait_outbound", &sts_type_time, AT(policy_wait_outbound_ms), "5s", 0, MS(60), AT_ONCE,
	    "Longest time that a question of Postfix waits for what is not known yet. Then the answer is \"not found\", and "
	    "the next message finds it." },
	{ "outbound_recheck_interval", &sts_type_time, AT(outbound_recheck_ms), "5m", MS(1), DAYS(1), AT_ONCE,
	    "Age at which the id of a policy is looked at again if the policy was served to Postfix since: an owner's change "
	    "must not be found out by mail that waits." },
	{ "socketmap_tempfail", &sts_type_bool, AT(socketmap_tempfail), "no", 0, 0, AT_ONCE,
	    "yes: mail waits as long as DNS does not say what a domain publishes. no: it goes as main.cf says." },
	{ "outbound_report_testing", &sts_type_bool, AT(outbound_report_testing), "no", 0, 0, AT_ONCE,
	    "yes: to questions with the name tlsrpt, policies in mode testing are answered with level may, so that Postfix counts "
	    "them in reports. That lowers a stricter default of main.cf for these domains, and wrong certificates are counted "
	    "as successes." },
	{ "tlsrpt_listen", &sts_type_unix_socket, AT(tlsrpt_listen), "", 0, 0, RESTART,
	    "Where Postfix 3.10 and later report how TLS went with mail that they sent (smtp_tlsrpt_socket_name): unix:PATH, a "
	    "datagram socket. What comes in is counted in Redis for stsctl stats --outbound. Empty: nowhere." },
	/* ---- metrics ---- */
	{ "metrics_listen", &sts_type_listen, AT(metrics_listen), "", 0, 0, RESTART,
	    "Where /metrics, for Prometheus, and /healthz are served by HTTP: HOST:PORT, 127.0.0.1:9925 for example, an IPv6 "
	    "address in brackets. Empty: nowhere. There is no password: let nobody reach it who is not to know how much mail "
	    "comes in." },
};

const size_t sts_setting_count = sizeof(sts_settings) / sizeof(sts_settings[0]);

_Static_assert(sizeof(sts_settings) / sizeof(sts_settings[0]) <= STS_SETTINGS_MAX, "struct sts_conf_box is too small");
