/* SPDX-License-Identifier: ISC */
/* fetch_logs.c - files and interfaces. Knows nothing of what a line says. */
#include "config.h"

#include "stsctl/fetches/fetch_logs.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

/* ---- which logs ---- */

char **
logs_found(void)
{
	static const char *const patterns[] = {
		"/var/log/apache2/mta-sts.*_access.log*", "/var/log/nginx/mta-sts.*_access.log*",
	};
	glob_t found = { .gl_pathc = 0 };
	char **list;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		(void)glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);
	list = calloc(found.gl_pathc + 1, sizeof(*list));
	for (size_t i = 0; list != NULL && i < found.gl_pathc; i++) {
		list[i] = strdup(found.gl_pathv[i]);
		if (list[i] == NULL)
			break;
	}
	globfree(&found);
	return list;
}

void
logs_free(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

/* ---- lines ---- */

/* The buffer holds a line's beginning, without its end: the rest of it is passed over. */
static bool
skip_line(gzFile file, char *buf)
{
	while (gzgets(file, buf, LOGS_LINE_MAX) != NULL)
		if (strchr(buf, '\n') != NULL)
			return true;
	return false;
}

/* gzgets() does not say where a line with a NUL byte ends, and web servers write none: such a line is cut there. */
static void
feed(gzFile file, const char *domain, struct fetch_clients *to, char *buf)
{
	while (gzgets(file, buf, LOGS_LINE_MAX) != NULL) {
		size_t len = strcspn(buf, "\n");

		if (buf[len] == '\n' || gzeof(file)) {
			if (len > 0)
				fetch_clients_add_line(to, domain, buf, len);
		} else {
			to->unreadable++;
			if (!skip_line(file, buf))
				return;
		}
	}
}

/* A pipe or a device would be waited for. */
static int
open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

enum sts_status
logs_read(const char *path, struct fetch_clients *to, char why[LOGS_WHY_CAP])
{
	char domain[STS_DOMAIN_CAP], *buf;
	int fd = open_file(path), error = Z_OK;
	gzFile file;

	if (fd < 0) {
		snprintf(why, LOGS_WHY_CAP, "%s: cannot be read: %s", path, strerror(errno));
		return STS_ESYS;
	}
	buf = malloc(LOGS_LINE_MAX);
	file = buf == NULL ? NULL : gzdopen(fd, "r");
	if (file == NULL) {
		free(buf);
		close(fd);
		return STS_ENOMEM;
	}
	if (fetch_clients_domain_of_file(path, domain))
		fetch_clients_add_domain(to, domain);
	feed(file, domain, to, buf);
	(void)gzerror(file, &error);
	gzclose(file);
	free(buf);
	if (error == Z_OK || error == Z_STREAM_END)
		return STS_OK;
	snprintf(why, LOGS_WHY_CAP, "%s: cannot be read to its end", path);
	return STS_ESYS;
}

/* ---- whose address ---- */

struct own_addrs {
	struct sts_netlist *named;	/* NULL for none */
	struct sts_ipaddr *list;
	size_t count;
};

static enum sts_status
add_interfaces(struct own_addrs *own)
{
	struct ifaddrs *all = NULL;
	size_t n = 0;

	if (getifaddrs(&all) != 0)
		return STS_ESYS;
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
		n++;
	own->list = calloc(n + 1, sizeof(*own->list));
	for (const struct ifaddrs *i = all; own->list != NULL && i != NULL; i = i->ifa_next)
		if (i->ifa_addr != NULL && sts_ipaddr_from_sockaddr(i->ifa_addr, &own->list[own->count]))
			own->count++;
	freeifaddrs(all);
	return own->list != NULL ? STS_OK : STS_ENOMEM;
}

enum sts_status
own_addrs_new(const char *networks, struct own_addrs **out, struct sts_diag *diag)
{
	struct own_addrs *own = calloc(1, sizeof(*own));
	enum sts_status status = own == NULL ? STS_ENOMEM : add_interfaces(own);

	*out = NULL;
	if (status == STS_OK && networks != NULL)
		status = sts_netlist_parse(networks, &own->named, diag);
	if (status == STS_OK)
		*out = own;
	else
		own_addrs_free(&own);
	return status;
}

void
own_addrs_free(struct own_addrs **own)
{
	if (*own == NULL)
		return;
	sts_netlist_free(&(*own)->named);
	free((*own)->list);
	free(*own);
	*own = NULL;
}

bool
own_addrs_has(void *arg, const struct sts_ipaddr *addr)
{
	const struct own_addrs *own = arg;

	for (size_t i = 0; i < own->count; i++)
		if (own->list[i].family == addr->family && memcmp(own->list[i].bytes, addr->bytes, sizeof(addr->bytes)) == 0)
			return true;
	return own->named != NULL && sts_netlist_contains(own->named, addr);
}
