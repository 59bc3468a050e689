/* SPDX-License-Identifier: ISC */
/* test_connect_as.c - tries unix sockets as the user nobody. Needs root; otherwise only the refusal is tested. */
#include "config.h"

#include "stsctl/machine/connect_as.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define USER "nobody"
#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* Sockets in this directory: nobody listens at the deaf one; the backlog of the full one is full. */
static char directory[] = "/tmp/test_reach_as.XXXXXX";
enum { PATIENCE_S = 60 };
enum { OPEN, PRIVATE, GROUP, ADMIN, DEAF, FULL, CLOSED, COUNT };
static const struct {
	const char *name;
	mode_t mode;
	int backlog;
} places[COUNT] = {
	[OPEN] = { "open", 0666, 10 }, [PRIVATE] = { "private", 0600, 10 }, [GROUP] = { "group", 0660, 10 }, [ADMIN] = { "admin", 0660, 10 },
	[DEAF] = { "deaf", 0666, 10 }, [FULL] = { "full", 0666, 0 }, [CLOSED] = { "closed/open", 0666, 10 },
};
static int sockets[COUNT], waiting = -1;

static struct sockaddr_un
address(size_t place)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", directory, places[place].name);
	return addr;
}

static int
new_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	return fd;
}

static int
listen_at(size_t place)
{
	struct sockaddr_un addr = address(place);
	int fd = new_socket();

	assert_int_equal(bind(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(chmod(addr.sun_path, places[place].mode), 0);
	assert_int_equal(listen(fd, places[place].backlog), 0);
	return fd;
}

/* Not every root can switch users: under fakeroot it only seems to, and a container may forbid it. */
static bool
can_become(const struct passwd *user)
{
	int raw;
	pid_t pid = fork();

	if (pid == 0)
		_exit(chroot("/") == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0 && access(directory, R_OK) != 0 ? 0 : 1);
	return pid > 0 && waitpid(pid, &raw, 0) == pid && WIFEXITED(raw) && WEXITSTATUS(raw) == 0;
}

static int
begin(void **state)
{
	struct sockaddr_un full;
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/closed", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < COUNT; i++)
		sockets[i] = listen_at(i);
	close(sockets[DEAF]);
	full = address(FULL);
	waiting = new_socket();
	assert_int_equal(connect(waiting, (const struct sockaddr *)&full, sizeof(full)), 0);
	return 0;
}

static int
end(void **state)
{
	char path[64];

	(void)state;
	close(waiting);
	for (size_t i = 0; i < COUNT; i++) {
		struct sockaddr_un addr = address(i);

		if (i != DEAF)
			close(sockets[i]);
		unlink(addr.sun_path);
	}
	snprintf(path, sizeof(path), "%s/closed", directory);
	rmdir(path);
	return rmdir(directory);
}

/* The refusal of a process that cannot try. */
static bool
open_to_nobody(void)
{
	const struct passwd *user = getpwnam(USER);
	struct sockaddr_un group = address(GROUP);
	const gid_t admin = 0;

	if (user == NULL || !can_become(user)) {
		print_message("skipped: wants root, who can become " USER "\n");
		return false;
	}
	/* the child must not keep root's groups */
	assert_int_equal(setgroups(1, &admin), 0);
	assert_int_equal(chmod(directory, 0711), 0);
	assert_int_equal(chown(group.sun_path, 0, user->pw_gid), 0);
	return true;
}

static void
test_reach(void **state)
{
	static const struct {
		const char *name, *path;
		int want;
		bool jailed;		/* directory is the chroot; else it is part of the path */
	} rows[] = {
		{ "everybody's", "/open", 0, false },
		{ "root's", "/private", EACCES, false },
		{ "the group's", "/group", 0, false },
		{ "the group root's", "/admin", EACCES, false },
		{ "nobody is there", "/deaf", ECONNREFUSED, false },
		{ "many are waiting", "/full", 0, false },
		{ "in a directory of root's", "/closed/open", EACCES, false },
		{ "no such file", "/missing", ENOENT, false },
		{ "too long", "/" A50 A50, ENAMETOOLONG, false },
		{ "in a chroot", "/open", 0, true },
		{ "root's in a chroot", "/private", EACCES, true },
		{ "relative", "open", 0, true },
		{ "relative, and missing", "missing", ENOENT, true },
	};

	(void)state;
	if (!open_to_nobody())
		skip();
	alarm(PATIENCE_S);	/* a connect that waited for the backlog would wait for ever */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[200], why[200] = "";
		int got;

		snprintf(path, sizeof(path), "%s%s", rows[i].jailed ? "" : directory, rows[i].path);
		got = connect_as(USER, rows[i].jailed ? directory : "/", path, why, sizeof(why));
		if (got != rows[i].want || strcmp(why, rows[i].want != 0 ? strerror(rows[i].want) : "") != 0)
			fail_msg("%s: got %d, \"%s\"", rows[i].name, got, why);
		assert_int_equal(geteuid(), 0);		/* only the child switched */
	}
	alarm(0);
}

static void
test_cannot_try(void **state)
{
	char why[100] = "";
	uid_t me = geteuid();

	(void)state;
	assert_true(connect_as("no user has this name", "/", "/open", why, sizeof(why)) < 0);
	assert_string_equal(why, "there is no such user");
	if (me == 0 && seteuid(65534) != 0)
		skip();
	assert_true(connect_as("root", "/", "/open", why, sizeof(why)) < 0);
	assert_int_equal(seteuid(me), 0);
	assert_string_equal(why, "only root can try it");
	if (me != 0)
		return;
	/* the chroot would have to contain it */
	assert_true(connect_as("root", "/nonexistent", "open", why, sizeof(why)) < 0);
	assert_string_equal(why, "this process may not become root");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_cannot_try),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
