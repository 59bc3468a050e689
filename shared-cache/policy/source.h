/* SPDX-License-Identifier: ISC */
/* source.h - which layer an answer about a domain came from. Pure. Any thread. */
#ifndef STS_POLICY_SOURCE_H
#define STS_POLICY_SOURCE_H

enum sts_source { STS_SOURCE_MEMORY, STS_SOURCE_STORE, STS_SOURCE_NETWORK, STS_SOURCE_NOWHERE, STS_SOURCE_COUNT };

/* "memory", "store", "network", "nowhere". Never NULL. */
const char *sts_source_name(enum sts_source source);

#endif
