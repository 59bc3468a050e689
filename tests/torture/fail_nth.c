/* SPDX-License-Identifier: ISC */
/*
 * fail_nth.c - preloaded into one of our programs (LD_PRELOAD), fails its n-th call of malloc, open, socket, connect, read, write,
 * epoll_ctl, pthread_create and the like, once or several times in a row, and tracks the memory that the program itself has allocated.
 *
 * STS_FAIL_CONTROL names the file of fail_nth.h; STS_FAIL_PROGRAM is the program's name: its children are left alone. Built by the tests,
 * never installed. Not for builds with a sanitizer, which needs malloc for itself.
 *
 * Allocations fail for callers in the program and in libraries, except GLib, which ends the process when it gets none.
 * The C library's own requests (through its internal malloc) come through here, too.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/torture/fail_nth.h"
#include "tests/torture/ledger.h"

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);

/* The address ranges of objects whose calls are treated specially. */
struct range {
	uintptr_t from, to;
};
enum { RANGES = 16 };
static struct range program, spared[RANGES];
static size_t spared_count;
static struct fail_control *control;
static __thread bool inside;		/* in the layer itself: its calls never fail */

static bool
within(const struct range *r, uintptr_t address)
{
	return address >= r->from && address < r->to;
}

static bool
is_spared(uintptr_t caller)
{
	for (size_t i = 0; i < spared_count; i++)
		if (within(&spared[i], caller))
			return true;
	return false;
}

static int
note_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	static const char *const names[] = { "libglib-", "libgobject-", "libgmime-", "libgio-", "libgcc_s" };
	struct range r = { UINTPTR_MAX, 0 };
	bool first = info->dlpi_name[0] == '\0' && program.to == 0;

	(void)size;
	(void)arg;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD) {
			uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, to = from + info->dlpi_phdr[i].p_memsz;

			r.from = from < r.from ? from : r.from;
			r.to = to > r.to ? to : r.to;
		}
	if (first)
		program = r;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strstr(info->dlpi_name, names[i]) != NULL && spared_count < RANGES)
			spared[spared_count++] = r;
	return 0;
}

/* The stack's return addresses within the program's own code, relative to its start. */
static void
trace_caller(uint64_t *to, size_t room)
{
	void *frames[32];
	int count = backtrace(frames, 32);
	size_t n = 0;

	for (int i = 0; i < count && n < room; i++)
		if (within(&program, (uintptr_t)frames[i]))
			to[n++] = (uintptr_t)frames[i] - program.from;
}

/* Counts a call, and returns whether it must fail. */
static bool
fails(enum fail_class class, const void *caller)
{
	uint64_t at, n;
	int saved = errno;
	bool own;

	if (control == NULL || inside || is_spared((uintptr_t)caller))
		return false;
	own = within(&program, (uintptr_t)caller);
	__atomic_add_fetch(&control->counted[class], 1, __ATOMIC_RELAXED);
	if (own && class == FAIL_MEMORY)
		__atomic_add_fetch(&control->own_memory, 1, __ATOMIC_RELAXED);
	if (!(control->classes >> class & 1) || (control->own && !own))
		return false;
	n = __atomic_add_fetch(&control->seen, 1, __ATOMIC_SEQ_CST);
	at = __atomic_load_n(&control->at, __ATOMIC_SEQ_CST);
	if (at == 0 || n < at || n - at >= __atomic_load_n(&control->length, __ATOMIC_SEQ_CST))
		return false;
	if (__atomic_fetch_add(&control->failed, 1, __ATOMIC_SEQ_CST) == 0) {
		inside = true;
		control->class = class;
		trace_caller(control->trace, FAIL_TRACE);
		inside = false;
	}
	errno = saved;
	return true;
}

/* ---- memory ---- */

static void *
taken(void *memory, const void *caller)
{
	if (memory != NULL && control != NULL && within(&program, (uintptr_t)caller))
		ledger_add(memory, (uintptr_t)caller - program.from);
	return memory;
}

/* For assertions in libraries: without memory, glibc's own prints only "Unexpected error." */
void
__assert_fail(const char *assertion, const char *file, unsigned int line, const char *function)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s:%u: %s: assertion failed: %s\n", file, line, function, assertion);
	ssize_t ignored = n > 0 ? write(STDERR_FILENO, text, strlen(text)) : 0;

	(void)ignored;
	abort();
}

#define CALLER __builtin_return_address(0)
#define NO_MEMORY(result) do { \
	if (fails(FAIL_MEMORY, CALLER)) { \
		errno = ENOMEM; \
		return result; \
	} \
} while (0)

void *
malloc(size_t size)
{
	NO_MEMORY(NULL);
	return taken(__libc_malloc(size), CALLER);
}

void *
calloc(size_t count, size_t size)
{
	NO_MEMORY(NULL);
	return taken(__libc_calloc(count, size), CALLER);
}

