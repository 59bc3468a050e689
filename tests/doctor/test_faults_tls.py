# SPDX-License-Identifier: ISC
"""Faults in the TLS that Postfix offers, and in its certificate and key."""
import os
import subprocess

from faults import each, expect

from lab.postfix import HOST


def no_tls(machine):
    machine.main_cf(smtpd_tls_security_level="none")


def no_tls_on_one_service(machine):
    machine.master_cf("26 inet n - n - - smtpd -o smtpd_tls_security_level=none")


def old_tls(machine):
    machine.main_cf(smtpd_tls_protocols=">=TLSv1")


def old_tls_only(machine):
    machine.main_cf(smtpd_tls_protocols="!TLSv1.2, !TLSv1.3")


def no_certificate(machine):
    machine.main_cf(smtpd_tls_chain_files="")


def missing_certificate(machine):
    machine.certificate("/nonexistent/fullchain.pem")


def certificate_that_is_none(machine):
    machine.certificate(machine.write("bad.pem", "nothing\n"))


def pair_of_old_settings(machine):
    machine.main_cf(smtpd_tls_chain_files="", smtpd_tls_key_file=machine.world.authority.key,
                    smtpd_tls_cert_file=machine.world.authority.issue("pair", HOST, [HOST]))


def missing_key_of_a_pair(machine):
    machine.main_cf(smtpd_tls_chain_files="", smtpd_tls_key_file="/nonexistent/privkey.pem",
                    smtpd_tls_cert_file=machine.world.authority.issue("pair", HOST, [HOST]))


def another_key(machine):
    key = machine.write("other.key", "")
    os.chmod(key, 0o600)
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key], check=True)
    machine.certificate(machine.world.authority.issue("another", HOST, [HOST]), key)


def key_with_a_password(machine):
    key = machine.write("locked.key", "")
    os.chmod(key, 0o600)
    subprocess.run(["openssl", "pkey", "-in", machine.world.authority.key, "-aes128", "-passout", "pass:x", "-out", key],
                   check=True)
    machine.certificate(machine.world.authority.issue("locked", HOST, [HOST]), key)


def key_for_everybody(machine):
    with open(machine.world.authority.key, encoding="ascii") as file:
        key = machine.write("open.key", file.read())
    os.chmod(key, 0o644)
    machine.certificate(machine.world.authority.issue("open", HOST, [HOST]), key)


def expired(machine):
    machine.certificate(machine.world.authority.issue("expired", HOST, [HOST], "20200101000000Z", "20200201000000Z"))


def self_signed(machine):
    machine.certificate(machine.world.authority.self_signed("selfsigned", HOST))


def another_name(machine):
    machine.certificate(machine.world.authority.issue("name", "other.test", ["other.test"]))


def no_received(machine):
    machine.main_cf(smtpd_tls_received_header="no")


TABLE = [
    (no_tls, "fail postfix.tls-level"),
    (no_tls_on_one_service, "fail postfix.tls-level"),
    (old_tls, "info postfix.old-tls"),
    (old_tls_only, "fail postfix.tls-versions"),
    (no_certificate, "fail postfix.tls-certificate"),
    (missing_certificate, "fail postfix.tls-file"),
    (certificate_that_is_none, "fail postfix.tls-file"),
    (pair_of_old_settings, ""),
    (missing_key_of_a_pair, "fail postfix.tls-file"),
    (another_key, "fail postfix.tls-mismatch"),
    (key_with_a_password, "fail postfix.tls-file"),
    (key_for_everybody, "warn postfix.tls-key-open"),
    (expired, "fail postfix.tls-expired"),
    (self_signed, "warn postfix.tls-chain"),
    (another_name, "info postfix.tls-name"),
    (no_received, "info postfix.received-header"),
]


@each(TABLE)
def test_fault(machine, fault, expected):
    expect(machine, fault, expected)
