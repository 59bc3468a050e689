/* SPDX-License-Identifier: ISC */
/* finding_ids_doctor.c - the ids of doctor's findings, and why each matters. check-doctor-doc compares them with doc/doctor.md. */
#include "config.h"

#include "stsctl/findings/finding_ids.h"

const struct finding_row finding_doctor_rows[] = {
	/* Postfix: its configuration as a whole */
	{ "postfix.ok", "the configuration can be read" },
	{ "postfix.unreadable", "Postfix cannot be examined without its configuration" },
	{ "postfix.no-smtpd", "only smtpd receives mail from the network" },
	{ "postfix.unused", "Postfix uses no setting of this name; it may be a typing error" },
	/* Postfix: TLS of inbound mail */
	{ "postfix.tls-level", "without it smtpd offers no TLS, and a sender that honours mode enforce does not deliver "
	    "(RFC 8461 section 4.2)" },
	{ "postfix.tls-reports", "a TLS report that says that our TLS is broken arrives in plaintext (RFC 8460 section 5.3) "
	    "and is refused, like all other mail in plaintext; the milter can refuse such mail with exceptions" },
	{ "postfix.tls-versions", "senders need TLS 1.2 or better (RFC 8461 section 3.3, RFC 9325)" },
	{ "postfix.old-tls", "TLS 1.0 and 1.1 are deprecated (RFC 8996); for mail they are still better than plaintext" },
	{ "postfix.tls-file", "an smtpd that cannot read its certificate or key offers no TLS" },
	{ "postfix.tls-key-open", "every local user can read the key, and impersonate this server" },
	{ "postfix.tls-certificate", "smtpd offers TLS only with a certificate and its key" },
	{ "postfix.tls-mismatch", "with the key of another certificate, every handshake fails" },
	{ "postfix.tls-expired", "with mode enforce, senders must not deliver to a host whose certificate has expired (RFC "
	    "8461 section 4.2)" },
	{ "postfix.tls-expires-soon", "once the certificate has expired, senders that honour mode enforce deliver no mail" },
	{ "postfix.tls-chain", "with mode enforce, senders must not deliver to a host whose certificate does not chain to an "
	    "authority they trust; the file must contain the intermediate certificates, too (RFC 8461 section 4.2)" },
	{ "postfix.tls-name", "the certificate must have the MX host's name (RFC 8461 section 4.2), which is usually "
	    "myhostname" },
	{ "dane.reuse-key", "senders that support DANE do not deliver to a host whose key matches none of its TLSA records "
	    "(RFC 7672)" },
	{ "dane.resolver", "stsctl check can judge DANE only with a resolver that validates" },
	{ "postfix.starttls", "what counts is what smtpd offers to a sender, whatever main.cf says (RFC 8461 section 4.2)" },
	{ "postfix.down", "a service that does not answer accepts no mail" },
	{ "postfix.received-header", "the milter does not need it, but without it a message does not show whether it arrived "
	    "over TLS" },
	/* Postfix: what comes before smtpd */
	{ "postfix.postscreen", "postscreen hands the connection on: smtpd and the milter see the client and its TLS" },
	{ "postfix.haproxy", "all is well as long as the proxy passes TLS through; if it ends TLS itself, the milter sees "
	    "plaintext, unless front_daemons names the service" },
	{ "postfix.xclient", "these clients can speak on behalf of others; the milter then sees the TLS of the last hop, "
	    "unless front_daemons names the service" },
	{ "postfix.proxy-filter", "milters of such an smtpd see neither header nor body, and the smtpd behind the filter sees no "
	    "TLS: no message gets an X-MTA-STS field" },
	/* Postfix: the milters */
	{ "postfix.milter", "smtpd asks the milters of this list, in this order" },
	{ "postfix.milter-missing", "mail through these services is neither judged nor marked" },
	{ "postfix.milter-chroot", "smtpd logs: connect to Milter service: No such file or directory" },
	{ "postfix.milter-order", "rspamd then sees what the client claims in X-MTA-STS, and not what the milter says" },
	{ "postfix.milter-submission", "mail of your own users is not judged: the milter is of no use there" },
	{ "postfix.milter-inner", "mail that comes back from a filter arrives without TLS, and the field of the first pass "
	    "is removed" },
	{ "postfix.milter-timeout", "the milter may take policy_wait for a message; these limits say when Postfix gives up, "
	    "or how long it waits" },
	{ "postfix.milter-action", "mail should flow while the milter is down; milter_default_action is tempfail up to "
	    "Postfix 3.10, and shutdown from 3.11 on" },
	{ "postfix.milter-protocol", "the milter's changes to the header need version 6 of the protocol" },
	{ "postfix.milter-macros", "the milter asks for its macros itself and gets them, whatever these lists say; rspamd does "
	    "not, and sees no TLS" },
	{ "postfix.milter-maps", "clients in this table get other milters, or none: what they claim in X-MTA-STS stays" },
	/* Postfix: tables */
	{ "postfix.header-checks", "while the milter is down, nothing else removes the X-MTA-STS fields that clients send; "
	    "with strip_forged = postfix, nothing else ever does" },
	{ "postfix.header-checks-off", "strip_forged = postfix says that header_checks remove the X-MTA-STS fields that "
	    "clients send; for these services they do not, and what a client claims is believed" },
	{ "postfix.milter-header-checks", "milter_header_checks apply to the fields that milters add: with this table, no "
	    "message has an X-MTA-STS field" },
	{ "postfix.header-checks-keep", "accept_header_from says to keep the fields of your own servers, but header_checks "
	    "remove them" },
	{ "postfix.policy-map-file", "Postfix cannot look up TLS policies in a table that does not exist, and defers mail" },
	{ "postfix.policy-map-type", "Postfix cannot look up TLS policies in a table of a type that it does not know, and "
	    "defers mail" },
	{ "postfix.policy-map-socketmap", "smtp(8) ends with a fatal error at every delivery" },
	{ "postfix.policy-map-silent", "Postfix cannot look up TLS policies in a table that nobody serves, and defers mail" },
	{ "postfix.outbound", "Postfix honours other domains' policies only with the help of a socketmap server (RFC 8461 "
	    "section 5): this daemon, with socketmap_listen, or another one" },
	{ "postfix.outbound-version", "Postfix before 3.10 defers mail when it sees an attribute that it does not know; from "
	    "3.10 on, the attributes let it compare MX names with the policy, and report" },
	{ "postfix.outbound-ca", "without certification authorities no certificate is trusted: mail to every domain with a "
	    "policy is deferred" },
	{ "postfix.outbound-dnssec", "without it Postfix does not look up TLSA records, and an answer of dane-only makes it "
	    "defer mail" },
	{ "postfix.outbound-resolver", "Postfix believes a TLSA record only when its resolver says that it has validated it, and glibc "
	    "passes that on only with trust-ad" },
	{ "postfix.outbound-insecure-mx", "with this setting, Postfix does not use the TLSA records of a host that an "
	    "unsigned MX record names; by default, Postfix 3.10 and later do" },
	{ "postfix.requiretls", "Postfix accepts mail whose sender asks for REQUIRETLS (RFC 8689), which senders can do only "
	    "if your own domain has a DANE or MTA-STS policy; with enforce, Postfix returns such mail when it is forwarded "
	    "to a server that does not announce REQUIRETLS, or whose domain has no such policy" },
	/* the milter */
	{ "milter.ok", "Postfix speaks to the milter through this socket" },
	{ "milter.settings", "the milter does not start with these settings" },
	{ "milter.unknown", "only root and the socket's group can try" },
	{ "milter.down", "while the milter is down, mail gets no X-MTA-STS field, and Postfix does what default_action says" },
	{ "milter.silent", "Postfix waits for an answer until its time limits expire" },
	{ "milter.socket", "smtpd runs as Postfix's user, and must be able to write to the socket" },
	{ "milter.socket-open", "anybody who can connect to the milter can add to its counters" },
	{ "milter.tripped", "a milter that has refused more than max_refusals_per_minute refuses nothing more until somebody "
	    "has looked into it" },
	/* rspamd */
	{ "rspamd.ok", "the X-MTA-STS field becomes symbols" },
	{ "rspamd.absent", "rspamd is not needed; with it, the X-MTA-STS field becomes symbols" },
	{ "rspamd.unknown", "rspamd cannot be examined without its configuration" },
	{ "rspamd.version", "the rule is for rspamd 3.4 and later" },
	{ "rspamd.configtest", "rspamd does not start with this configuration" },
	{ "rspamd.module-file", "nothing reads the file: rspamd has no MTA-STS and no TLS report module" },
	{ "rspamd.multimap", "it shows that somebody wrote a listed domain into the sender address, and says nothing about "
	    "TLS or policies" },
	{ "rspamd.rule", "without the rule the X-MTA-STS field changes nothing in rspamd" },
	{ "rspamd.authserv-id", "a field with another host= is treated as forged" },
	{ "rspamd.key", "a field whose signature does not match is treated as forged" },
	/* Redis */
	{ "redis.ok", "policies and counters are shared here" },
	{ "redis.none", "policies and counters exist only in the milter's process, and are lost when it ends" },
	{ "redis.unreachable", "counters wait in the milter's memory, which is bounded; each node fetches policies for itself" },
	{ "redis.tls", "the milter does not connect without a certificate that it can verify; counters wait in its memory, "
	    "which is bounded" },
	{ "redis.plaintext", "anybody on the network path can read the password, and change what the milter writes and reads" },
	{ "redis.acl", "the milter's user should be able to do what it needs, and no more" },
	{ "redis.refused", "the milter's user may not ask this, and need not: to have it checked, run doctor with an "
	    "administrator's redis_username and redis_password_file" },
	{ "redis.version", "the milter's scripts need Redis 5 or later" },
	{ "redis.replica", "a replica refuses writes: nothing is counted" },
	{ "redis.eviction", "when memory runs out, Redis silently throws away counters and policies" },
	{ "redis.full", "when memory runs out, Redis refuses writes, or throws keys away" },
	{ "redis.persistence", "counters and evidence are lost when Redis restarts" },
	{ "redis.functions", "redis-cli FCALL_RO mta_sts_stats needs them; everything else works without them" },
	{ "redis.clock", "the expiry of policies and the day of counters depend on the clocks of all nodes" },
	/* domains */
	{ "domains.ok", "mail for your own domains is judged by their policies, too (rcpt= in the field)" },
	{ "domains.none", "without local_domains the field says nothing of the recipients' policies (rcpt=)" },
	{ "domains.missing", "for recipients in these domains the field has no rcpt=" },
	{ "domains.unknown", "Postfix has them in no list; they do no harm" },
	{ "domains.unlisted", "tables of these types cannot be listed: compare them by hand" },
	{ "domains.policy", "senders honour what the domain publishes (RFC 8461 section 3)" },
};

const size_t finding_doctor_count = sizeof(finding_doctor_rows) / sizeof(finding_doctor_rows[0]);
