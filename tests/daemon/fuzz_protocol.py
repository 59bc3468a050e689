# SPDX-License-Identifier: ISC
"""A faulty MTA: milter protocol sessions with random errors, reproducible from a seed.

Run by make fuzz-protocol SESSIONS=n SEED=s, and some of it by make check-daemon. Each session is a stream of bytes, sent in one
piece; afterwards a session of a faultless MTA must get the right answer. Session i of seed s is always the same.
"""
import argparse
import random
import socket
import struct
import sys

ALL_STEPS = 0x1fffff
COMMANDS = b"OCHMRDTLNBEAQKU"
WORDS = [b"", b"x", b"<>", b"<user@sender.test>", b"<user@rcpt.test>", b"<@a.test:b@[192.0.2.1]>", b"a" * 300, b"%s%n%d", b"\xff\xfe",
         b"X-MTA-STS", b"x-mta-sts ", b"mx.sender.test", b"[192.0.2.1]", b"SIZE=99999999999999999999", b"v=1; host=mx.test; result=pass",
         b"TLSv1.3", b"TEMP", b"FAIL", b"0", b"-1", b"\r\n.\r\n", b"<" + b"x" * 5000 + b"@sender.test>"]
MACROS = [b"i", b"j", b"{i}", b"{tls_version}", b"{cipher}", b"{cipher_bits}", b"{auth_type}", b"{auth_authen}", b"{client_name}",
          b"{client_addr}", b"{client_port}", b"{client_resolve}", b"{cert_subject}", b"{cert_issuer}", b"{}", b""]
STRANGERS = [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200, b"EHLO x\r\n" * 20, b"\0" * 64,
             b"\xff" * 64, b"\0\0\0\x01", b"\x7f\xff\xff\xff"]


def packet(command, data=b""):
    return struct.pack("!I", len(data) + 1) + command + data


def strings(rng, low, high):
    return b"".join(rng.choice(WORDS) + b"\0" for _ in range(rng.randint(low, high)))


def negotiate(rng):
    version = rng.choice([6, 6, 6, 6, 2, 1, 0, 7, 0xffffffff])
    return struct.pack("!III", version, rng.choice([0x1ff, 0x111, 0, 0xffffffff]), rng.choice([ALL_STEPS, 0, 0x7f, 0xffffffff]))


def connect(rng):
    family = rng.choice([b"4", b"4", b"6", b"U", b"L", b"?", b"", b"\0"])
    address = rng.choice([b"192.0.2.1", b"IPv6:2001:db8::1", b"2001:db8::1", b"/run/x", b"", b"999.1.1.1", b"x" * 200])
    return rng.choice(WORDS) + b"\0" + family + rng.choice([b"", b"\0", struct.pack("!H", rng.randint(0, 65535))]) + address + b"\0"


def macros(rng):
    """Mostly pairs; a name without a value would crash libmilter itself (milter/transport/packet_guard.h)."""
    pairs = b"".join(rng.choice(MACROS) + b"\0" + rng.choice(WORDS) + b"\0" for _ in range(rng.randint(0, 6)))
    return bytes([rng.choice(COMMANDS)]) + pairs + (rng.choice(MACROS) + b"\0" if rng.random() < 0.1 else b"")


def body_of(rng, command):
    """Data that such a packet could hold."""
    makers = {b"O": negotiate, b"C": connect, b"D": macros}
    if command in makers:
        return makers[command](rng)
    if command in b"TNAQKE":
        return rng.choice([b"", b"", b"", b"x\0"])
    if command == b"B":
        return rng.randbytes(rng.choice([1, 100, 65535]))
    return strings(rng, 0, 4)


def sound(rng):
    """The packets of a faultless session, with one message or more."""
    start = [(b"O", struct.pack("!III", 6, 0x1ff, rng.choice([ALL_STEPS, 0])))]
    for _ in range(rng.randint(1, 3)):
        start += [(b"C", b"client.test\0" b"4\x12\x34" b"192.0.2.1\0"), (b"H", b"client.test\0"),
                  (b"D", b"M{tls_version}\0TLSv1.3\0{cipher}\0X\0{cipher_bits}\0" b"256\0{client_addr}\0" b"192.0.2.1\0"),
                  (b"M", rng.choice(WORDS[2:5]) + b"\0")]
        start += [(b"R", rng.choice(WORDS[3:6]) + b"\0") for _ in range(rng.randint(1, 3))] + [(b"T", b"")]
        start += [(b"L", rng.choice(WORDS[9:11]) + b"\0" + rng.choice(WORDS) + b"\0") for _ in range(rng.randint(0, 5))]
        start += [(b"N", b""), (b"D", b"Ei\0QUEUEID\0"), (b"E", b""), (b"K", b"")]
    return start


def spoil(rng, packets):
    """Removes, duplicates, moves or alters packets."""
    packets = list(packets)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(packets))
        kind = rng.randrange(5)
        if kind == 0 and len(packets) > 1:
            del packets[at]
        elif kind == 1:
            packets.insert(at, packets[rng.randrange(len(packets))])
        elif kind == 2:
            packets[at] = (packets[at][0], body_of(rng, packets[at][0]))
        elif kind == 3:
            command = bytes([rng.choice(COMMANDS) if rng.random() < 0.9 else rng.randrange(256)])
            packets.insert(at, (command, body_of(rng, command)))
        else:
            packets[at] = (bytes([rng.choice(COMMANDS)]), packets[at][1])
    return packets


def spoil_bytes(rng, stream):
    """Flips bits, corrupts lengths, inserts bytes, cuts off the end."""
    stream = bytearray(stream)
    for _ in range(rng.randint(1, 4)):
        if not stream:
            break
        at, kind = rng.randrange(len(stream)), rng.randrange(4)
        if kind == 0:
            stream[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            stream[at:at + 4] = struct.pack("!I", rng.choice([0, 1, 2, 5, 65535, 1048577, 0x7fffffff, 0xffffffff]))
        elif kind == 2:
            del stream[at:]
        else:
            stream[at:at] = rng.randbytes(rng.randint(1, 40))
    return bytes(stream)


def session(seed, number):
    """The bytes of one session."""
    rng = random.Random("%s/%s" % (seed, number))
    kind = rng.random()
    if kind < 0.05:
        return rng.choice(STRANGERS)
    if kind < 0.1:
        return rng.randbytes(rng.randint(1, 400))
    packets = sound(rng)
    stream = b"".join(packet(*p) for p in (spoil(rng, packets) if kind < 0.8 else packets))
    return stream if kind < 0.6 else spoil_bytes(rng, stream)


def play(address, stream, timeout=20.0):
    """Sends the stream, and reads until the milter closes the connection: the end of the stream ends the session."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout)
        sock.connect(address)
        try:
            sock.sendall(stream)
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass		# it gave up on us


def main():
    parser = argparse.ArgumentParser(description="Plays random sessions at a milter; it is for the caller to see how that was taken.")
    parser.add_argument("address", help="path of the socket, or HOST:PORT")
    parser.add_argument("--sessions", type=int, default=10000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--first", type=int, default=0, help="number of the first session")
    options = parser.parse_args()
    host, colon, port = options.address.rpartition(":")
    address = (host, int(port)) if colon and "/" not in options.address else options.address
    for number in range(options.first, options.first + options.sessions):
        try:
            play(address, session(options.seed, number))
        except OSError as error:
            sys.exit("session %d of seed %s: %s" % (number, options.seed, error))


if __name__ == "__main__":
    main()
