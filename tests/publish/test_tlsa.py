# SPDX-License-Identifier: ISC
"""stsctl publish tlsa: the records for keys, in files of any kind."""
import hashlib
import json
import os
import subprocess

import pytest

from lab.certificates import CertificateAuthority

HOST = "mx.example.test"
OWNER = "_25._tcp.%s" % HOST


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], check=True, capture_output=True, input=data).stdout


def digest(key):
    """SHA-256 of the public half of a private key."""
    return hashlib.sha256(openssl("pkey", "-in", key, "-pubout", "-outform", "DER")).hexdigest()


class Keys:
    """Files for two keys."""

    def __init__(self, directory):
        authority = CertificateAuthority(directory)
        self.directory = directory
        self.ec = authority.key
        self.rsa = authority.make_key("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        self.certificate = authority.issue("mx", HOST, [HOST])
        self.rsa_certificate = authority.issue("mx-rsa", HOST, [HOST], key=self.rsa)
        self.authority = authority.certificate

    def file(self, name, *paths, mode="wb"):
        path = os.path.join(self.directory, name)
        with open(path, mode) as out:
            for part in paths:
                with open(part, "rb") as text:
                    out.write(text.read())
        return path

    def written(self, name, data):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as out:
            out.write(data)
        return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(str(tmp_path_factory.mktemp("keys")))


def run(*words):
    done = subprocess.run([os.environ["STSCTL"], "publish", "tlsa", *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def records(*words):
    status, output, errors = run("--json", *words)
    assert (status, errors) == (0, "")
    answer = json.loads(output)
    assert (answer["host"], answer["owner"]) == (HOST, OWNER)
    assert len(answer["order"]) > 3
    return [(record["next"], record["key"], record["record"]) for record in answer["records"]]


def record(key):
    return "%s. IN TLSA 3 1 1 %s" % (OWNER, digest(key))


def test_certificate_chain_and_key_are_the_same(keys):	# pylint: disable=redefined-outer-name
    want = [(False, "EC 256 bits", record(keys.ec))]
    request = openssl("req", "-new", "-key", keys.ec, "-subj", "/CN=x")
    for file in (keys.certificate, keys.file("chain.pem", keys.certificate, keys.authority), keys.ec,
                 keys.file("postfix.pem", keys.ec, keys.certificate, keys.authority),
                 keys.written("request.pem", request),
                 keys.written("public.pem", openssl("pkey", "-in", keys.ec, "-pubout"))):
        assert records(HOST, file) == want, file
    assert records(HOST, keys.certificate, keys.ec) == want


def test_both_kinds_of_keys(keys):	# pylint: disable=redefined-outer-name
    want = [(False, "EC 256 bits", record(keys.ec)), (False, "RSA 2048 bits", record(keys.rsa))]
    assert records(HOST, keys.certificate, keys.rsa_certificate) == want
    assert records(HOST, keys.file("all.pem", keys.ec, keys.certificate, keys.rsa, keys.rsa_certificate)) == want


def test_the_next_key(keys):	# pylint: disable=redefined-outer-name
    assert records("--next", keys.rsa, HOST, keys.certificate) == [
        (False, "EC 256 bits", record(keys.ec)), (True, "RSA 2048 bits", record(keys.rsa))]
    assert records("--next", "%s,%s" % (keys.rsa, keys.ec), HOST, keys.certificate)[1:] == [(True, "RSA 2048 bits", record(keys.rsa))]


def test_what_is_printed_is_a_piece_of_a_zone_file(keys, tmp_path):	# pylint: disable=redefined-outer-name
    for words in ((HOST, keys.certificate), ("--next", keys.rsa, HOST, keys.certificate)):
        status, output, errors = run(*words)
        assert (status, errors) == (0, "")
        lines = [line for line in output.splitlines() if not line.startswith(";")]
        assert lines == [record(keys.ec), record(keys.rsa)][:len(words) - 1 if words[0] == "--next" else 1][:2]
        zone = tmp_path / "zone"
        zone.write_text("$TTL 60\nexample.test. SOA a. b. 1 2 3 4 5\nexample.test. NS ns.example.test.\n" + output)
        subprocess.run(["nsd-checkzone", "example.test", str(zone)], check=True, capture_output=True)
        assert "RFC 7671" in output or "No next key" in output


def test_a_file_with_a_strange_name_stays_in_its_comment(keys):	# pylint: disable=redefined-outer-name
    file = keys.file("a\nb.pem", keys.certificate)
    status, output, _ = run(HOST, file)
    assert status == 0
    assert [line for line in output.splitlines() if not line.startswith(";")] == [record(keys.ec)]


def test_mistakes(keys):	# pylint: disable=redefined-outer-name
    locked = keys.written("locked.key", openssl("pkey", "-in", keys.ec, "-aes256", "-passout", "pass:x"))
    for status, words in ((2, ()), (2, (HOST,)), (2, ("not a host", keys.ec)), (3, (HOST, "/nonexistent")),
                          (1, (HOST, locked)), (1, (HOST, keys.written("junk.pem", os.urandom(2000)))),
                          (1, (HOST, keys.written("empty.pem", b""))), (3, ("--next", "/nonexistent", HOST, keys.ec))):
        done = run(*words)
        assert done[0] == status and done[1] == "" and done[2].startswith("stsctl: "), (words, done)
