/* SPDX-License-Identifier: ISC */
/* certificates.h - reads when certificates expire, from the file that `stsctl check --metrics' writes for Prometheus. Pure. One thread. */
#ifndef STSCTL_PAGE_DATA_CERTIFICATES_H
#define STSCTL_PAGE_DATA_CERTIFICATES_H

#include <stddef.h>

#include "shared-cache/base/status.h"
#include "stsctl/page/page_data.h"

enum { CERTIFICATES_LISTED_MAX = 10000 };

/* Sets out's certificates, sorted by expiry, and when they were checked. Unknown lines, duplicates, and names that are not domains are
 * ignored. STS_EINVAL: the file does not say when it was written. STS_ENOMEM. */
enum sts_status certificates_take(const char *text, size_t len, struct page_data *out);

#endif
