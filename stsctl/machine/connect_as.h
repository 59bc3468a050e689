/* SPDX-License-Identifier: ISC */
/*
 * connect_as.h - whether a program of Postfix' gets to a unix socket, tried out: as its user, and in its chroot.
 *
 * Modes alone do not tell of access lists, of namespaces, of read-only mounts. One thread; only root can try.
 */
#ifndef STSCTL_MACHINE_CONNECT_AS_H
#define STSCTL_MACHINE_CONNECT_AS_H

#include <stddef.h>

/* root: what it has changed to, "/" for nothing; a path from the root is then looked for below it, in a chroot. 0: it connects; an
 * errno; negative: this process cannot try. why: words for people, unless 0. */
int connect_as(const char *user, const char *root, const char *path, char *why, size_t cap);

#endif
