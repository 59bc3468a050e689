/* SPDX-License-Identifier: ISC */
/* warning_kind.c - the names of the kinds. */
#include "config.h"

#include "milter/record/warning_kind.h"

const char *
warning_kind_name(unsigned kind)
{
	static const char *const names[WARNING_KINDS] = {
		[WARNING_MEMORY] = "memory", [WARNING_REFUSED] = "refused", [WARNING_SIGNING] = "signing",
		[WARNING_THREADS] = "threads", [WARNING_PACKETS] = "packets",
	};

	return kind < WARNING_KINDS ? names[kind] : "";
}
