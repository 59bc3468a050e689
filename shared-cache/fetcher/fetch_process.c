/* SPDX-License-Identifier: ISC */
/* fetch_process.c - posix_spawn(3) and waitpid(2). */
#include "config.h"

#include "shared-cache/fetcher/fetch_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared-cache/fetcher/fetch_child.h"

enum { LOWEST_FD = 10 };

#ifdef STS_SANITIZED
/* Sanitizers report on stderr, and are configured by the environment. */
#define CHILD_ENVIRONMENT environ
#else
#define CHILD_ENVIRONMENT no_environment
#endif

/* Moves fd out of the range that the child uses, 0 to 3. -1 with errno; then fd is closed. */
static int
move_up(int fd)
{
	int higher = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
	int error = errno;

	if (fd != -1)
		close(fd);
	errno = error;
	return higher;
}

int
sts_fetch_process_open(struct sts_fetch_process *process, const char *program)
{
	*process = (struct sts_fetch_process){ .program = move_up(open(program, O_PATH | O_CLOEXEC)), .fd = -1 };
	return process->program == -1 ? errno : 0;
}

static void
close_socket(struct sts_fetch_process *process)
{
	if (process->fd != -1)
		close(process->fd);
	process->fd = -1;
}

void
sts_fetch_process_kill(struct sts_fetch_process *process)
{
	close_socket(process);
	if (process->pid > 0)
		kill(process->pid, SIGKILL);
}

void
sts_fetch_process_close(struct sts_fetch_process *process)
{
	sts_fetch_process_kill(process);
	if (process->pid > 0) {
		while (waitpid(process->pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
	process->pid = 0;
	if (process->program != -1)
		close(process->program);
	process->program = -1;
}

/* The child inherits nothing but the socket: no blocked or ignored signals, no files, no environment. */
static int
set_actions(posix_spawn_file_actions_t *actions, int socket)
{
	int rc = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
#ifndef STS_SANITIZED
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
#endif
	return rc == 0 ? posix_spawn_file_actions_adddup2(actions, socket, STS_FETCH_CHILD_FD) : rc;
}

static int
set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	rc = posix_spawnattr_setsigmask(attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attributes, &all);
	return rc == 0 ? posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) : rc;
}

static int
spawn(struct sts_fetch_process *process, int socket)
{
	char name[] = "mta-sts-fetcher";
	char *argv[] = { name, NULL };
#ifndef STS_SANITIZED
	char *no_environment[] = { NULL };
#endif
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char path[32];
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0)
		return rc;
	if ((rc = posix_spawnattr_init(&attributes)) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return rc;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", process->program);
	rc = set_actions(&actions, socket);
	if (rc == 0)
		rc = set_attributes(&attributes);
	if (rc == 0)
		rc = posix_spawn(&process->pid, path, &actions, &attributes, argv, CHILD_ENVIRONMENT);
	if (rc != 0)
		process->pid = 0;
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

int
sts_fetch_process_start(struct sts_fetch_process *process)
{
	int ends[2], rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return errno;
	ends[1] = move_up(ends[1]);
	rc = ends[1] == -1 ? errno : spawn(process, ends[1]);
	if (ends[1] != -1)
		close(ends[1]);
	if (rc != 0)
		close(ends[0]);
	else
		process->fd = ends[0];
	return rc;
}

/* Signals that are sent from outside: by the kernel (out of memory), the operator, ourselves. */
static bool
is_sent(int signal)
{
	return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
}

bool
sts_fetch_process_reap(struct sts_fetch_process *process, char death[STS_FETCH_DEATH_CAP], bool *crashed)
{
	int status = 0;
	pid_t rc = process->pid > 0 ? waitpid(process->pid, &status, WNOHANG) : -1;

	if (rc == 0 || (rc == -1 && errno == EINTR && process->pid > 0))
		return false;
	*crashed = rc > 0;
	if (rc > 0 && WIFSIGNALED(status)) {
		snprintf(death, STS_FETCH_DEATH_CAP, "signal %d, %s", WTERMSIG(status), strsignal(WTERMSIG(status)));
		*crashed = !is_sent(WTERMSIG(status));
	} else if (rc > 0) {
		snprintf(death, STS_FETCH_DEATH_CAP, "status %d", WEXITSTATUS(status));
	} else {
		snprintf(death, STS_FETCH_DEATH_CAP, "status unknown");
	}
	close_socket(process);
	process->pid = 0;
	return true;
}
