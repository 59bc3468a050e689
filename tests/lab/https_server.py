# SPDX-License-Identifier: ISC
"""The policy hosts: one nginx for all domains of the lab."""
import os
import signal
import socket
import ssl

from .certificates import in_days
from .domains import NGINX, OLD_TLS
from .process import Process

CONFIGURATION = """\
daemon off;
user nobody nogroup;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log info;
events {{ worker_connections 512; }}
http {{
	log_format lab '$time_iso8601 $status "$ssl_server_name" "$request" "$http_user_agent"';
	access_log {directory}/access.log lab;
	client_body_temp_path {directory}/temp;
	proxy_temp_path {directory}/temp;
	fastcgi_temp_path {directory}/temp;
	uwsgi_temp_path {directory}/temp;
	scgi_temp_path {directory}/temp;
	server_names_hash_max_size 4096;
	server_names_hash_bucket_size 512;
	keepalive_timeout 0;
	ssl_certificate_key {key};
	ssl_protocols TLSv1.2 TLSv1.3;
	types {{ }}
	default_type text/plain;
	# whoever asks for a name that is not below gets no certificate
	server {{
		listen {address}:{port} ssl default_server;
		ssl_reject_handshake on;
	}}
{servers}}}
"""
SERVER = """\
	server {{
		listen {address}:{port} ssl;
		server_name {host};
		ssl_certificate {certificate};
{tls}		location = /.well-known/mta-sts.txt {{
			{directives}
			alias {file};
		}}
	}}
"""


class HttpsServer:
    """nginx under a CA of the lab. Policy files can be changed at any time; certificates are chosen at start."""

    def __init__(self, directory, port, authority, domains):
        self.directory = os.path.join(directory, "nginx")
        self.port = port
        self._authority = authority
        self._domains = [domain for domain in domains if domain.address in (NGINX, OLD_TLS)]
        for name in ("", "temp", "policies"):
            os.mkdir(os.path.join(self.directory, name))
        self._config = os.path.join(self.directory, "nginx.conf")
        self._good = authority.issue("policies", "policies.lab.test",
                                     [domain.policy_host for domain in domains] or ["policies.lab.test"])
        for domain in self._domains:
            self.set_policy(domain.name, domain.body)
        self._write_config()
        self.process = Process(
            "nginx", ["nginx", "-p", self.directory, "-c", self._config,
                      "-e", os.path.join(self.directory, "error.log")], self.directory)

    @property
    def good_certificate(self):
        """Names the policy host of every domain."""
        return self._good

    def start(self):
        self.process.start()
        self.process.wait_ready(self._listens, "nginx listens")

    def stop(self):
        self.process.stop(signal.SIGTERM)

    def set_policy(self, name, body):
        """Replaces a domain's policy file, at once and atomically."""
        path = self._policy_path(name)
        with open(path + ".new", "wb") as file:
            file.write(body if isinstance(body, bytes) else body.encode())
        os.replace(path + ".new", path)

    def requests(self, name):
        """How many times a domain's policy was requested. Counts only what nginx itself answered."""
        return sum(1 for line in self.log().splitlines() if '"mta-sts.%s"' % name in line)

    def log(self):
        """nginx' access log."""
        with open(os.path.join(self.directory, "access.log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def _policy_path(self, name):
        return os.path.join(self.directory, "policies", name)

    def _write_config(self):
        servers = "".join(SERVER.format(
            address=domain.address, port=self.port, host=domain.policy_host,
            certificate=self._certificate(domain), directives=domain.directives,
            tls="\t\tssl_protocols TLSv1.1;\n\t\tssl_ciphers ALL:@SECLEVEL=0;\n" if domain.address == OLD_TLS else "",
            file=self._policy_path(domain.name)) for domain in self._domains)
        with open(self._config, "w", encoding="utf-8") as config:
            config.write(CONFIGURATION.format(directory=self.directory, key=self._authority.key, address=NGINX,
                                              port=self.port, servers=servers))

    def _certificate(self, domain):
        """The path of the certificate that a domain's policy host presents."""
        name, host, issue = domain.certificate + "." + domain.name, domain.policy_host, self._authority.issue
        if domain.certificate == "good":
            return self._good
        if domain.certificate == "wildcard":
            return issue(name, "wildcard", ["*." + domain.name])
        if domain.certificate == "wrong-host":
            return issue(name, host, ["www." + domain.name])
        if domain.certificate == "cn-only":
            return issue(name, host, [])
        if domain.certificate == "expired":
            return issue(name, host, [host], "20200101000000Z", "20200201000000Z")
        if domain.certificate == "expires-soon":
            return issue(name, host, [host], "20200101000000Z", in_days(5))
        if domain.certificate == "not-yet":
            return issue(name, host, [host], "20900101000000Z", "20900201000000Z")
        if domain.certificate == "self-signed":
            return self._authority.self_signed(name, host)
        raise ValueError("no certificate of kind " + domain.certificate)

    def _listens(self):
        """A TLS handshake gets an answer, even if it is an alert."""
        try:
            with socket.create_connection((NGINX, self.port), 1) as sock:
                context = ssl.create_default_context(cafile=self._authority.certificate)
                context.wrap_socket(sock, server_hostname="nobody.test")
        except ssl.SSLError:
            return True
        except OSError:
            return False
        return True
