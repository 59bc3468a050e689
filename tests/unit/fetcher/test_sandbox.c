/* SPDX-License-Identifier: ISC */
/*
 * The sandbox of the fetch process, tested from inside: what the process needs works, everything else is refused. A child makes
 * each attempt, and reports the result by its exit status.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/fetcher/sandbox.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#ifdef STS_SANITIZED
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

enum { NOT_CONFINED = 77, DIED = 255 };

static int pair[2];	/* a socketpair from before */

/* ---- attempts: 0, or an errno ---- */

static int
as_errno(long rc)
{
	return rc == -1 ? errno : 0;
}

static int try_open(void) { return as_errno(open("/etc/passwd", O_RDONLY)); }
static int try_open_null(void) { return as_errno(open("/dev/null", O_RDWR)); }
static int try_create(void) { return as_errno(open("/tmp/never", O_CREAT | O_WRONLY, 0600)); }
static int try_unlink(void) { return as_errno(unlink("/nonexistent/file")); }
static int try_stat(void) { return as_errno(syscall(SYS_newfstatat, AT_FDCWD, "/", NULL, 0)); }
static int try_chdir(void) { return as_errno(chdir("/")); }
static int try_unix(void) { return as_errno(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int try_tcp(void) { return as_errno(socket(AF_INET, SOCK_STREAM, 0)); }
static int try_udp6(void) { return as_errno(socket(AF_INET6, SOCK_DGRAM, 0)); }
static int try_netlink(void) { return as_errno(socket(AF_NETLINK, SOCK_RAW, 0)); }
static int try_fork(void) { return as_errno(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }
static int try_ptrace(void) { return as_errno(ptrace(PTRACE_TRACEME, 0, NULL, NULL)); }
static int try_kill(void) { return as_errno(kill(getppid(), 0)); }
static int try_signal_other(void) { return as_errno(syscall(SYS_tgkill, 1, 1, 0)); }
static int try_bpf(void) { return as_errno(syscall(SYS_bpf, 0, NULL, 0)); }
static int try_memfd(void) { return as_errno(syscall(SYS_memfd_create, "x", 0)); }
static int try_uring(void) { return as_errno(syscall(SYS_io_uring_setup, 1, NULL)); }
static int try_dup(void) { return as_errno(fcntl(pair[0], F_DUPFD, 100)); }
/* The system call itself: the thread sanitizer intercepts setuid(3) before it gets that far. */
static int try_setuid(void) { return as_errno(syscall(SYS_setuid, 0)); }
static int try_prctl(void) { return as_errno(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }

static int
try_exec(void)
{
	char name[] = "true";
	char *argv[] = { name, NULL };

	return as_errno(execv("/bin/true", argv));
}

static int
try_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(INADDR_LOOPBACK) } };

	return as_errno(connect(pair[0], (struct sockaddr *)&to, sizeof(to)));
}

/* TCP Fast Open connects without connect(2), to any address, even a socket that was reset by its peer. */
static int
try_fast_open(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(INADDR_LOOPBACK) } };

	return as_errno(sendto(pair[0], "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)));
}

static int
try_fast_open_message(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct iovec bytes = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	const struct msghdr message = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &bytes, .msg_iovlen = 1 };

	return as_errno(sendmsg(pair[0], &message, MSG_FASTOPEN | MSG_NOSIGNAL));
}