void *
realloc(void *old, size_t size)
{
	void *memory;

	NO_MEMORY(NULL);
	/* another thread may get the old address as soon as realloc returns */
	uintptr_t site = old != NULL ? ledger_remove(old) : 0;
	memory = __libc_realloc(old, size);
	if (memory == NULL && size != 0) {
		if (site != 0)
			ledger_add(old, site);
		return NULL;
	}
	return taken(memory, CALLER);
}

void *
reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	NO_MEMORY(NULL);
	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	uintptr_t site = old != NULL ? ledger_remove(old) : 0;
	void *memory = __libc_realloc(old, bytes);
	if (memory == NULL && bytes != 0) {
		if (site != 0)
			ledger_add(old, site);
		return NULL;
	}
	return taken(memory, CALLER);
}

void
free(void *memory)
{
	if (memory != NULL)
		ledger_remove(memory);
	__libc_free(memory);
}

char *
strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy;

	NO_MEMORY(NULL);
	copy = taken(__libc_malloc(size), CALLER);
	return copy != NULL ? memcpy(copy, text, size) : NULL;
}

char *
strndup(const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	char *copy;

	NO_MEMORY(NULL);
	copy = taken(__libc_malloc(len + 1), CALLER);
	if (copy == NULL)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

/* ---- everything else: the real function is looked up once ---- */

#define REAL(type, name, parameters) \
	static type (*real) parameters; \
	if (real == NULL) { \
		bool before = inside; \
		inside = true; \
		*(void **)&real = dlsym(RTLD_NEXT, name); \
		inside = before; \
	}
#define FAIL_WITH(class, error, result) do { \
	if (fails(class, CALLER)) { \
		errno = error; \
		return result; \
	} \
} while (0)
/* A function that may fail; parameters: its prototype, arguments: those of the call to the real one. */
#define LAYER(type, name, parameters, arguments, class, error, result) \
	type name parameters \
	{ \
		REAL(type, #name, parameters) \
		FAIL_WITH(class, error, result); \
		return real arguments; \
	}

/* The mode is read even if the caller passed none: the real function ignores it then. */
#define OPENER(name, parameters, last, ...) \
	int name parameters \
	{ \
		REAL(int, #name, parameters) \
		va_list list; \
		mode_t mode; \
		va_start(list, last); \
		mode = va_arg(list, mode_t); \
		va_end(list); \
		FAIL_WITH(FAIL_OPEN, EMFILE, -1); \
		return real(__VA_ARGS__, mode); \
	}
OPENER(open, (const char *path, int flags, ...), flags, path, flags)
OPENER(open64, (const char *path, int flags, ...), flags, path, flags)
OPENER(openat, (int at, const char *path, int flags, ...), flags, at, path, flags)
OPENER(openat64, (int at, const char *path, int flags, ...), flags, at, path, flags)
int __open_2(const char *path, int flags);
LAYER(int, __open_2, (const char *path, int flags), (path, flags), FAIL_OPEN, EMFILE, -1)
LAYER(FILE *, fopen, (const char *path, const char *mode), (path, mode), FAIL_OPEN, EMFILE, NULL)
LAYER(FILE *, fopen64, (const char *path, const char *mode), (path, mode), FAIL_OPEN, EMFILE, NULL)
LAYER(FILE *, fdopen, (int fd, const char *mode), (fd, mode), FAIL_OPEN, ENOMEM, NULL)
LAYER(int, accept, (int fd, struct sockaddr *to, socklen_t *size), (fd, to, size), FAIL_OPEN, EMFILE, -1)
LAYER(int, pipe, (int ends[2]), (ends), FAIL_OPEN, EMFILE, -1)
LAYER(int, pipe2, (int ends[2], int flags), (ends, flags), FAIL_OPEN, EMFILE, -1)

LAYER(int, socket, (int domain, int type, int protocol), (domain, type, protocol), FAIL_SOCKET, EMFILE, -1)
LAYER(int, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends), FAIL_SOCKET, EMFILE, -1)
LAYER(int, connect, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size), FAIL_CONNECT, ECONNREFUSED, -1)

LAYER(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size), FAIL_READ, EIO, -1)
LAYER(ssize_t, recv, (int fd, void *to, size_t size, int flags), (fd, to, size, flags), FAIL_READ, ECONNRESET, -1)
LAYER(ssize_t, recvfrom, (int fd, void *to, size_t size, int flags, struct sockaddr *from, socklen_t *len),
    (fd, to, size, flags, from, len), FAIL_READ, ECONNRESET, -1)
