# SPDX-License-Identifier: ISC
"""Mail exchangers with TLSA records: a signed zone, a validating resolver, and a Postfix with many certificates."""
import hashlib
import json
import subprocess

from lab.certificates import in_days
from lab.postfix import Postfix
from lab.signed_dns import SignedDnsServer, Unbound

from tls_lab import TlsLab

ADDRESSES = {label: "127.0.5.%d" % (10 + number) for number, label in enumerate(
    ("ec", "other-ec", "both", "issuer", "leaf-alone", "issuer-other-name", "issuer-expired", "expired", "long-lived", "no-starttls"))}


def digest(der, kind="sha256"):
    return hashlib.new(kind, der).hexdigest()


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, **more).stdout


class Certificate:
    """The TLSA records for a file's first certificate."""

    def __init__(self, path):
        self.path = path
        self.whole = run("openssl", "x509", "-in", path, "-outform", "DER")
        key = run("openssl", "x509", "-in", path, "-noout", "-pubkey")
        self.key = run("openssl", "pkey", "-pubin", "-outform", "DER", input=key)

    @property
    def of_key(self):
        return "3 1 1 " + digest(self.key)

    @property
    def of_whole(self):
        return "3 0 1 " + digest(self.whole)


class DaneExchangers(Postfix):
    """One smtpd for each address in ADDRESSES, on one port. certificates: the one that each presents."""

    def __init__(self, directory, port, authority, _hosts):
        rsa = authority.make_key("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        other = authority.make_key("other", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")
        issue = authority.issue
        past = "20200101000000Z", "20200201000000Z"
        self.certificates, self._files = {}, {}
        for label, key, path in (
                ("ec", authority.key, issue("dane.ec", "ec", ["mail.match.test"])),
                ("other-ec", other, issue("dane.other", "other", ["mail.match.test"], key=other)),
                ("rsa", rsa, issue("dane.rsa", "rsa", ["mail.both.test"], key=rsa)),
                ("issuer", authority.key, issue("dane.issuer", "issuer", ["mail.issuer.test", "issuer-domain.test"])),
                ("issuer-other-name", authority.key, issue("dane.name", "name", ["mail.elsewhere.test"])),
                ("issuer-expired", authority.key, issue("dane.old", "old", ["mail.issuer-expired.test"], *past)),
                ("expired", authority.key, issue("dane.expired", "expired", ["mail.expired.test"], *past)),
                ("long-lived", authority.key, issue("dane.long", "long", ["mail.long-lived.test"], "20200101000000Z",
                                                    in_days(3000)))):
            self.certificates[label] = Certificate(path)
            self._files[label] = [key, path] + ([authority.certificate] if label.startswith("issuer") else [])
        self._files["leaf-alone"] = self._files["issuer"][:2]
        self._files["both"] = [other, self.certificates["other-ec"].path, rsa, self.certificates["rsa"].path]
        self._files["no-starttls"] = self._files["ec"]
        self.authority = Certificate(authority.certificate)
        services = "".join(self._service(label, port) for label in ADDRESSES)
        super().__init__(directory, port, authority, "", "", services)

    def _service(self, label, port):
        options = {"smtpd_tls_chain_files": self._chain(label),
                   "smtpd_tls_security_level": "none" if label == "no-starttls" else "may"}
        return "%s:%d inet n - n - - smtpd\n%s" % (
            ADDRESSES[label], port, "".join("  -o { %s = %s }\n" % option for option in options.items()))

    def _chain(self, label):
        """Files with a key followed by its certificates, as Postfix wants them."""
        files, chains = list(self._files[label]), []
        while files:
            key = files.pop(0)
            text = open(key, encoding="ascii").read()
            while files and not files[0].endswith(".key"):
                text += open(files.pop(0), encoding="ascii").read()
            chains.append("%s.%s.%d.chain" % (key, label, len(chains)))
            with open(chains[-1], "w", encoding="ascii") as chain:
                chain.write(text)
        return ", ".join(chains)


class DaneLab(TlsLab):
    """The TLS laboratory, with DNSSEC."""
    DNS = SignedDnsServer
    EXCHANGERS = DaneExchangers

    def __init__(self, domains):
        super().__init__(domains)
        self.resolver = Unbound(self.directory, self._ports.take(), self.dns)
        self._pieces = (*self._pieces, self.resolver)

    def check(self, domain, *words):
        """(exit status, findings about DANE)"""
        status, output, errors = self.stsctl("--state", "none", "--json", "-o", "dns_servers=%s" % self.resolver, *words, domain)
        assert errors == ""
        return status, [found for found in json.loads(output)["findings"] if found["id"].startswith("dane.")]
