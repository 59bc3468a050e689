/* SPDX-License-Identifier: ISC */
/* socket_file.h - prepares the path of a unix socket that is to be bound. Any thread. */
#ifndef STS_SOCKET_FILE_H
#define STS_SOCKET_FILE_H

#include "shared-cache/base/status.h"

enum { STS_SOCKET_FILE_WHY_CAP = 256 };

/* Makes path ready for bind(2). A socket that nobody listens on is removed; one in use, or any other kind of file, is left
 * alone. type: SOCK_STREAM or SOCK_DGRAM. STS_EUNAVAILABLE: in use. STS_ESYS: any other failure. In both cases why is a
 * sentence. */
enum sts_status sts_socket_file_prepare(const char *path, int type, char why[STS_SOCKET_FILE_WHY_CAP]);

#endif
