# SPDX-License-Identifier: ISC
"""rspamadm with a cache. doctor and setup start it four times a run, and its start takes longer than everything else together;
most tests leave rspamd's configuration as it was, or change it as an earlier test did."""
import os
import shutil
import subprocess

# Where stsctl looks for programs.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# The cache key is the arguments and every byte and mode below the local directory; rspamd's other files do not change while the
# tests run. Refusals, which name files, and answers to users other than root are never cached.
SCRIPT = """\
#!/bin/sh
real='{real}' memory='{memory}' directory=
for word; do
	case $word in
	--var=LOCAL_CONFDIR=*)	directory=${{word#--var=LOCAL_CONFDIR=}} ;;
	--version)		directory=/var/empty ;;
	esac
done
if test -z "$directory" || test "$(id -u)" -ne 0; then
	exec "$real" "$@"
fi
key=$({{
	printf '%s\\n' "$@" | sed "s|$directory|LOCAL|g"
	test ! -d "$directory" || tar --sort=name --mtime=@0 -C "$directory" -cf - .
}} | sha256sum)
answer=$memory/${{key%% *}}
if test ! -e "$answer"; then
	"$real" "$@" >"$answer.$$" 2>"$answer.$$.err"
	status=$?
	if test $status -ne 0; then
		cat "$answer.$$.err" >&2
		cat "$answer.$$"
		rm "$answer.$$" "$answer.$$.err"
		exit $status
	fi
	mv "$answer.$$.err" "$answer.err"
	mv "$answer.$$" "$answer"
fi
cat "$answer.err" >&2
exec cat "$answer"
"""


def remembering_rspamadm(directory):
    """[the file to mount, the file it hides]; empty without rspamadm."""
    place = shutil.which("rspamadm", path=PATH)
    if place is None:
        return []
    real, memory, script = (os.path.join(directory, name) for name in ("rspamadm.real", "rspamadm.memory", "rspamadm"))
    os.mkdir(memory, 0o700)
    shutil.copy(place, real)		# not hidden by the mount
    with open(script, "w", encoding="ascii") as file:
        file.write(SCRIPT.format(real=real, memory=memory))
    os.chmod(script, 0o755)
    return [script, os.path.realpath(place)]
