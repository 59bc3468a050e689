/* SPDX-License-Identifier: ISC */
/*
 * organisation.h - the organisational domain of a domain (the one that somebody registered), by the Public Suffix List (libpsl).
 * Pure after creation. Any thread.
 */
#ifndef STS_NAMES_ORGANISATION_H
#define STS_NAMES_ORGANISATION_H

#include "shared-cache/base/status.h"

struct sts_organisations;

/* Loads the system's list if it is newer, else libpsl's built-in one. STS_ENOTFOUND when there is neither: then pass NULL
 * below, which takes every top-level domain for a public suffix (last two labels). */
enum sts_status sts_organisations_new(struct sts_organisations **out);
/* *list may be NULL. */
void sts_organisations_free(struct sts_organisations **list);

/* The organisational domain of domain (a `domain`, domain.h): a pointer into it. A domain that is itself a public suffix is its own
 * organisational domain. */
const char *sts_organisation_of(const struct sts_organisations *list, const char *domain);

#endif
