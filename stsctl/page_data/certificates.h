/* SPDX-License-Identifier: ISC */
/*
 * certificates.h - when certificates expire, out of the file that `stsctl check --metrics' writes for Prometheus. Pure. One thread.
 */
#ifndef STSCTL_PAGE_DATA_CERTIFICATES_H
#define STSCTL_PAGE_DATA_CERTIFICATES_H

#include <stddef.h>

#include "shared-cache/base/status.h"
#include "stsctl/page/page_data.h"

enum { CERTIFICATES_LISTED_MAX = 10000 };

/* Sets out's certificates, those that expire first, first, and when they were looked at. Lines that it does not know are passed over;
 * what is no domain is left out, as is what is there twice. STS_EINVAL: nothing says when it was written. STS_ENOMEM. */
enum sts_status certificates_take(const char *text, size_t len, struct page_data *out);

#endif
