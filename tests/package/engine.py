# SPDX-License-Identifier: ISC
"""podman, with private storage and no registry: images are built from bare roots, containers run in this network namespace."""
import os
import resource
import shutil
import subprocess


class Failed(Exception):
    """A command failed."""


def run(*words, **options):
    """Runs a command that must succeed; returns its output."""
    done = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8", errors="replace", **options)
    if done.returncode != 0:
        raise Failed("%s: exit status %d\n%s" % (" ".join(words), done.returncode, done.stdout[-6000:]))
    return done.stdout


def limits():
    """Options that lower podman's default limits to those that this machine allows."""
    words = []
    for name, what in (("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC)):
        most = resource.getrlimit(what)[1]
        if most != resource.RLIM_INFINITY:
            words.append("--ulimit=%s=%d:%d" % (name, most, most))
    return words


class Engine:
    def __init__(self, work):
        self.storage, self.state = os.path.join(work, "storage"), os.path.join(work, "state")
        self.words = ["podman", "--root", self.storage, "--runroot", self.state, "--tmpdir", os.path.join(self.state, "tmp"),
                      "--cgroup-manager", "cgroupfs", "--events-backend", "file"]

    def __call__(self, *words, **options):
        return run(*self.words, *words, **options)

    def forget_containers(self):
        """Removes the last run's containers, which ended with its processes, as after a reboot; images stay."""
        shutil.rmtree(self.state, ignore_errors=True)
        self("rm", "--all", "--force", "--volumes")
        for name in self("ps", "--all", "--external", "--format", "{{.Names}}").split():
            self("rm", "--force", name)
        self("volume", "rm", "--all", "--force")

    def build(self, name, file, context, *words):
        return self("build", "--isolation", "chroot", "--pull-never", "--tag", name, "--file", file, *words, context)

    def start(self, name, *words, **options):
        """podman run, in the background, on the current network. Without cgroups, which may not be allowed here."""
        self("run", "--detach", "--pull", "never", "--name", name, "--network", "host", "--cgroups", "disabled",
             "--log-driver", "k8s-file", *limits(), *words, **options)

    def inspect(self, name, what):
        return self("inspect", "--format", "{{%s}}" % what, name).strip()

    def logs(self, name):
        return self("logs", name)
