/* SPDX-License-Identifier: ISC */
/*
 * local_error.h - whose fault it is: what this machine lacks says nothing of the domain that was asked about, and must not be
 * remembered as if it did.
 * Any thread.
 */
#ifndef STS_RUNTIME_LOCAL_ERROR_H
#define STS_RUNTIME_LOCAL_ERROR_H

#include <stdbool.h>

/* An errno of a socket that was not to be had: descriptors or memory. */
bool sts_is_local_error(int error);

/* Whether a datagram socket can be made now. For libraries that do not tell why they could not. */
bool sts_has_descriptors(void);

#endif
