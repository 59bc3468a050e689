/* SPDX-License-Identifier: ISC */
/*
 * remedies.c - what to do about a finding that has no lines to paste: one sentence per id.
 *
 * Every id that can be `fail' is here, even those that usually come with lines: a name from DNS that no shell should see gets none
 * (fixes.h). check-findings-doc and check-doctor-doc compare the table with the pages in doc/.
 */
#include "config.h"

#include <string.h>

#include "stsctl/findings/findings.h"

static const char record[] = "publish one TXT record at _mta-sts.DOMAIN: v=STSv1; id=...; without quotes in the data";
static const char policy_file[] = "write the policy again: version, mode, mx and max_age, one line each, in ASCII; stsctl lint policy "
    "checks it before others see it";
static const char web_certificate[] = "install a certificate from a public authority for mta-sts.DOMAIN, with its intermediate "
    "certificates, and reload the web server";
static const char web_server[] = "check the web server's configuration and error log: mta-sts.DOMAIN must answer "
    "/.well-known/mta-sts.txt itself with status 200 and text/plain";
static const char mail_certificate[] = "install a certificate from a public authority for the MX host's name, with its intermediate "
    "certificates, and reload the mail server";
static const char report_address[] = "publish one TXT record at _smtp._tls.DOMAIN: v=TLSRPTv1; rua=mailto:ADDRESS";

