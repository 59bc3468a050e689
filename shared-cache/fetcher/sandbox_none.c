/* SPDX-License-Identifier: ISC */
/* sandbox_none.c - for builds without libseccomp: a separate process, but no system call filter. */
#include "config.h"

#include "shared-cache/fetcher/sandbox.h"

bool
sts_sandbox_syscalls(void)
{
	return false;
}
