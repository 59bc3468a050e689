/* SPDX-License-Identifier: ISC */
/*
 * organisation.h - the part of a domain that somebody registered, by the Public Suffix List (libpsl).
 * Pure after creation. Any thread.
 */
#ifndef STS_NAMES_ORGANISATION_H
#define STS_NAMES_ORGANISATION_H

#include "shared-cache/base/status.h"

struct sts_organisations;

/* Loads the system's newer list if there is one, else libpsl's built-in. STS_ENOTFOUND when there is none at all: then pass NULL
 * below, which takes every top-level domain for a public suffix (last two labels). */
enum sts_status sts_organisations_new(struct sts_organisations **out);
/* *list may be NULL. */
void sts_organisations_free(struct sts_organisations **list);

/* The end of domain (a `domain`, domain.h) that is the organisation's. A domain that is itself a public suffix stands for itself
 * alone. */
const char *sts_organisation_of(const struct sts_organisations *list, const char *domain);

#endif
