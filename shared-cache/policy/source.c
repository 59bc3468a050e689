/* SPDX-License-Identifier: ISC */
/* source.c - the names of the sources. */
#include "config.h"

#include "shared-cache/policy/source.h"

const char *
sts_source_name(enum sts_source source)
{
	switch (source) {
	case STS_SOURCE_MEMORY:
		return "memory";
	case STS_SOURCE_STORE:
		return "store";
	case STS_SOURCE_NETWORK:
		return "network";
	case STS_SOURCE_NOWHERE:
	case STS_SOURCE_COUNT:
		break;
	}
	return "nowhere";
}
