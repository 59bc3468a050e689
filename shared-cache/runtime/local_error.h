/* SPDX-License-Identifier: ISC */
/*
 * local_error.h - recognises failures of this machine (out of descriptors, out of memory). They say nothing about the domain that
 * was looked up, and must not be remembered as its result.
 * Any thread.
 */
#ifndef STS_RUNTIME_LOCAL_ERROR_H
#define STS_RUNTIME_LOCAL_ERROR_H

#include <stdbool.h>

/* Whether error, from a failed attempt to open a socket, means that descriptors or memory ran out. */
bool sts_is_local_error(int error);

/* Whether a datagram socket can be opened now. For libraries that do not say why they failed to open one. */
bool sts_has_descriptors(void);

#endif
