# SPDX-License-Identifier: ISC
"""What a domain of the lab publishes."""
from dataclasses import dataclass, field

# Where mta-sts.DOMAIN points to: the address selects the server's behaviour.
NGINX = "127.0.0.1"		# an ordinary web server
FAULTS = "127.0.0.2"		# servers that misbehave in ways nginx cannot
REFUSED = "127.0.0.3"		# nothing listens there
MUTE = "127.0.0.4"		# accepts connections, and does nothing else
OLD_TLS = "127.0.0.5"		# nginx, TLS 1.1 at most


def policy(mode="enforce", mx=("mail.%s",), max_age=86400, name=""):
    """The text of a policy; %s in mx is replaced by the domain."""
    hosts = "".join("mx: %s\r\n" % (host.replace("%s", name)) for host in mx)
    return "version: STSv1\r\nmode: %s\r\n%smax_age: %d\r\n" % (mode, hosts, max_age)


@dataclass
class Domain:
    """One sender domain. By default it does everything right, in mode enforce."""
    name: str
    # The TXT RRset at _mta-sts: each record a string, or a list of strings for several character-strings.
    txt: list = field(default_factory=lambda: ["v=STSv1; id=20260101T1;"])
    alias: str = ""			# _mta-sts is a CNAME to this name (then txt must be empty)
    body: str = None			# the policy file; None: a policy of mode enforce
    spf: str = ""			# the SPF record; none when empty
    address: str = NGINX		# "": mta-sts.DOMAIN does not exist
    more_addresses: tuple = ()		# more addresses, for mta-sts.DOMAIN with several
    certificate: str = "good"		# see https_server.py
    directives: str = ""		# more lines for nginx's location block
    fault: str = ""			# with FAULTS: the fault to show, see fault_server.py
    mail: tuple = ("127.0.0.1",)	# the addresses of its mail exchanger, mail.DOMAIN
    mx: tuple = ("10 mail.%s.",)	# its MX records; %s is replaced by the domain
    tlsrpt: tuple = ()			# the TXT RRset at _smtp._tls, in the format of txt
    zone: tuple = ()			# more lines of the zone; %s is replaced by the domain

    def __post_init__(self):
        if self.body is None:
            self.body = policy(name=self.name)
        if self.alias and self.txt:
            raise ValueError(self.name + ": a CNAME has no other records beside it")

    @property
    def policy_host(self):
        return "mta-sts." + self.name


def unpublished(name):
    """A domain that does not do MTA-STS."""
    return Domain(name, txt=[], address="")
