/* SPDX-License-Identifier: ISC */
/* status.c - texts of the status values. */
#include "config.h"

#include "shared-cache/base/status.h"

const char *
sts_status_text(enum sts_status status)
{
	switch (status) {
	case STS_OK:
		return "ok";
	case STS_ENOMEM:
		return "out of memory";
	case STS_EINVAL:
		return "invalid";
	case STS_ENOTFOUND:
		return "not found";
	case STS_EUNAVAILABLE:
		return "unavailable";
	case STS_EFULL:
		return "full";
	case STS_ESYS:
		return "system error";
	}
	return "unknown status";
}
