/* SPDX-License-Identifier: ISC */
/*
 * connect_as.h - tries to connect to a unix socket as another user, and in a chroot: can a program of Postfix reach it?
 *
 * File modes alone do not show access lists, namespaces or read-only mounts. One thread; only root can try.
 */
#ifndef STSCTL_MACHINE_CONNECT_AS_H
#define STSCTL_MACHINE_CONNECT_AS_H

#include <stddef.h>

/* root: the directory of the chroot, in which an absolute path is looked up; "/" for none. A relative path is taken from root. Returns 0 if
 * the user can connect, else an errno; negative: this process cannot try. why: the reason in words, unless 0. */
int connect_as(const char *user, const char *root, const char *path, char *why, size_t cap);

#endif
