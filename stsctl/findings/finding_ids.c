/* SPDX-License-Identifier: ISC */
/* finding_ids.c - the ids of findings, and why each matters. Ids are API: programs and people search for them. */
#include "config.h"

#include <string.h>

#include "stsctl/findings/finding_ids.h"
#include "stsctl/findings/findings.h"

static const struct finding_row rows[] = {
	/* the TXT record of _mta-sts.DOMAIN */
	{ "record.ok", "senders find the policy by this record (RFC 8461 section 3.1)" },
	{ "record.missing", "without the record no sender looks for a policy (RFC 8461 section 3.1)" },
	{ "record.multiple", "senders that find several records must assume that there is no policy (RFC 8461 section 3.1)" },
	{ "record.quotes", "quotes that are part of the data hide the record: it does not begin with v=STSv1; "
	    "(RFC 8461 section 3.1)" },
	{ "record.curly-quotes", "typographic quotes are part of the data: the record does not begin with v=STSv1; "
	    "(RFC 8461 section 3.1)" },
	{ "record.syntax", "senders discard a record that does not follow the grammar (RFC 8461 section 3.1)" },
	{ "record.bad-id", "an id is 1 to 32 letters and digits, nothing else; the record is invalid otherwise "
	    "(RFC 8461 section 3.1)" },
	{ "record.wrong-name", "senders ask for _mta-sts.DOMAIN and for no other name (RFC 8461 section 3.1)" },
	{ "record.wildcard", "the wildcard answers for _mta-sts as well, with data that was meant for other names" },
	{ "record.inconsistent", "senders whose resolvers differ see different policies, or none" },
	{ "record.lookup", "senders that get no answer assume that there is no policy, unless they have one in their cache "
	    "(RFC 8461 section 5.1)" },
	{ "record.cname", "an alias is fine, as long as whoever runs its target publishes the record (RFC 8461 section 8.2)" },
	/* the policy host, its certificate, the HTTPS fetch */
	{ "host.ok", "the policy is fetched from this host (RFC 8461 section 3.3)" },
	{ "host.no-address", "the policy is fetched from mta-sts.DOMAIN, so this name needs an address (RFC 8461 section "
	    "3.3)" },
	{ "host.lookup", "senders that get no answer for the addresses of the policy host cannot fetch the policy" },
	{ "host.address", "senders do not fetch from private or otherwise special addresses, which could lead them into "
	    "internal networks" },
	{ "host.unreachable", "senders that use this address cannot fetch the policy (RFC 8461 section 3.3)" },
	{ "host.user-agent", "senders are not browsers; a server or CDN that rejects their programs hides the policy" },
	{ "tls.ok", "senders verify the policy host (RFC 8461 section 3.3)" },
	{ "tls.handshake", "without TLS there is no policy (RFC 8461 section 3.3)" },
	{ "tls.chain", "senders must not use a policy from a host whose certificate does not chain to an authority they "
	    "trust (RFC 8461 section 3.3)" },
	{ "tls.name", "the certificate must have mta-sts.DOMAIN as a DNS name in its subjectAltName (RFC 8461 section 3.3)" },
	{ "tls.expired", "senders must not use a policy from a host whose certificate has expired (RFC 8461 section 3.3)" },
	{ "tls.expires-soon", "once the certificate has expired, no sender can fetch or refresh the policy" },
	{ "tls.version", "senders need not support anything older than TLS 1.2 (RFC 8461 section 3.3, RFC 9325)" },
	{ "fetch.ok", "the file is what senders fetch (RFC 8461 section 3.3)" },
	{ "fetch.status", "only a response with status 200 contains a policy (RFC 8461 section 3.3)" },
	{ "fetch.redirect", "redirects must not be followed (RFC 8461 section 3.3)" },
	{ "fetch.type", "senders should insist on the media type text/plain (RFC 8461 section 3.2)" },
	{ "fetch.size", "senders stop reading after 64 kilobytes (RFC 8461 section 3.3)" },
	{ "fetch.connect", "senders that do not get the complete response have no policy (RFC 8461 section 3.3)" },
	{ "fetch.inconsistent", "which policy a sender gets depends on the address that it happens to use" },
	{ "fetch.timeout", "senders give up after a minute or less (RFC 8461 section 3.3)" },
	/* what the file says */
	{ "policy.ok", "senders check your mail exchangers against this policy (RFC 8461 section 3.2)" },
	{ "policy.syntax", "a policy that does not follow the grammar is no policy (RFC 8461 section 3.2)" },
	{ "policy.bom", "a byte order mark is part of the first line, which is then not a valid field (RFC 8461 section 3.2)" },
	{ "policy.line-ends", "lines end with LF or CRLF; some senders refuse what others accept (RFC 8461 section 3.2)" },
	{ "policy.short-max-age", "with a short max_age, an attacker who can block the fetch need not wait long (RFC 8461 "
	    "sections 3.2 and 10)" },
	{ "policy.testing", "with mode testing, senders report failures and deliver anyway (RFC 8461 section 5)" },
	{ "policy.none", "with mode none, senders behave as if there were no policy (RFC 8461 sections 5 and 8.3)" },
	/* mail exchangers, in DNS and in the policy */
	{ "mx.ok", "mail goes to these hosts (RFC 5321 section 5.1)" },
	{ "mx.missing", "without MX records, mail goes to the address of the domain itself, which a policy must name (RFC "
	    "5321 section 5.1)" },
	{ "mx.not-covered", "senders must not deliver to a host that matches no mx of the policy; with mode testing they do, "
	    "and report it (RFC 8461 sections 4.1 and 5)" },
	{ "mx.unused", "this mx of the policy matches no host that mail goes to" },
	{ "mx.wide", "this mx pattern matches many hosts that are not mail exchangers of the domain (RFC 8461 section 4.1)" },
	{ "mx.null", "a null MX says that the domain accepts no mail (RFC 7505)" },
	{ "mx.cname", "the name in an MX record must not be an alias (RFC 2181 section 10.3)" },
	{ "mx.lookup", "senders that get no answer for the MX records defer their mail" },
	/* each mail exchanger, each address */
	{ "smtp.ok", "senders need STARTTLS, a trusted certificate with the host's name, and TLS 1.2 or better "
	    "(RFC 8461 section 4)" },
	{ "smtp.no-address", "a mail exchanger without an address gets no mail (RFC 5321 section 5.1)" },
	{ "smtp.lookup", "senders that get no answer for the host's addresses try elsewhere, or later" },
	{ "smtp.address", "mail from elsewhere cannot reach a private or otherwise special address" },
	{ "smtp.refused", "a server that rejects this client may well accept mail from others; nothing more could be found "
	    "out" },
	{ "smtp.protocol", "senders give up on a server that does not follow the SMTP protocol (RFC 5321 section 4.2, RFC "
	    "3207)" },
	{ "smtp.connect", "senders that try this address get no answer (RFC 5321 section 5.1)" },
	{ "smtp.no-starttls", "senders that honour a policy must not deliver without STARTTLS; with mode testing they do, and "
	    "report it (RFC 8461 sections 4.2 and 5)" },
	{ "smtp.handshake", "senders that honour a policy must not deliver when the TLS handshake fails; with mode testing "
	    "they do, and report it (RFC 8461 sections 4.2 and 5)" },
	{ "smtp.chain", "senders that honour a policy must not deliver to a host whose certificate does not chain to an "
	    "authority they trust; with mode testing they do, and report it (RFC 8461 sections 4.2 and 5)" },
	{ "smtp.name", "the certificate must have the MX host's name as a DNS name in its subjectAltName (RFC 8461 section "
	    "4.2)" },
	{ "smtp.expired", "senders that honour a policy must not deliver to a host whose certificate has expired; with mode "
	    "testing they do, and report it (RFC 8461 sections 4.2 and 5)" },
	{ "smtp.expires-soon", "once the certificate has expired, senders that honour mode enforce deliver no mail" },
	{ "smtp.old-tls", "TLS 1.0 and 1.1 are deprecated (RFC 8996)" },
	{ "smtp.no-tls12", "senders need TLS 1.2 or better (RFC 8461 section 3.3, RFC 9325)" },
	{ "smtp.no-tls13", "TLS 1.3 is supported by all current libraries (RFC 9325 section 3.1.1)" },
	{ "smtp.weak-cipher", "a cipher without encryption, without authentication or with a short key protects nothing (RFC "
	    "9325 section 4)" },
	/* TLS reports */
	{ "tlsrpt.ok", "senders send their TLS reports to these addresses (RFC 8460 section 3)" },
	{ "tlsrpt.missing", "without the record, nobody tells you which deliveries failed because of TLS (RFC 8460 section "
	    "3)" },
	{ "tlsrpt.multiple", "senders that find several records must assume that there is none (RFC 8460 section 3)" },
	{ "tlsrpt.syntax", "senders discard a record that does not follow the grammar (RFC 8460 section 3)" },
	{ "tlsrpt.rua-scheme", "reports go to mailto: and https: addresses only (RFC 8460 section 3)" },
	{ "tlsrpt.mailto-no-mx", "reports by mail cannot be delivered to a domain that accepts no mail" },
	{ "tlsrpt.lookup", "senders that get no answer send no reports" },
	/* faults of this machine, not of the domain */
	{ "check.trouble", "a test that this machine could not make says nothing about the domain" },
	/* DANE, and what has changed since the last run */
	{ "dane.present", "senders that support DANE go by the TLSA records, and by the policy only where there are none "
	    "(RFC 8461 section 2)" },
	{ "dane.conflict", "senders that support DANE and senders that support MTA-STS reach different conclusions (RFC 8461 "
	    "section 2, RFC 7672)" },
	{ "dane.lookup", "senders that support DANE defer their mail when they get no answer about TLSA records of a signed "
	    "zone (RFC 7672 section 2.1.2)" },
	{ "dane.match", "senders that support DANE deliver when one TLSA record matches a certificate of the host (RFC 7672 "
	    "section 3.1)" },
	{ "dane.mismatch", "senders that support DANE do not deliver to a host that matches none of its TLSA records (RFC "
	    "7672 section 2.2)" },
	{ "dane.rollover", "before a key is used, its record must have been in DNS for as long as caches keep the old ones "
	    "(RFC 7671 section 8.1)" },
	{ "dane.full-cert", "a record of the whole certificate no longer matches once the certificate is renewed, even with "
	    "the same key (RFC 7671 section 5.1)" },
	{ "dane.issuer", "a record with usage 2 counts only when the issuer's certificate is among those that the server sends "
	    "(RFC 7672 section 3.1.2)" },
	{ "dane.pkix", "usages 0 and 1 are of no use in SMTP: senders ignore such records (RFC 7672 section 3.1.3)" },
	{ "dane.too-many", "large senders give up on more than 12 TLSA records, and defer the mail" },
	{ "dane.unsigned-host", "TLSA records count only when they and the host's addresses are signed with DNSSEC (RFC 7672 "
	    "section 2.2.2)" },
	{ "dane.unsigned-domain", "TLSA records count only when the MX records that lead to them are signed with DNSSEC (RFC "
	    "7672 section 2.2.1)" },
	{ "drift.content-without-id", "senders fetch a policy again only when its id has changed; until then they keep the "
	    "old one (RFC 8461 section 3.1)" },
	{ "drift.id-without-content", "senders fetch a policy that has not changed, which is harmless (RFC 8461 section 3.1)" },
};

static const size_t row_count = sizeof(rows) / sizeof(rows[0]);

const char *
finding_why(const char *id)
{
	for (size_t i = 0; i < row_count; i++)
		if (strcmp(rows[i].id, id) == 0)
			return rows[i].why;
	for (size_t i = 0; i < finding_doctor_count; i++)
		if (strcmp(finding_doctor_rows[i].id, id) == 0)
			return finding_doctor_rows[i].why;
	return NULL;
}

const char *
finding_id(size_t index)
{
	if (index < row_count)
		return rows[index].id;
	index -= row_count;
	return index < finding_doctor_count ? finding_doctor_rows[index].id : NULL;
}
