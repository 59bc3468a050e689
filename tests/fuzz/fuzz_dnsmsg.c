/* SPDX-License-Identifier: ISC */
/* Any bytes as a DNS message. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "shared-cache/sts_dnsmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int rcode = sts_dnsmsg_rcode(data, size);

	if (rcode > 15 || (rcode < 0) != (size < 12))
		abort();
	if (sts_dnsmsg_rcode_name(rcode) == NULL)
		abort();
	/* Neither half may have its top bit set, and a message without an authority section has no SOA to tell of. */
	if (sts_dnsmsg_negative_ttl(data, size) > INT32_MAX)
		abort();
	if (size >= 12 && data[8] == 0 && data[9] == 0 && sts_dnsmsg_negative_ttl(data, size) != 0)
		abort();
	return 0;
}
