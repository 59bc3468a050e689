# SPDX-License-Identifier: ISC
"""rspamd's rule and our header: from smtpd to symbols, and forged fields."""
import datetime
import hashlib
import os
import re
import secrets

import pytest

from lab.domains import Domain, policy, unpublished
from lab.milter import AUTHSERV_ID

DOC = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "doc", "rspamd.md")
STRANGER = "192.0.2.25"
DOMAINS = [
    Domain("good.test"),
    Domain("testing.test", body=policy("testing", name="testing.test")),
    unpublished("absent.test"),
    unpublished("steady.test"),
    Domain("empty.test", body=""),
    Domain("nohost.test", address=""),
    Domain("strict.test", spf="v=spf1 -all"),
    Domain("careless.test", spf="v=spf1 ip4:%s -all" % STRANGER),
    Domain("rcpt.test"),
]
STRIP = "header_checks = regexp:{{/^X-MTA-STS:/ IGNORE}}"	# as in conf/postfix/main.cf
TAGS = ("v=1; host=mx.lab.test; result=pass; domain=good.test; identity=mailfrom; policy=enforce; id=1; tls=TLSv1.3; "
        "aligned=yes")
FORGED = "X-MTA-STS: " + TAGS
QUEUE_ID = "4Zq1bX0K2Lz9x"


def ours(symbols):
    """Our symbols among those rspamd found, with their options."""
    return {name[8:]: options for name, (_, options) in symbols.items() if name.startswith("MTA_STS_")}


def with_tags(**changes):
    """The header's tags with some changed; None removes one."""
    tags = dict(tag.split("=") for tag in TAGS.split("; "))
    tags.update(changes)
    return "; ".join("%s=%s" % pair for pair in tags.items() if pair[1] is not None)


def sign(text, key, queue_id=QUEUE_ID):
    """The field with its sig, computed by an implementation other than the milter's and rspamd's."""
    digest = hashlib.blake2b(("%s\n%s" % (queue_id, text)).encode(), key=bytes.fromhex(key)).hexdigest()
    return "%s; sig=%s" % (text, digest[:32])


def message(*fields):
    """A message with these X-MTA-STS fields."""
    lines = ["X-MTA-STS: " + field for field in fields] + ["From: <user@good.test>", "Subject: lab", "", "Hello."]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


@pytest.fixture(scope="module", name="key")
def _key(tmp_path_factory):
    """Returns (key, path of its file)."""
    digits = secrets.token_hex(32)
    path = tmp_path_factory.mktemp("key") / "header.key"
    path.write_text(digits + "\n")
    return digits, str(path)


@pytest.fixture(scope="module", name="plain")
def _plain(module_lab):
    """Without signatures, with the header_checks line that strips forged fields."""
    return module_lab(DOMAINS, default_action="accept", rspamd={}, postfix=STRIP,
                      settings={"policy_wait": "15s", "local_domains": "rcpt.test"})


@pytest.fixture(scope="module", name="signed")
def _signed(module_lab, key):
    """With signatures, and no other protection against forgeries."""
    return module_lab(DOMAINS, default_action="accept", rspamd={"header_key_file": key[1]},
                      settings={"policy_wait": "15s", "header_key_file": key[1]})


def scan(lab, sender, tls="TLSv1.3", headers=(), client=None):
    """Sends a message; returns what rspamd's history has of it, and the message as delivered."""
    message_id = secrets.token_hex(8) + "@lab.test"
    with lab.client() as session:
        session.ehlo()
        if client:
            session.xclient(ADDR=STRANGER, NAME=client)
            session.ehlo()
        if tls:
            session.starttls(tls)
            session.ehlo()
        session.mail(sender)
        session.rcpt()
        lab_id = session.data([*headers, "Message-ID: <%s>" % message_id, "From: <%s>" % sender])
    return lab.rspamd.scanned(message_id), lab.mailbox.wait(lab_id)


# ---- from smtpd to symbols ----

@pytest.mark.parametrize("domain, tls, expected", [
    ("good.test", "TLSv1.3", {"PASS"}),
    ("good.test", "TLSv1.2", {"PASS"}),
    ("good.test", "TLSv1.1", {"FAIL", "WEAK_TLS"}),
    ("good.test", "", {"FAIL", "PLAINTEXT", "RCPT_PLAINTEXT"}),
    ("testing.test", "", {"SOFTFAIL", "PLAINTEXT", "RCPT_PLAINTEXT"}),
    ("testing.test", "TLSv1.1", {"SOFTFAIL", "WEAK_TLS"}),
    ("absent.test", "TLSv1.3", {"NONE"}),
    ("absent.test", "", {"NONE", "PLAINTEXT", "RCPT_PLAINTEXT"}),
    ("empty.test", "TLSv1.3", {"PERMERROR"}),
    ("nohost.test", "TLSv1.3", {"TEMPERROR"})])
