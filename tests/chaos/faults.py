# SPDX-License-Identifier: ISC
"""Faults in the milter's environment while mail flows. Each is a context manager: the fault lasts as long as the block."""
import contextlib
import glob
import os
import re
import signal
import socket
import subprocess
import sys
import time

import crowd
import doors
import fuzz_protocol
import lies
import memory

BLOCKED = 300		# connections without a byte


@contextlib.contextmanager
def redis_restarts(lab):
    lab.redis.stop()
    yield
    lab.redis.start()


@contextlib.contextmanager
def redis_crashes(lab):
    lab.redis.process.kill()
    yield
    lab.redis.start()


@contextlib.contextmanager
def redis_hangs(lab):
    lab.redis.process.suspend()
    yield
    lab.redis.process.resume()


@contextlib.contextmanager
def redis_is_read_only(lab):
    """Redis becomes a replica without a master, as after a failed failover."""
    lab.redis.command("REPLICAOF", "127.0.0.1", "1")
    yield
    lab.redis.command("REPLICAOF", "NO", "ONE")


@contextlib.contextmanager
def redis_is_full(lab):
    lab.redis.command("CONFIG", "SET", "maxmemory", "1")
    yield
    lab.redis.command("CONFIG", "SET", "maxmemory", "0")


@contextlib.contextmanager
def redis_wants_a_password(lab):
    """Existing connections would stay authenticated, so they are cut."""
    lab.redis.command("CONFIG", "SET", "requirepass", "secret")
    run = ["redis-cli", "-s", lab.redis.socket, "-a", "secret", "--no-auth-warning"]
    for kind in ("normal", "pubsub"):
        subprocess.run([*run, "CLIENT", "KILL", "TYPE", kind], check=True, capture_output=True)
    yield
    subprocess.run([*run, "CONFIG", "SET", "requirepass", ""], check=True, capture_output=True)


@contextlib.contextmanager
def redis_pauses(lab):
    lab.redis.command("CLIENT", "PAUSE", "2500")
    yield


@contextlib.contextmanager
def redis_cuts_connections(lab):
    for _ in range(10):
        lab.redis.command("CLIENT", "KILL", "TYPE", "normal")
        lab.redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        time.sleep(0.05)
    yield


@contextlib.contextmanager
def redis_forgets_scripts(lab):
    lab.redis.command("SCRIPT", "FLUSH")
    lab.redis.command("FUNCTION", "FLUSH")
    yield


@contextlib.contextmanager
def redis_has_another_type_of_key(lab):
    """Another program has written there. The evidence so far is lost with it; the counters are not affected."""
    lab.redis.command("SET", "mta-sts:evidence", "text")
    yield
    lab.redis.command("DEL", "mta-sts:evidence")


@contextlib.contextmanager
def redis_forbids_commands(lab):
    """An ACL was changed: errors in the middle of scripts and pipelines."""
    lab.redis.command("ACL", "SETUSER", "default", "-hincrby", "-xadd", "-hset", "-publish")
    yield
    lab.redis.command("ACL", "SETUSER", "default", "+@all")


def redis_says(lab, name):
    """A number from INFO, whose reply is not JSON."""
    done = subprocess.run(["redis-cli", "-s", lab.redis.socket, "INFO"], capture_output=True, text=True, check=True)
    return int(re.search(r"(?m)^%s:(\d+)" % name, done.stdout)[1])


@contextlib.contextmanager
def redis_evicts_keys(lab):
    """Keys that expire are evicted: policies, and a domain's figures. The totals are not."""
    used = redis_says(lab, "used_memory")
    lab.redis.command("CONFIG", "SET", "maxmemory-policy", "volatile-random")
    lab.redis.command("CONFIG", "SET", "maxmemory", str(used - 20000))
    yield
    lab.redis.command("CONFIG", "SET", "maxmemory", "0")
    assert redis_says(lab, "evicted_keys") > 0


@contextlib.contextmanager
def dns_is_silent(lab):
    lab.dns.process.suspend()
    yield
    lab.dns.process.resume()


@contextlib.contextmanager
def dns_is_away(lab):
    lab.dns.stop()
    yield
    lab.dns.start()


@contextlib.contextmanager
def https_is_silent(lab):
    lab.https.process.suspend()
    yield
    lab.https.process.resume()


@contextlib.contextmanager
def strangers_speak(lab):
    """Random sessions on the milter's socket."""
    for number in range(300):
        fuzz_protocol.play(lab.milter.socket, fuzz_protocol.session("chaos", number))
    yield


