# SPDX-License-Identifier: ISC
"""The lab's own certificate authority, using the openssl command."""
import datetime
import os
import subprocess

CONFIGURATION = """\
[ca]
default_ca = lab
[lab]
dir = {directory}
database = {directory}/index.txt
serial = {directory}/serial
new_certs_dir = {directory}/issued
certificate = {directory}/ca.pem
private_key = {directory}/ca.key
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
"""


def in_days(days):
    """A time some days from now, in the format of issue(); half a day is added, so that the duration of a test does not matter."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days, hours=12)
    return when.strftime("%Y%m%d%H%M%SZ")


class CertificateAuthority:
    """Issues certificates. All leaves share one key, because making keys takes time."""

    def __init__(self, directory):
        self.directory = os.path.join(directory, "ca")
        os.makedirs(os.path.join(self.directory, "issued"))
        self.certificate = self._path("ca.pem")
        self.key = self._path("leaf.key")
        self._config = self._write("ca.conf", CONFIGURATION.format(directory=self.directory))
        self._write("index.txt", "")
        self._write("serial", "01\n")
        for key in (self._path("ca.key"), self.key):
            self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        self._openssl("req", "-x509", "-new", "-key", self._path("ca.key"), "-subj", "/CN=Lab CA",
                      "-days", "30", "-extensions", "authority", "-config", self._config, "-out", self.certificate)

    def make_key(self, name, *kind):
        """Makes another key; kind: the options of genpkey. Returns its path."""
        path = self._path(name + ".key")
        self._openssl("genpkey", *kind, "-out", path)
        return path

    def issue(self, name, common_name, hosts, start=None, end=None, key=None):
        """Issues a certificate for hosts (subjectAltName; none: CN alone). start and end are ASN.1 times
        (YYYYMMDDHHMMSSZ). Returns its path."""
        request, path = self._path(name + ".csr"), self._path(name + ".pem")
        self._openssl("req", "-new", "-key", key or self.key, "-subj", "/CN=" + common_name,
                      "-config", self._config, "-out", request)
        dates = ["-days", "30"]
        if start and end:
            dates = ["-startdate", start, "-enddate", end]
        self._openssl("ca", "-batch", "-notext", "-config", self._config, "-in", request, "-out", path, *dates,
                      "-extfile", self._extensions(name, hosts))
        return path

    def self_signed(self, name, host):
        path = self._path(name + ".pem")
        self._openssl("req", "-x509", "-new", "-key", self.key, "-subj", "/CN=" + host, "-days", "30",
                      "-addext", "subjectAltName=DNS:" + host, "-config", self._config, "-out", path)
        return path

    def _extensions(self, name, hosts):
        lines = ["basicConstraints = critical,CA:false", "extendedKeyUsage = serverAuth,clientAuth"]
        if hosts:
            lines.append("subjectAltName = " + ",".join("DNS:" + host for host in hosts))
        return self._write(name + ".ext", "\n".join(lines) + "\n")

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="ascii") as file:
            file.write(text)
        return self._path(name)

    @staticmethod
    def _openssl(*words):
        done = subprocess.run(["openssl", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError("openssl %s\n%s" % (" ".join(words), done.stdout))