def test_symbols(plain, domain, tls, expected):
    symbols, delivered = scan(plain, "user@" + domain, tls)
    assert ours(symbols) == {name: [domain, tls or "none"] for name in expected}
    result = delivered.values("X-Spamd-Result")
    assert len(result) == 1
    for name in expected:
        assert "MTA_STS_%s(" % name in result[0]


def test_symbols_with_signature(signed):
    """The queue id that the milter signs is the one that rspamd sees."""
    symbols, delivered = scan(signed, "user@good.test", "TLSv1.3")
    assert ours(symbols) == {"PASS": ["good.test", "TLSv1.3"]}
    assert list(delivered.sts)[-1] == "sig"


def test_signature_of_a_folded_field(signed, key):
    """The signature covers the unfolded field, whoever computes it."""
    delivered = signed.send("user@good.test", "")
    text, _, sig = delivered.sts_raw[0].replace("\n\t", " ").rpartition("; sig=")
    queue_id = delivered.values("Received")[0].split(" id ")[1].split()[0].rstrip(";")
    assert sign(text, key[0], queue_id) == "%s; sig=%s" % (text, sig)


# ---- composites ----

@pytest.mark.parametrize("domain, client, tls, composites", [
    ("strict.test", "out.other.test", "", {"SPOOFED"}),
    ("strict.test", "mail.strict.test", "", set()),
    ("strict.test", "out.other.test", "TLSv1.3", set()),
    ("careless.test", "mail.careless.test", "", {"OWN_RELAY", "STRIPPED"}),
    ("careless.test", "out.other.test", "TLSv1.1", {"OWN_RELAY"}),
    ("absent.test", "out.other.test", "", set())])
def test_composites(plain, domain, client, tls, composites):
    symbols, _ = scan(plain, "user@" + domain, tls, client=client)
    assert set(ours(symbols)) & {"SPOOFED", "OWN_RELAY", "STRIPPED"} == composites


def test_downgrade(plain):
    """Weeks of TLS, as the milter records them; then plaintext."""
    now = datetime.datetime.now(datetime.timezone.utc)
    for days in range(1, 16):
        plain.redis.command("HSET", "mta-sts:history:{steady.test}",
                            "tls:" + (now - datetime.timedelta(days=days)).strftime("%Y-%m-%d"), 2)
    symbols, _ = scan(plain, "user@steady.test", "TLSv1.3", client="mail.steady.test")
    assert "DOWNGRADE" not in ours(symbols)
    symbols, _ = scan(plain, "user@steady.test", "", client="out.other.test")
    assert "DOWNGRADE" not in ours(symbols)
    symbols, _ = scan(plain, "user@steady.test", "", client="mail.steady.test")
    assert ours(symbols)["DOWNGRADE"] == ["steady.test", "none"]
    assert symbols["MTA_STS_DOWNGRADE"][0] == 0.5


def test_scores(plain):
    """local.d/groups.conf is read, and the worst score stays well below rspamd's threshold for spam (6)."""
    symbols, _ = scan(plain, "user@strict.test", "", client="out.other.test")
    scores = {name: score for name, (score, _) in symbols.items() if name.startswith("MTA_STS_")}
    assert scores["MTA_STS_FAIL"] == 0.5
    assert scores["MTA_STS_SPOOFED"] == 2.5
    assert sum(scores.values()) == pytest.approx(3.2)


# ---- forged fields ----

def test_stripped_while_the_milter_is_there(plain):
    symbols, delivered = scan(plain, "user@good.test", "", [FORGED])
    assert ours(symbols) == dict.fromkeys(("FAIL", "PLAINTEXT", "RCPT_PLAINTEXT"), ["good.test", "none"])
    assert delivered.sts["result"] == "fail"


def test_replaced_while_the_milter_is_there(signed):
    """Without header_checks, the milter removes it."""
    symbols, delivered = scan(signed, "user@good.test", "", [FORGED])
    assert set(ours(symbols)) == {"FAIL", "PLAINTEXT"}
    assert delivered.sts["result"] == "fail"


@pytest.fixture(name="without_milter")
def _without_milter():
    """Stops a lab's milter for the rest of the test."""
    ended = []

    def end(lab):
        lab.milter.kill()
        ended.append(lab.milter)
        return lab
    yield end
    for milter in ended:
        milter.start()