@contextlib.contextmanager
def strangers_are_silent(lab):
    """Connections without a byte, and some with half a packet."""
    with contextlib.ExitStack() as stack:
        for number in range(BLOCKED):
            sock = stack.enter_context(socket.socket(socket.AF_UNIX))
            sock.connect(lab.milter.socket)
            if number % 3 == 0:
                sock.sendall(b"\0\0\0\x0dO\0\0")
        yield


@contextlib.contextmanager
def away(lab):
    """Records that during the block the milter may be away, and mail may be refused."""
    begin = time.monotonic()
    yield
    lab.away.append((begin, time.monotonic()))


def restart(lab, end):
    """Stops the milter by calling end(), and starts it again."""
    with away(lab):
        end()
        lab.milter.start()


@contextlib.contextmanager
def descriptors_are_few(lab):
    """Silent connections use them all up. The milter is restarted with a low limit for that."""
    process, argv = lab.milter.process, lab.milter.process.argv
    process.argv = ["prlimit", "--nofile=64", *argv]
    with away(lab):
        restart(lab, lab.milter.stop)
        with contextlib.ExitStack() as stack:
            for _ in range(64):
                sock = stack.enter_context(socket.socket(socket.AF_UNIX))
                sock.connect(lab.milter.socket)
            yield
        process.argv = argv
        restart(lab, lab.milter.stop)


@contextlib.contextmanager
def settings_are_reloaded(lab):
    """Good and bad ones in turn."""
    for number in range(20):
        lab.milter.write_config("nonsense = 1\n" if number % 2 else "")
        lab.milter.process.send_signal(signal.SIGUSR1)
        time.sleep(0.02)
    lab.milter.write_config()
    lab.milter.reload()
    yield


@contextlib.contextmanager
def processors_are_busy(lab):	# pylint: disable=unused-argument
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))]
    yield
    for burner in burners:
        burner.kill()
        burner.wait()


@contextlib.contextmanager
def milter_restarts(lab):
    restart(lab, lab.milter.stop)
    yield


@contextlib.contextmanager
def milter_crashes(lab):
    restart(lab, lab.milter.kill)
    yield


@contextlib.contextmanager
def log_disk_is_full(lab):
    """Each write to the log fails with ENOSPC. Only the metrics tell how many messages were judged meanwhile."""
    process, log = lab.milter.process, lab.milter.process.log

    def end():
        lab.milter.stop()
        process.log = "/dev/full"
    restart(lab, end)
    process.log = log
    yield
    with away(lab):
        # (a message judged between these two is allowed for, as are all that are in progress when the milter stops)
        lab.unlogged += lab.judged()
        restart(lab, lab.milter.stop)


FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


@contextlib.contextmanager
def clock_jumps(lab):
    """An hour and a year, back and forth; the milter is restarted with a clock that can be set."""
    process, env = lab.milter.process, lab.milter.process.env
    path = os.path.join(lab.milter.directory, "clock")

    def turn(offset):
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(offset + "\n")
        os.replace(path + ".new", path)
    turn("+0")
    process.env = dict(env, LD_PRELOAD=FAKETIME[0], FAKETIME_TIMESTAMP_FILE=path, FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
    restart(lab, lab.milter.stop)
    for offset in ("+1h", "-1h", "+1y", "-1y", "+0"):
        turn(offset)
        time.sleep(0.5)
    turn("+1y")
    yield
    process.env = env
    restart(lab, lab.milter.stop)


def place(fault):
    """The place of a fault: two faults in one place would interfere. The names begin with it, except the milter's."""
    word = fault.__name__.partition("_")[0]
    return word if word in ("redis", "dns", "https", "processors") else "milter"


def is_pair(one, other):
    """Whether both faults can happen at once: in different places, and in this order. Without DNS, no policy host is asked either; and
    mail from thousands of new domains, which is what fills memory, would wait for DNS for hours."""
    places = (place(one), place(other))
    return places[0] < places[1] and places != ("dns", "https") and not (places[0] == "dns" and other in memory.FAULTS)


# The milter is away for a while: mail is then tempfailed, according to the lab's default_action.
DEADLY = [milter_restarts, milter_crashes, descriptors_are_few, log_disk_is_full, *([clock_jumps] if FAKETIME else [])]
FAULTS = [redis_restarts, redis_crashes, redis_hangs, redis_is_read_only, redis_is_full, redis_wants_a_password, redis_pauses,
          redis_cuts_connections, redis_forgets_scripts, redis_has_another_type_of_key, redis_forbids_commands,
          redis_evicts_keys, dns_is_silent, dns_is_away, https_is_silent,
          strangers_speak, strangers_are_silent, settings_are_reloaded, processors_are_busy,
          *lies.FAULTS, *doors.FAULTS, *crowd.FAULTS, *memory.FAULTS, *DEADLY]

BY_NAME = {fault.__name__: fault for fault in FAULTS}
