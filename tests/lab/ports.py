# SPDX-License-Identifier: ISC
"""Ports that are free, and that no other lab takes in the meantime."""
import random
import socket

# Below Linux's range of ephemeral ports, so that an outgoing connection does not take a port just found free.
LOWEST, HIGHEST = 20000, 32000


class Ports:
    """Hands out free ports. Each is reserved by an abstract unix socket named after its number: taken atomically,
    and released by the kernel whatever happens to this process."""

    def __init__(self):
        self._reserved = []

    def take(self):
        """A port that is free for UDP and TCP on every loopback address."""
        for _ in range(1000):
            port = random.randint(LOWEST, HIGHEST)
            if self._reserve(port):
                return port
        raise OSError("no free port between %d and %d" % (LOWEST, HIGHEST))

    def _reserve(self, port):
        reservation = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            reservation.bind("\0mta-sts-lab-port-%d" % port)
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("0.0.0.0", port))
        except OSError:
            reservation.close()
            return False
        self._reserved.append(reservation)
        return True

    def release(self):
        """Releases all of them."""
        while self._reserved:
            self._reserved.pop().close()