static const struct remedy {
	const char *id, *text;
} remedies[] = {
	{ "record.missing", record },
	{ "record.multiple", record },
	{ "record.quotes", record },
	{ "record.curly-quotes", record },
	{ "record.syntax", record },
	{ "record.bad-id", record },
	{ "record.wrong-name", record },
	{ "record.wildcard", record },
	{ "record.inconsistent", "load the new zone on all of the domain's servers (a higher serial number, notify), then "
	    "wait until the old record's TTL has passed" },
	{ "host.no-address", "publish an A or AAAA record of the web server at mta-sts.DOMAIN" },
	{ "host.address", "publish an address at mta-sts.DOMAIN that the whole Internet can reach, and remove this one from "
	    "DNS" },
	{ "host.unreachable", "make the web server listen on port 443 of this address, and open the firewall for it; or "
	    "remove the address from DNS" },
	{ "tls.handshake", "check the web server's error log: port 443 must speak TLS 1.2 or later, with a certificate for "
	    "this name (SNI)" },
	{ "tls.version", "enable TLS 1.2 and 1.3 in the web server" },
	{ "tls.chain", web_certificate },
	{ "tls.name", web_certificate },
	{ "tls.expired", web_certificate },
	{ "fetch.status", web_server },
	{ "fetch.redirect", web_server },
	{ "fetch.type", web_server },
	{ "fetch.size", "serve only the policy at /.well-known/mta-sts.txt: a few lines, never more than 64 kilobytes" },
	{ "fetch.connect", "check the web server's error log for why it closes the connection before the response is "
	    "complete" },
	{ "fetch.timeout", "serve /.well-known/mta-sts.txt as a static file, with no program behind it, and find out what "
	    "slows the web server down" },
	{ "policy.syntax", policy_file },
	{ "policy.bom", policy_file },
	{ "policy.line-ends", policy_file },
	{ "mx.missing", "publish an MX record that names the mail server; or \"MX 0 .\" if the domain is to accept no mail" },
	{ "mx.not-covered", "add a line \"mx: HOST\" to the policy, and then give its record a new id" },
	{ "smtp.no-address", "publish an A or AAAA record for this host, or remove it from the MX records; in a zone file, "
	    "is the final dot of its name missing?" },
	{ "smtp.address", "publish an address for this host that the whole Internet can reach" },
	{ "smtp.protocol", "find out what answers on port 25 of this address: a proxy or firewall that changes SMTP has to "
	    "be switched off" },
	{ "smtp.connect", "make the mail server listen on port 25 of this address, and open the firewall for it (ask the "
	    "provider whether port 25 is blocked); or remove the address from DNS" },
	{ "smtp.no-starttls", "enable TLS in the mail server; if it is enabled, a firewall in front of it hides STARTTLS" },
	{ "smtp.handshake", "check the mail server's log for this connection: the key must match the certificate, both must "
	    "be readable, and TLS 1.2 or later must be enabled" },
	{ "smtp.chain", mail_certificate },
	{ "smtp.name", mail_certificate },
	{ "smtp.expired", mail_certificate },
	{ "smtp.no-tls12", "enable TLS 1.2 and 1.3 in the mail server" },
	{ "tlsrpt.multiple", report_address },
	{ "tlsrpt.syntax", report_address },
	{ "tlsrpt.rua-scheme", report_address },
	{ "tlsrpt.mailto-no-mx", "name an address in rua= whose domain accepts mail, or give that domain an MX record" },
	{ "dane.mismatch", "publish the TLSA record of the key that the host uses (stsctl publish tlsa HOST FILE prints it), "
	    "in addition to those that are there" },
	{ "dane.issuer", "make the server send the certificate that the record names, or publish the record of its own key "
	    "(stsctl publish tlsa HOST FILE)" },
	{ "drift.content-without-id", "give the record of _mta-sts.DOMAIN a new id" },

	{ "postfix.no-smtpd", "add an smtpd service to master.cf" },
	{ "postfix.tls-level", "smtpd_tls_security_level = may" },
	{ "postfix.tls-versions", "smtpd_tls_protocols = >=TLSv1.2" },
	{ "postfix.tls-file", "put a PEM file there, its key without a password, or correct the path" },
	{ "postfix.tls-certificate", "name a certificate and its key in smtpd_tls_chain_files" },
	{ "postfix.tls-mismatch", "name a certificate and a key that belong together" },
	{ "postfix.tls-expired", "renew the certificate, then postfix reload" },
	{ "postfix.starttls", "check the mail log: smtpd says there why it offers no TLS" },
	{ "postfix.milter-missing", "list the milter in smtpd_milters of this service" },
	{ "postfix.milter-chroot", "give the socket's path as seen from the chroot, the queue directory" },
	{ "postfix.milter-order", "list the milter before rspamd" },
	{ "postfix.milter-timeout", "give the milter time limits longer than policy_wait" },
	{ "postfix.milter-action", "give the milter default_action=accept" },
	{ "postfix.header-checks", "let header_checks remove the field: /^X-MTA-STS[[:space:]]*:/ IGNORE" },
	{ "postfix.milter-header-checks", "remove the table from milter_header_checks: its line belongs in header_checks" },
	{ "postfix.header-checks-off", "remove no_header_body_checks from receive_override_options, or set strip_forged = "
	    "milter" },
	{ "postfix.policy-map-file", "create the table with postmap, or remove it from smtp_tls_policy_maps" },
	{ "postfix.policy-map-type", "remove the table from smtp_tls_policy_maps" },
	{ "postfix.policy-map-socketmap", "write socketmap:inet:HOST:PORT:NAME or socketmap:unix:PATH:NAME, or remove it "
	    "from smtp_tls_policy_maps" },
	{ "postfix.policy-map-silent", "start the server that should listen there, or remove it from smtp_tls_policy_maps" },
	{ "postfix.outbound-version", "end the map's name with postfix, which is for Postfix before 3.10" },
	{ "postfix.outbound-ca", "name certification authorities in smtp_tls_CAfile" },
	{ "postfix.outbound-dnssec", "set smtp_dns_support_level = dnssec, or dane = off in mta-sts-milter.conf" },
	{ "milter.settings", "correct the lines named; mta-sts-milter -t shows them again" },
	{ "milter.down", "start the milter" },
	{ "milter.silent", "restart the milter; if something else listens there, give it another socket" },
	{ "milter.socket", "give Postfix's user access to the socket: its directory, group and mode" },
	{ "milter.tripped", "find out why so much was refused, fix that, and then: stsctl enforce reset" },
	{ "rspamd.configtest", "correct what rspamadm configtest names, then reload rspamd" },
	{ "rspamd.authserv-id", "give the rule the milter's authserv_id" },
	{ "rspamd.key", "give the milter and rspamd the same header_key_file" },
	{ "redis.unreachable", "start Redis, or name another one with the setting redis" },
	{ "redis.tls", "fix what the reason says about the certificate; doc/redis.md has a table of reasons" },
	{ "redis.acl", "give the milter's user the rights that stsctl redis-setup --acl-only prints" },
	{ "redis.version", "install Redis 5 or later, or Valkey, or set redis = none" },
	{ "redis.replica", "name the primary with the setting redis, or Sentinel (sentinel:NAME@HOST:PORT), which knows it" },
	{ "domains.policy", "stsctl check DOMAIN says what is wrong" },
};

const char *
finding_remedy(const char *id)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (strcmp(remedies[i].id, id) == 0)
			return remedies[i].text;
	return NULL;
}
