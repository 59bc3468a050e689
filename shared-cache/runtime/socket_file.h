/* SPDX-License-Identifier: ISC */
/* socket_file.h - the place in the file system where a unix socket is to be made. Any thread. */
#ifndef STS_SOCKET_FILE_H
#define STS_SOCKET_FILE_H

#include "shared-cache/base/status.h"

enum { STS_SOCKET_FILE_WHY_CAP = 256 };

/* Sees to it that path can be bound to: a socket that nobody listens on is removed; one that is in use, and any other file, is left
 * alone. type: SOCK_STREAM or SOCK_DGRAM. STS_EUNAVAILABLE: in use; STS_ESYS: anything else; why is a sentence then. */
enum sts_status sts_socket_file_prepare(const char *path, int type, char why[STS_SOCKET_FILE_WHY_CAP]);

#endif
