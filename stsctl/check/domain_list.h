/* SPDX-License-Identifier: ISC */
/* domain_list.h - the domains that check is to look at: operands, or a file with one a line. */
#ifndef STSCTL_CHECK_DOMAIN_LIST_H
#define STSCTL_CHECK_DOMAIN_LIST_H

#include "shared-cache/names/domain.h"
#include "stsctl/terminal/command.h"

/* Zeroed is empty. */
struct domain_list {
	char (*domains)[STS_DOMAIN_CAP];
	size_t count, cap;
};

/* Says what is wrong, CMD_USAGE for something that is no domain. A domain that is there twice counts once. */
enum cmd_exit domain_list_operands(const struct cmd_context *context, int argc, char **argv, struct domain_list *out);
/* `#' begins a comment, empty lines are passed over. */
enum cmd_exit domain_list_file(const struct cmd_context *context, const char *path, struct domain_list *out);
void domain_list_fini(struct domain_list *list);

#endif
