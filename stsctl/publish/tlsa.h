/* SPDX-License-Identifier: ISC */
/* publish/tlsa.h - stsctl publish tlsa: the TLSA records of a mail exchanger's keys. Asks nobody, writes nothing. */
#ifndef STSCTL_PUBLISH_TLSA_H
#define STSCTL_PUBLISH_TLSA_H

#include "stsctl/terminal/command.h"

/* argv: HOST FILE...; next: the files of keys that are not in use yet, separated by commas, or NULL. */
enum cmd_exit publish_tlsa(const struct cmd_context *context, int argc, char **argv, const char *next);

#endif