static int
try_send_elsewhere(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(INADDR_LOOPBACK) } };

	return as_errno(sendto(pair[0], "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)));
}

static int
try_option(int level, int name, const void *value, socklen_t len)
{
	return as_errno(setsockopt(pair[0], level, name, value, len));
}

/* A close(2) that lingers would delay whoever closes a socket that was passed to the parent. */
static int
try_linger(void)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 100000 };

	return try_option(SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static int
try_socket_filter(void)
{
	struct sock_filter all = { BPF_RET | BPF_K, 0, 0, 0 };
	const struct sock_fprog program = { 1, &all };

	return try_option(SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* The option that curl sets. On a socket that is not TCP, the kernel does not know it. */
static int
do_set_no_delay(void)
{
	const int one = 1;

	return try_option(IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == EOPNOTSUPP ? 0 : errno;
}

static int
try_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int
try_turn_to_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? 0 : as_errno(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int
do_talk(void)
{
	char byte = 'x';
	struct pollfd p = { .fd = pair[1], .events = POLLIN };

	return send(pair[0], &byte, 1, MSG_NOSIGNAL) == 1 && poll(&p, 1, 1000) == 1 && recv(pair[1], &byte, 1, 0) == 1 ? 0 : errno;
}

static int
do_talk_in_messages(void)
{
	char byte = 'x';
	struct iovec bytes = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

	return sendmsg(pair[0], &message, MSG_NOSIGNAL) == 1 && recvmsg(pair[1], &message, 0) == 1 ? 0 : errno;
}

static int
do_allocate(void)
{
	char *small = malloc(100), *large = malloc(10 << 20);

	if (small == NULL || large == NULL)
		return ENOMEM;
	memset(large, 1, 10 << 20);
	large = realloc(large, 20 << 20);
	free(large);
	free(small);
	return large == NULL ? ENOMEM : 0;
}

static int
do_time_and_chance(void)
{
	const struct timespec moment = { .tv_nsec = 1000 };
	struct timespec now;
	char bytes[16];

	return clock_gettime(CLOCK_MONOTONIC, &now) == 0 && time(NULL) > 0 && nanosleep(&moment, NULL) == 0 &&
	    getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes) ? 0 : errno;
}

static int
do_nonblocking(void)
{
	int flags = fcntl(pair[0], F_GETFL);

	return flags != -1 && fcntl(pair[0], F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : errno;
}

static const struct {
	const char *name;
	int (*call)(void);
	int want;
	bool sanitizers_may;	/* allowed in builds with sanitizers */
} tries[] = {
	{ "talk", do_talk, 0, false },
	{ "talk in messages", do_talk_in_messages, 0, false },
	{ "allocate", do_allocate, 0, false },
	{ "time and chance", do_time_and_chance, 0, false },
	{ "non-blocking", do_nonblocking, 0, false },
	{ "TCP_NODELAY", do_set_no_delay, 0, false },
	{ "open", try_open, EPERM, true },
	{ "open /dev/null", try_open_null, EPERM, true },
	{ "create", try_create, EPERM, true },
	{ "stat", try_stat, EPERM, true },
	{ "fork", try_fork, EPERM, true },
	{ "ptrace", try_ptrace, EPERM, true },
	{ "kill the parent", try_kill, EPERM, true },
	{ "a further descriptor", try_dup, EPERM, true },
	{ "prctl", try_prctl, EPERM, true },
	{ "memory for code", try_code, EPERM, true },
	{ "memory turned to code", try_turn_to_code, EPERM, true },
	{ "unlink", try_unlink, EPERM, false },
	{ "chdir", try_chdir, EPERM, false },
	{ "socket AF_UNIX", try_unix, EPERM, false },
	{ "socket AF_INET", try_tcp, EPERM, false },
	{ "socket AF_INET6, UDP", try_udp6, EPERM, false },
	{ "socket AF_NETLINK", try_netlink, EPERM, false },
	{ "connect", try_connect, EPERM, false },
	{ "connect by fast open", try_fast_open, EPERM, false },
	{ "connect by fast open, in a message", try_fast_open_message, EPERM, false },
	{ "send to an address", try_send_elsewhere, EPERM, false },
	{ "linger", try_linger, EPERM, false },
	{ "a filter on a socket", try_socket_filter, EPERM, false },
	{ "exec", try_exec, EPERM, false },
	{ "signal another", try_signal_other, EPERM, false },
	{ "bpf", try_bpf, EPERM, false },
	{ "memfd", try_memfd, EPERM, false },
	{ "io_uring", try_uring, EPERM, false },
	{ "setuid", try_setuid, EPERM, false },
};

static int
outcome_of(int (*call)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !sts_sandbox_syscalls())
			_exit(NOT_CONFINED);
		_exit(call());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : DIED;
}

static void
test_calls(void **state)
{
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	if (outcome_of(do_talk) == NOT_CONFINED)
		skip();
	for (size_t i = 0; i < COUNT(tries); i++) {
		int got = tries[i].sanitizers_may && IS_SANITIZED ? tries[i].want : outcome_of(tries[i].call);

		if (got != tries[i].want)
			fail_msg("%s: %s", tries[i].name, got == DIED ? "killed" : got == 0 ? "works" : strerror(got));
	}
}

static int
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* What is given up without the filter, too. */
static int
look_at_process(void)
{
	struct rlimit core, size;
	int kept = dup2(pair[0], 20);

	if (kept != 20 || dup2(pair[0], 19) != 19 || dup2(pair[0], 21) != 21)
		return 1;
	sts_sandbox_process(20);
	if (is_open(3) || is_open(19) || is_open(21) || !is_open(20) || !is_open(0) || !is_open(2))
		return 2;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 3;
	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0 || getrlimit(RLIMIT_FSIZE, &size) != 0 || size.rlim_max != 0)
		return 4;
#ifndef STS_SANITIZED
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 5;
#endif
	return raise(SIGTERM) == 0 ? 0 : 6;
}

static void
test_process(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(look_at_process());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_calls), cmocka_unit_test(test_process) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