def test_stripped_without_milter(plain, without_milter):
    symbols, delivered = scan(without_milter(plain), "user@good.test", "", [FORGED, "x-mta-sts : again"])
    assert ours(symbols) == {}
    assert delivered.sts_raw == []


def test_forged_without_milter(signed, without_milter):
    symbols, _ = scan(without_milter(signed), "user@good.test", "", [FORGED])
    assert ours(symbols) == {"HEADER_FORGED": ["good.test", "TLSv1.3", "sig"]}


def test_used_again_without_milter(signed, without_milter):
    """A genuine field, copied from another message."""
    field = signed.send("user@good.test").sts_raw[0].replace("\n\t", " ")
    symbols, _ = scan(without_milter(signed), "user@good.test", "", ["X-MTA-STS: " + field])
    assert ours(symbols) == {"HEADER_FORGED": ["good.test", "TLSv1.3", "sig"]}


# ---- the rule by itself ----

GOOD = ["good.test", "TLSv1.3"]
PLAINTEXT = {"tls": "none"}


def forged(why, domain="good.test", tls="TLSv1.3"):
    """rspamd reports equal options only once."""
    return {"HEADER_FORGED": list(dict.fromkeys([domain, tls, why]))}


# (name, fields, symbols)
FIELDS = [
    ("none at all", [], {}),
    ("pass", [TAGS], {"PASS": GOOD}),
    ("folded", [TAGS.replace("; ", ";\r\n\t")], {"PASS": GOOD}),
    ("folded by spaces", [TAGS.replace("; ", ";\r\n  ")], {"PASS": GOOD}),
    ("other case of host", [with_tags(host="MX.Lab.Test")], {"PASS": GOOD}),
    ("fail", [with_tags(result="fail", reason="cipher")], {"FAIL": GOOD, "WEAK_TLS": GOOD}),
    ("softfail", [with_tags(result="softfail", reason="tls-version", tls="TLSv1")],
     dict.fromkeys(("SOFTFAIL", "WEAK_TLS"), ["good.test", "TLSv1"])),
    ("neutral", [with_tags(result="neutral", reason="tls-unknown", tls="unknown")],
     {"NEUTRAL": ["good.test", "unknown"]}),
    ("none", [with_tags(result="none", policy="absent", id=None)], {"NONE": GOOD}),
    ("none, no domain, plaintext", [with_tags(result="none", domain="-", policy="absent", tls="none")],
     dict.fromkeys(("NONE", "PLAINTEXT"), ["-", "none"])),
    ("temperror", [with_tags(result="temperror", reason="pending", policy="unknown")], {"TEMPERROR": GOOD}),
    ("permerror", [with_tags(result="permerror", reason="policy-invalid", policy="unknown")], {"PERMERROR": GOOD}),
    ("plaintext", [with_tags(result="fail", reason="plaintext", tls="none")],
     dict.fromkeys(("FAIL", "PLAINTEXT"), ["good.test", "none"])),
    ("plaintext to a domain that says enforce",
     [with_tags(result="fail", reason="plaintext", tls="none", rcpt="enforce")],
     dict.fromkeys(("FAIL", "PLAINTEXT", "RCPT_PLAINTEXT"), ["good.test", "none"])),
    ("plaintext to a domain that says testing",
     [with_tags(result="fail", reason="plaintext", tls="none", rcpt="testing")],
     dict.fromkeys(("FAIL", "PLAINTEXT"), ["good.test", "none"])),
    ("TLS to a domain that says enforce", [with_tags(rcpt="enforce")], {"PASS": GOOD}),
    ("not aligned", [with_tags(aligned="no")], {"PASS": GOOD, "UNALIGNED": GOOD}),
    ("alignment unknown", [with_tags(aligned="unknown")], {"PASS": GOOD}),
    ("always over TLS", [TAGS + "; history=always-tls"], {"PASS": GOOD}),
    ("downgrade", [with_tags(result="none", policy="absent", tls="none") + "; history=downgrade"],
     dict.fromkeys(("NONE", "PLAINTEXT", "DOWNGRADE"), ["good.test", "none"])),
    ("a history that is no word of ours", [TAGS + "; history=downgraded"], {"PASS": GOOD}),
    ("REQUIRETLS and SNI", [TAGS + "; sni=mx.rcpt.test; requiretls=yes"], {"PASS": GOOD}),
    ("unknown tags", [TAGS + "; novel=x; sig=00"], {"PASS": GOOD}),
    ("foreign host", [with_tags(host="mx.other.test")], forged("host")),
    ("host that begins like ours", [with_tags(host="mx.lab.test.evil.test")], forged("host")),
    ("no host", [with_tags(host=None)], forged("host")),
    ("two hosts", [TAGS + "; host=mx.lab.test"], forged("syntax")),
    ("two fields", [TAGS, TAGS], forged("fields")),
    ("ours and another", [TAGS, with_tags(host="mx.other.test")], forged("fields")),
    ("three fields", [TAGS, "x", "y"], forged("fields")),
    ("empty", [""], forged("syntax", "-", "-")),
    ("garbage", ["\udcff\udcfe;;;===\x01"], forged("syntax", "-", "-")),
    ("a sentence", ["this message is fine"], forged("syntax", "-", "-")),
    ("huge", [TAGS + "; x=" + "y" * 3000], forged("syntax")),
    ("very huge", ["domain=" + "d" * 300 + "; " + "z=1; " * 20000], forged("syntax", "d" * 255, "-")),
    ("comma for a semicolon", [TAGS.replace("; ", ", ")], forged("syntax")),
    ("semicolon without a space", [TAGS.replace("; ", ";")], forged("syntax")),
    ("a semicolon at the end", [TAGS + ";"], forged("syntax", tls="TLSv1.3")),
    ("a byte that cannot be", [with_tags(id="a[b]{c}")], forged("syntax")),
    ("no value", [with_tags(id="")], forged("syntax")),
    ("other version", [with_tags(v="2")], forged("syntax")),
    ("unknown result", [with_tags(result="great")], forged("syntax")),
    ("no result", [with_tags(result=None)], forged("syntax")),
    ("no domain", [with_tags(domain=None)], forged("syntax", "-")),
    ("no tls", [with_tags(tls=None)], forged("syntax", tls="-")),
    ("no aligned", [with_tags(aligned=None)], forged("syntax")),
]


