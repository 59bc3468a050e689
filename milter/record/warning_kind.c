/* SPDX-License-Identifier: ISC */
/* warning_kind.c - the names. */
#include "config.h"

#include "milter/record/warning_kind.h"

const char *
service_trouble_name(unsigned trouble)
{
	static const char *const names[SERVICE_TROUBLES] = {
		[SERVICE_MEMORY] = "memory", [SERVICE_REFUSED] = "refused", [SERVICE_SIGNING] = "signing",
		[SERVICE_THREADS] = "threads",
	};

	return trouble < SERVICE_TROUBLES ? names[trouble] : "";
}
