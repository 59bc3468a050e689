# SPDX-License-Identifier: ISC
"""Mail exchangers, good and bad: one real Postfix with a separate smtpd for each address."""
from lab.certificates import in_days
from lab.postfix import Postfix

# How each smtpd differs from a good one. The label is also the domain's: mail.LABEL.test.
PERSONALITIES = {
    "good": {},
    "expired": {},
    "expires-soon": {},
    "self-signed": {},
    "wrong-name": {},
    "cn-only": {},
    "no-starttls": {"smtpd_tls_security_level": "none"},
    "only-tls10": {"smtpd_tls_protocols": ">=TLSv1, <=TLSv1"},
    "no-tls13": {"smtpd_tls_protocols": ">=TLSv1.2, <=TLSv1.2"},
    "no-tls12": {"smtpd_tls_protocols": ">=TLSv1.3"},
    "old-tls": {"smtpd_tls_protocols": ">=TLSv1"},
    "null-cipher": {"smtpd_tls_exclude_ciphers": "aNULL"},
    "anonymous": {"smtpd_tls_exclude_ciphers": "eNULL"},
}
ADDRESSES = {label: "127.0.1.%d" % (10 + number) for number, label in enumerate(PERSONALITIES)}
GOOD6 = "::1"

DEFAULTS = {"smtpd_tls_protocols": ">=TLSv1.2", "smtpd_tls_exclude_ciphers": "aNULL, eNULL"}


def host(label):
    return "mail.%s.test" % label


class MailExchangers(Postfix):
    """On one port, at the addresses in ADDRESSES and at GOOD6. hosts: the names in good certificates."""

    def __init__(self, directory, port, authority, hosts):
        self._authority = authority
        self._good = authority.issue("exchangers", "exchangers", [host("good"), *hosts])
        services = [self._service(label, address, port) for label, address in ADDRESSES.items()]
        services.append(self._service("good", "[%s]" % GOOD6, port))
        super().__init__(directory, port, authority, "", "inet_protocols = all", "".join(services))

    def _service(self, label, address, port):
        options = {**DEFAULTS, **PERSONALITIES[label],
                   "smtpd_tls_chain_files": "%s, %s" % (self._authority.key, self._certificate(label))}
        return "%s:%d inet n - n - - smtpd\n%s" % (
            address, port, "".join("  -o { %s = %s }\n" % option for option in options.items()))

    def _certificate(self, label):
        name, issue = "exchanger." + label, self._authority.issue
        if label == "expired":
            return issue(name, "x", [host(label), host(label + ".testing")], "20200101000000Z", "20200201000000Z")
        if label == "expires-soon":
            return issue(name, "x", [host(label)], "20200101000000Z", in_days(5))
        if label == "self-signed":
            return self._authority.self_signed(name, host(label))
        if label == "wrong-name":
            return issue(name, host(label), ["mail.elsewhere.test"])
        if label == "cn-only":
            return issue(name, host(label), [])
        return self._good