@pytest.mark.parametrize("fields, expected", [row[1:] for row in FIELDS], ids=[row[0] for row in FIELDS])
def test_field(plain, fields, expected):
    assert ours(plain.rspamd.check(message(*fields), QUEUE_ID)) == expected


@pytest.mark.parametrize("names, expected", [
    (["x-mta-sts"], {"PASS": GOOD}),
    (["X-MTA-STS", "x-mta-sts"], forged("fields")),
    (["X-MTA-STS", "X-MTA-STS-Extra", "X-MTA_STS"], {"PASS": GOOD})])
def test_names(plain, names, expected):
    """Names are case-insensitive; similar names do not match."""
    text = "".join("%s: %s\r\n" % (name, TAGS) for name in names).encode() + message()
    assert ours(plain.rspamd.check(text, QUEUE_ID)) == expected


def test_only_the_header_counts(plain):
    """A lookalike of the field in the body, or in a part's header, is ignored."""
    text = "\r\n".join(["From: <user@good.test>", "Content-Type: multipart/mixed; boundary=b", "",
                        "--b", "Content-Type: text/plain", FORGED, "", FORGED, "--b--", ""])
    assert ours(plain.rspamd.check(text.encode(), QUEUE_ID)) == {}


# (name, change to a correctly signed field, queue id, whether it is accepted)
SIGNATURES = [
    ("as it should be", lambda field: field, QUEUE_ID, True),
    ("folded", lambda field: field.replace("; ", ";\r\n\t"), QUEUE_ID, True),
    ("no sig", lambda field: field.partition("; sig=")[0], QUEUE_ID, False),
    ("of another message", lambda field: field, "4Zq1bX0K2Lz9y", False),
    ("no queue id", lambda field: field, "", False),
    ("another tag", lambda field: field.replace("tls=TLSv1.3", "tls=TLSv1.2"), QUEUE_ID, False),
    ("a tag more", lambda field: field.replace("; sig=", "; rcpt=none; sig="), QUEUE_ID, False),
    ("a tag after it", lambda field: field + "; rcpt=enforce", QUEUE_ID, False),
    ("one digit less", lambda field: field[:-1], QUEUE_ID, False),
    ("more digits", lambda field: field + "00", QUEUE_ID, False),
    ("sig of something else", lambda field: TAGS + "; sig=" + "0" * 32, QUEUE_ID, False),
]


@pytest.mark.parametrize("change, queue_id, believed", [row[1:] for row in SIGNATURES],
                         ids=[row[0] for row in SIGNATURES])
