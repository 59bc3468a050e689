# SPDX-License-Identifier: ISC
"""SMTP servers that misbehave in ways that Postfix cannot be configured to, one address each."""
from lab.listeners import Listeners

PATIENCE = 30		# seconds for anything to happen on a connection

GREETING = b"220 rude.test ESMTP\r\n"
EXTENSIONS = b"250-rude.test\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"
# What each sends as its greeting, to EHLO and to STARTTLS; after b"" it stays silent.
SCRIPTS = {
    "garbage": [b"SSH-2.0-OpenSSH_9.2p1\r\n"],
    "busy": [b"421 4.3.2 too many connections \x1b[31m\xff\r\n"],
    "mute": [b""],
    "mute-later": [GREETING, b""],
    "ehlo-refused": [GREETING, b"550 5.7.1 not you\r\n"],
    "helo-only": [GREETING, b"502 5.5.2 unknown\r\n"],
    "not-granted": [GREETING, EXTENSIONS, b"454 4.7.0 TLS not available\r\n"],
    "injection": [GREETING, EXTENSIONS, b"220 go\r\n250 you are logged in\r\n"],
    "mute-tls": [GREETING, EXTENSIONS, b"220 go\r\n"],
    "no-tls": [GREETING, EXTENSIONS, b"220 go\r\n", b"421 what is this?\r\n"],
    "endless": [b"220-x\r\n" * 1000],
    "long-line": [b"220 " + b"x" * 5000 + b"\r\n"],
}
ADDRESSES = {label: "127.0.2.%d" % (10 + number) for number, label in enumerate(SCRIPTS)}
NOBODY = "127.0.2.9"	# nothing listens there
FULL = "127.0.2.8"	# new connections are ignored


class RudeSmtp:
    """All of them on one port."""

    def __init__(self, port):
        self.port = port
        self._listeners = Listeners(PATIENCE)

    def start(self):
        for label, address in ADDRESSES.items():
            self._listeners.serve(address, self.port, self._serve, SCRIPTS[label])
        self._listeners.listen_full(FULL, self.port)

    def stop(self):
        self._listeners.stop()

    @staticmethod
    def _serve(connection, script):
        connection.settimeout(PATIENCE)
        with connection:
            try:
                for number, said in enumerate(script):
                    if number > 0 and not connection.recv(4096):
                        return
                    connection.sendall(said)
                while connection.recv(4096):
                    pass	# until the client gives up
            except OSError:
                pass
