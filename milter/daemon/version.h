/* SPDX-License-Identifier: ISC */
/* version.h - prints the versions of this program and of its libraries, for -V. */
#ifndef MILTER_DAEMON_VERSION_H
#define MILTER_DAEMON_VERSION_H

#include <stdio.h>

void version_print(FILE *out);

#endif
