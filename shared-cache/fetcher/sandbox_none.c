/* SPDX-License-Identifier: ISC */
/* sandbox_none.c - a build without libseccomp: a process of its own, but no filter of system calls. */
#include "config.h"

#include "shared-cache/fetcher/sandbox.h"

bool
sts_sandbox_syscalls(void)
{
	return false;
}