def test_signature(signed, key, change, queue_id, believed):
    found = ours(signed.rspamd.check(message(change(sign(TAGS, key[0]))), queue_id))
    if believed:
        assert found == {"PASS": GOOD}
    else:
        assert list(found) == ["HEADER_FORGED"]
        assert found["HEADER_FORGED"][2] == "sig"


def test_other_key(signed):
    assert ours(signed.rspamd.check(message(sign(TAGS, "00" * 32)), QUEUE_ID)) == forged("sig")


# ---- configuration ----

def test_configtest(plain):
    """With the configuration shipped with rspamd, and our files as the local ones."""
    done = plain.rspamd.configtest()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "syntax OK" in done.stdout
    assert "mta_sts" not in done.stdout + done.stderr


def test_configtest_reads_our_rule(plain):
    """The test above passes because our file is right, not because it is not read."""
    with open(os.path.join(plain.rspamd.local, "rspamd.local.lua"), "a", encoding="ascii") as file:
        file.write("this is no Lua\n")
    done = plain.rspamd.configtest()
    plain.rspamd.settings(authserv_id=AUTHSERV_ID)
    assert done.returncode == 1


@pytest.mark.parametrize("content", [
    None, "", "xyz\n", "abc\n", "00" * 15 + "\n", "00" * 65 + "\n", "00" * 32 + "\nmore\n"])
def test_bad_key_file(plain, tmp_path, content):
    """The rule reports the error and disables itself; rspamd goes on."""
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content)
    plain.rspamd.settings(authserv_id=AUTHSERV_ID, header_key_file=str(path))
    done = plain.rspamd.configtest()
    plain.rspamd.settings(authserv_id=AUTHSERV_ID)
    assert done.returncode == 0
    assert "mta_sts: no symbols: cannot use header_key_file: " + str(path) in done.stdout + done.stderr


# ---- what doc/rspamd.md says of the guide's map ----

GUIDES = """\
MTA_STS_DOMAINS {
  type = "from";
  map = "%s";
  description = "Domains with MTA-STS policies";
  score = 0.0;
  action = "no action";
}
"""
MARKS = GUIDES.replace('  action = "no action";\n', '').replace('"from";', '"from";\n  filter = "email:domain";')


@pytest.fixture(name="multimap")
def _multimap(plain):
    """Gives rspamd a multimap for the duration of a test; returns (symbols, log) for a message from a sender."""
    rspamd = plain.rspamd
    config, domains = (os.path.join(rspamd.local, *names) for names in (
        ("local.d", "multimap.conf"), ("mta_sts_domains.map",)))

    def check(text, sender):
        with open(config, "w", encoding="ascii") as file:
            file.write(text % domains)
        with open(domains, "w", encoding="ascii") as file:
            file.write("absent.test\n")
        rspamd.restart()
        before = len(rspamd.log())
        return rspamd.check(message(), QUEUE_ID, From=sender), rspamd.log()[before:]
    yield check
    os.unlink(config)
    rspamd.restart()


@pytest.mark.parametrize("text, skips", [(GUIDES, True), (MARKS, False)], ids=["the guide's", "ours"])
def test_multimap(multimap, text, skips):
    symbols, log = multimap(text, "user@absent.test")
    assert symbols["MTA_STS_DOMAINS"][1] == ["absent.test"]
    assert ('forced: no action "Matched map: MTA_STS_DOMAINS"' in log) == skips
    assert ("MISSING_DATE" in symbols) != skips


def test_documented(plain):
    """Every symbol of the rule has its score in local.d/groups.conf, and both are in doc/rspamd.md; so are the
    composites."""
    def read(*names):
        with open(os.path.join(*names), encoding="utf-8") as file:
            return file.read()
    local = plain.rspamd.local
    rule = set(re.findall(r"'(MTA_STS_\w+)'", read(local, "mta_sts.lua"))) - {"MTA_STS_CHECK"}
    scores = dict(re.findall(r'"(MTA_STS_\w+)" \{\s+weight = ([\d.]+);', read(local, "local.d", "groups.conf")))
    composites = dict(re.findall(r"(?ms)^(MTA_STS_\w+) \{.*?score = ([\d.-]+);",
                                 read(local, "local.d", "composites.conf")))
    documented = dict(re.findall(r"(?m)^\| `(MTA_STS_\w+)` \|.*?\| (-?[\d.]+) \|", read(DOC)))
    assert len(rule) == 13 and set(scores) == rule
    assert {name: float(score) for name, score in documented.items()} == {
        name: float(score) for name, score in {**scores, **composites}.items()}
