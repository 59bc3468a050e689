# SPDX-License-Identifier: ISC
"""Apache and nginx with the virtual hosts that stsctl publish wrote, included as an administrator would."""
import os
import signal
import socket
import subprocess

from lab.process import Process

APACHE = """\
ServerName localhost
PidFile {directory}/apache.pid
ErrorLog {directory}/error.log
User nobody
Group nogroup
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
TypesConfig /dev/null
# what a server may do to its text files
AddDefaultCharset UTF-8
Listen {address}:{http}
Listen {address}:{https}
<Directory />
	AllowOverride None
	Require all denied
</Directory>
IncludeOptional {sites}/*.conf
"""
NGINX = """\
daemon off;
user nobody nogroup;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log info;
events {{ worker_connections 64; }}
http {{
	client_body_temp_path {directory}/temp;
	proxy_temp_path {directory}/temp;
	fastcgi_temp_path {directory}/temp;
	uwsgi_temp_path {directory}/temp;
	scgi_temp_path {directory}/temp;
	access_log off;
	include {sites}/*.conf;
}}
"""


class WebServer:
    """kind: apache or nginx; sites: the directory with the virtual hosts."""

    def __init__(self, kind, directory, address, ports, sites):
        self.kind = kind
        self._address, self._port = address, ports[0]
        config = os.path.join(directory, kind + ".conf")
        error_log = os.path.join(directory, "error.log")
        with open(config, "w", encoding="ascii") as file:
            file.write({"apache": APACHE, "nginx": NGINX}[kind].format(
                directory=directory, address=address, http=ports[0], https=ports[1], sites=sites))
        self._argv = {"apache": ["apache2", "-d", directory, "-f", config],
                      "nginx": ["nginx", "-p", directory, "-e", error_log, "-c", config]}[kind]
        self.process = Process(kind, self._argv + (["-DFOREGROUND"] if kind == "apache" else []), directory)

    def test(self):
        """What the server's own configuration test says about the files."""
        done = subprocess.run(self._argv + ["-t"], capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        assert "warn" not in done.stderr.lower(), done.stderr

    def start(self):
        self.test()
        self.process.start()
        self.process.wait_ready(self._listens, self.kind + " listens")

    def restart(self):
        self.stop()
        self.start()

    def stop(self):
        self.process.stop(signal.SIGTERM)

    def _listens(self):
        try:
            socket.create_connection((self._address, self._port), 1).close()
        except OSError:
            return False
        return True
