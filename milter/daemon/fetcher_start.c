/* SPDX-License-Identifier: ISC */
/* fetcher_start.c - finds mta-sts-fetcher (beside this program, as in a build tree, or where it is installed), and starts it. */
#include "config.h"

#include "milter/daemon/components.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/log.h"

#define NAME "mta-sts-fetcher"

static bool
is_beside_us(char path[PATH_MAX])
{
	char self[PATH_MAX - sizeof(NAME)];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (len <= 0)
		return false;
	self[len] = '\0';
	slash = strrchr(self, '/');
	if (slash == NULL)
		return false;
	snprintf(path, PATH_MAX, "%.*s/%s", (int)(slash - self), self, NAME);
	return access(path, X_OK) == 0;
}

void
fetcher_find(const struct sts_conf *conf, struct fetcher_program *out)
{
	out->fd = -1;
	if (!conf->fetch_process)
		return;
	if (!is_beside_us(out->path))
		snprintf(out->path, sizeof(out->path), "%s", PKGLIBEXECDIR "/" NAME);
	out->fd = open(out->path, O_PATH | O_CLOEXEC);
	out->error = errno;
}

enum sts_status
fetcher_start(const struct sts_conf *conf, struct fetcher_program *program, struct sts_fetcher **out)
{
	char opened[32];
	const struct sts_fetcher_params params = { .program = opened, .ca_file = conf->ca_file, .contact = conf->user_agent_contact,
		.port = (uint16_t)conf->policy_port, .allow_special = conf->allow_private_addresses,
		.per_host = (size_t)conf->fetch_per_host };
	enum sts_status status = STS_ENOTFOUND;

	*out = NULL;
	if (!conf->fetch_process)
		return STS_OK;
	if (program->fd != -1) {
		snprintf(opened, sizeof(opened), "/proc/self/fd/%d", program->fd);
		status = sts_fetcher_new(&params, out);
		program->error = errno;
		close(program->fd);
		program->fd = -1;
	}
	if (status != STS_ENOTFOUND)
		return status;
	/* Better without the sandbox than not at all: a milter that does not run keeps mail from being delivered. */
	sts_warn("%s: %s: policies are fetched by this process itself, as with fetch_process = no", program->path,
	    strerror(program->error));
	return STS_OK;
}