LAYER(ssize_t, recvmsg, (int fd, struct msghdr *to, int flags), (fd, to, flags), FAIL_READ, ECONNRESET, -1)
ssize_t __read_chk(int fd, void *to, size_t size, size_t room);
LAYER(ssize_t, __read_chk, (int fd, void *to, size_t size, size_t room), (fd, to, size, room), FAIL_READ, EIO, -1)
ssize_t __recv_chk(int fd, void *to, size_t size, size_t room, int flags);
LAYER(ssize_t, __recv_chk, (int fd, void *to, size_t size, size_t room, int flags), (fd, to, size, room, flags), FAIL_READ, ECONNRESET, -1)
ssize_t __recvfrom_chk(int fd, void *to, size_t size, size_t room, int flags, struct sockaddr *from, socklen_t *len);
LAYER(ssize_t, __recvfrom_chk, (int fd, void *to, size_t size, size_t room, int flags, struct sockaddr *from, socklen_t *len),
    (fd, to, size, room, flags, from, len), FAIL_READ, ECONNRESET, -1)

LAYER(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size), FAIL_WRITE, EIO, -1)
LAYER(ssize_t, send, (int fd, const void *from, size_t size, int flags), (fd, from, size, flags), FAIL_WRITE, ECONNRESET, -1)
LAYER(ssize_t, sendto, (int fd, const void *from, size_t size, int flags, const struct sockaddr *to, socklen_t len),
    (fd, from, size, flags, to, len), FAIL_WRITE, ECONNRESET, -1)
LAYER(ssize_t, sendmsg, (int fd, const struct msghdr *from, int flags), (fd, from, flags), FAIL_WRITE, ECONNRESET, -1)

LAYER(int, epoll_create1, (int flags), (flags), FAIL_EPOLL, EMFILE, -1)
LAYER(int, epoll_ctl, (int epoll, int what, int fd, struct epoll_event *event), (epoll, what, fd, event), FAIL_EPOLL, ENOMEM, -1)
LAYER(int, pthread_create, (pthread_t *thread, const pthread_attr_t *how, void *(*main)(void *), void *arg), (thread, how, main, arg),
    FAIL_THREAD, EAGAIN, EAGAIN)

/* ---- stdio, whose internal read() does not come through here ---- */

enum { FILE_HAS_FAILED = 0x20 };	/* _IO_ERR_SEEN, which ferror() checks */

#define STDIO_READER(type, name, parameters, arguments, result) \
	type name parameters \
	{ \
		REAL(type, #name, parameters) \
		if (fails(FAIL_READ, CALLER)) { \
			file->_flags |= FILE_HAS_FAILED; \
			errno = EIO; \
			return result; \
		} \
		return real arguments; \
	}
STDIO_READER(char *, fgets, (char *to, int size, FILE *file), (to, size, file), NULL)
STDIO_READER(size_t, fread, (void *to, size_t size, size_t count, FILE *file), (to, size, count, file), 0)
STDIO_READER(ssize_t, getline, (char **to, size_t *size, FILE *file), (to, size, file), -1)
STDIO_READER(ssize_t, getdelim, (char **to, size_t *size, int end, FILE *file), (to, size, end, file), -1)
char *__fgets_chk(char *to, size_t room, int size, FILE *file);
STDIO_READER(char *, __fgets_chk, (char *to, size_t room, int size, FILE *file), (to, room, size, file), NULL)
size_t __fread_chk(void *to, size_t room, size_t size, size_t count, FILE *file);
STDIO_READER(size_t, __fread_chk, (void *to, size_t room, size_t size, size_t count, FILE *file), (to, room, size, count, file), 0)

int
fflush(FILE *file)
{
	REAL(int, "fflush", (FILE *file))
	if (file != NULL && fails(FAIL_WRITE, CALLER)) {
		file->_flags |= FILE_HAS_FAILED;
		errno = EIO;
		return EOF;
	}
	return real(file);
}

/* ---- start and end ---- */

static bool
is_wanted(void)
{
	const char *name = getenv("STS_FAIL_PROGRAM");
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (name == NULL || len <= 0)
		return false;
	path[len] = '\0';
	return strcmp(strrchr(path, '/') + 1, name) == 0;
}

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("STS_FAIL_CONTROL");
	void *mapped, *warm[1];
	int fd;

	if (path == NULL || !is_wanted())
		return;
	inside = true;
	(void)dl_iterate_phdr(note_object, NULL);
	(void)backtrace(warm, 1);	/* the first call loads a library */
	fd = (int)open(path, O_RDWR | O_CLOEXEC, 0);
	if (fd < 0) {
		perror(path);
		_exit(127);
	}
	mapped = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped == MAP_FAILED) {
		perror(path);
		_exit(127);
	}
	inside = false;
	control = mapped;
}

/* Destructors run in reverse order of loading: the libraries that still free memory were loaded later, so their frees are seen. */
__attribute__((destructor)) static void
end(void)
{
	if (control == NULL)
		return;
	control->leaked = ledger_list(control->leaks, FAIL_LEAKS);
	control->ended = 1;
}
