/* SPDX-License-Identifier: ISC */
/* version.h - what -V prints: this program and the libraries it runs with. */
#ifndef MILTER_DAEMON_VERSION_H
#define MILTER_DAEMON_VERSION_H

#include <stdio.h>

void version_print(FILE *out);

#endif
