/* SPDX-License-Identifier: ISC */
/* domain_list.h - the domains to check: from the operands, or from a file with one per line. */
#ifndef STSCTL_CHECK_DOMAIN_LIST_H
#define STSCTL_CHECK_DOMAIN_LIST_H

#include "shared-cache/names/domain.h"
#include "stsctl/terminal/command.h"

/* Zeroed is empty. */
struct domain_list {
	char (*domains)[STS_DOMAIN_CAP];
	size_t count, cap;
};

/* Both report errors; CMD_USAGE for something that is not a domain. Duplicates are dropped. */
enum cmd_exit domain_list_operands(const struct cmd_context *context, int argc, char **argv, struct domain_list *out);
/* `#' begins a comment; empty lines are ignored. */
enum cmd_exit domain_list_file(const struct cmd_context *context, const char *path, struct domain_list *out);
void domain_list_fini(struct domain_list *list);

#endif
