# SPDX-License-Identifier: ISC
"""Leaving a lab running when the program that started it ends."""
import os

SCRIPT = """\
#!/bin/sh
# Ends the processes of this laboratory, one after the other, and removes its directory.
lab='{directory}'
for pid in {pids}; do
	# a process id may belong to somebody else by now: ours work in the laboratory's directory
	case "$(readlink "/proc/$pid/cwd")" in
	"$lab"/*)	kill "$pid" ;;
	*)		continue ;;
	esac
	tries=0
	while readlink "/proc/$pid/cwd" >/dev/null && test $tries -lt 200; do
		sleep 0.1
		tries=$((tries + 1))
	done
done
rm -rf "$lab"
"""


def keep(lab):
    """Releases the lab; returns the path of the script that ends it."""
    pids = [process.pid for process in lab.let_go()]
    path = os.path.join(lab.directory, "stop")
    with open(path, "w", encoding="utf-8") as script:
        script.write(SCRIPT.format(directory=lab.directory, pids=" ".join(map(str, reversed(pids)))))
    os.chmod(path, 0o755)
    return path
