/* SPDX-License-Identifier: ISC */
/* subprocess.c - runs a program, and reads its output. */
#include "config.h"

#include "stsctl/machine/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"

enum { PATH_CAP = 256, CHUNK = 16384, LOOK_AGAIN_MS = 16 };

/* One output stream of the program. */
struct stream {
	int fd;			/* -1: closed */
	char *text;
	size_t len, cap;
};

static const char *
find_program(const char *name, char path[PATH_CAP])
{
	static const char *const directories[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin",
	    "/bin" };

	if (name[0] == '/')
		return snprintf(path, PATH_CAP, "%s", name) < PATH_CAP && access(path, X_OK) == 0 ? path : NULL;
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		if (snprintf(path, PATH_CAP, "%s/%s", directories[i], name) < PATH_CAP && access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

/* ---- starting ---- */

static bool
prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attr, int in, const int out[2], const int err[2])
{
	sigset_t defaults;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	if (in >= 0 && posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO) != 0)
		return false;
	return (in >= 0 || posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0) &&
	    posix_spawn_file_actions_adddup2(actions, out[1], STDOUT_FILENO) == 0 &&
	    posix_spawn_file_actions_adddup2(actions, err[1], STDERR_FILENO) == 0 &&
	    posix_spawnattr_setsigdefault(attr, &defaults) == 0 && posix_spawnattr_setpgroup(attr, 0) == 0 &&
	    posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF) == 0;
}

static bool
start(const char *path, const char *const argv[], int in, const int out[2], const int err[2], pid_t *pid)
{
	static const char *const environment[] = { "LC_ALL=C",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	bool good;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	if (posix_spawnattr_init(&attr) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return false;
	}
	good = prepare(&actions, &attr, in, out, err) && posix_spawn(pid, path, &actions, &attr, (char *const *)argv,
	    (char *const *)environment) == 0;
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return good;
}

/* ---- reading ---- */

static enum sts_status
take(struct stream *s)
{
	ssize_t n;

	if (s->len + CHUNK + 1 > s->cap) {
		size_t cap = s->cap == 0 ? 2 * CHUNK : 2 * s->cap;
		char *grown = realloc(s->text, cap);

		if (grown == NULL)
			return STS_ENOMEM;
		s->text = grown;
		s->cap = cap;
	}
	n = read(s->fd, s->text + s->len, CHUNK);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? STS_OK : STS_ESYS;
	if (n == 0) {
		close(s->fd);
		s->fd = -1;
	}
	s->len += (size_t)n;
	return s->len > SUBPROCESS_OUTPUT_MAX ? STS_EFULL : STS_OK;
}

static enum sts_status
listen_to(struct stream streams[2], int64_t deadline_ms)
{
	enum sts_status status = STS_OK;

	while (status == STS_OK && (streams[0].fd >= 0 || streams[1].fd >= 0)) {
		struct pollfd fds[2] = { { streams[0].fd, POLLIN, 0 }, { streams[1].fd, POLLIN, 0 } };
		int64_t left = deadline_ms - sts_clock_mono_ms();
		int ready = left <= 0 ? 0 : poll(fds, 2, (int)left);

		if (ready == 0)
			return STS_EUNAVAILABLE;
		for (int i = 0; i < 2 && ready > 0 && status == STS_OK; i++)
			if (fds[i].fd >= 0 && fds[i].revents != 0)
				status = take(&streams[i]);
		if (ready < 0 && errno != EINTR)
			return STS_ESYS;
	}
	return status;
}

/* Polls, at first in short intervals, because most programs exit right after they have closed their streams. The deadline holds for this
 * wait, too. */
static enum sts_status
wait_for(pid_t pid, int64_t deadline_ms, int *status)
{
	int raw = 0, pause_ms = 1;
	pid_t done;

	while ((done = waitpid(pid, &raw, WNOHANG)) == 0 && sts_clock_mono_ms() < deadline_ms) {
		(void)poll(NULL, 0, pause_ms);
		pause_ms = pause_ms < LOOK_AGAIN_MS ? 2 * pause_ms : LOOK_AGAIN_MS;
	}
	if (done != pid)
		return STS_EUNAVAILABLE;
	*status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	return STS_OK;
}

static enum sts_status
finish(struct stream *s, char **out)
{
	if (s->text == NULL && (s->text = malloc(1)) == NULL)
		return STS_ENOMEM;
	for (size_t i = 0; i < s->len; i++)
		if (s->text[i] == '\0')
			s->text[i] = '?';
	s->text[s->len] = '\0';
	*out = s->text;
	s->text = NULL;
	return STS_OK;
}

static enum sts_status
follow(pid_t pid, struct stream streams[2], int64_t deadline_ms, struct subprocess_output *out)
{
	enum sts_status status = listen_to(streams, deadline_ms);

	if (status == STS_OK)
		status = wait_for(pid, deadline_ms, &out->status);
	if (status != STS_OK) {
		(void)kill(-pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return status;
	}
	status = finish(&streams[0], &out->out);
	return status == STS_OK ? finish(&streams[1], &out->err) : status;
}

static void
close_pair(int fds[2])
{
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static enum sts_status
run(const char *const argv[], int in, int64_t timeout_ms, struct subprocess_output *out)
{
	int out_pipe[2] = { -1, -1 }, err_pipe[2] = { -1, -1 };
	struct stream streams[2] = { { .fd = -1 }, { .fd = -1 } };
	int64_t begin_ms = sts_clock_mono_ms();
	enum sts_status status = STS_ESYS;
	char path[PATH_CAP];
	pid_t pid = -1;

	*out = (struct subprocess_output){ 0 };
	if (find_program(argv[0], path) == NULL)
		return STS_ENOTFOUND;
	if (pipe2(out_pipe, O_CLOEXEC) == 0 && pipe2(err_pipe, O_CLOEXEC) == 0 && start(path, argv, in, out_pipe, err_pipe, &pid)) {
		streams[0].fd = out_pipe[0];
		streams[1].fd = err_pipe[0];
		out_pipe[0] = err_pipe[0] = -1;
		close_pair(out_pipe);
		close_pair(err_pipe);
		status = follow(pid, streams, begin_ms + timeout_ms, out);
	}
	close_pair(out_pipe);
	close_pair(err_pipe);
	for (int i = 0; i < 2; i++) {
		if (streams[i].fd >= 0)
			close(streams[i].fd);
		free(streams[i].text);
	}
	if (status != STS_OK)
		subprocess_output_fini(out);
	out->ms = sts_clock_mono_ms() - begin_ms;
	return status;
}

enum sts_status
subprocess_run(const char *const argv[], int64_t timeout_ms, struct subprocess_output *out)
{
	return run(argv, -1, timeout_ms, out);
}

/* The input comes from a file in memory, so that nothing has to be written while the output is read. */
enum sts_status
subprocess_feed(const char *const argv[], const char *input, size_t len, int64_t timeout_ms, struct subprocess_output *out)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	enum sts_status status = STS_ESYS;
	size_t done = 0;
	ssize_t n = 1;

	*out = (struct subprocess_output){ 0 };
	while (fd >= 0 && done < len && n > 0) {
		n = write(fd, input + done, len - done);
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0 && done == len && lseek(fd, 0, SEEK_SET) == 0)
		status = run(argv, fd, timeout_ms, out);
	if (fd >= 0)
		close(fd);
	return status;
}

void
subprocess_output_fini(struct subprocess_output *out)
{
	free(out->out);
	free(out->err);
	*out = (struct subprocess_output){ 0 };
}
