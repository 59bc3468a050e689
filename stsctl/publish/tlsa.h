/* SPDX-License-Identifier: ISC */
/* publish/tlsa.h - stsctl publish tlsa: prints the TLSA records of a mail exchanger's keys. Uses no network, writes no files. */
#ifndef STSCTL_PUBLISH_TLSA_H
#define STSCTL_PUBLISH_TLSA_H

#include "stsctl/terminal/command.h"

/* argv: HOST FILE...; next: files of keys that are not in use yet, separated by commas, or NULL. */
enum cmd_exit publish_tlsa(const struct cmd_context *context, int argc, char **argv, const char *next);

#endif
