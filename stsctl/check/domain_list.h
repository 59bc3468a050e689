/* SPDX-License-Identifier: ISC */
/* domain_list.h - the domains that check is to look at: operands, or a file with one a line. */
#ifndef STSCTL_CHECK_LIST_H
#define STSCTL_CHECK_LIST_H

#include "shared-cache/names/domain.h"
#include "stsctl/terminal/command.h"

/* Zeroed is empty. */
struct check_list {
	char (*domains)[STS_DOMAIN_CAP];
	size_t count;
};

/* Says what is wrong, CMD_USAGE for something that is no domain. A domain that is there twice counts once. */
enum cmd_exit check_list_operands(const struct cmd_context *context, int argc, char **argv, struct check_list *out);
/* `#' begins a comment, empty lines are passed over. */
enum cmd_exit check_list_file(const struct cmd_context *context, const char *path, struct check_list *out);
void check_list_fini(struct check_list *list);

#endif
