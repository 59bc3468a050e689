/* SPDX-License-Identifier: ISC */
/* own_addresses.h - tells whether a client of the web server is this machine, or one that the operator named with --own. One thread. */
#ifndef STSCTL_FETCHES_OWN_ADDRESSES_H
#define STSCTL_FETCHES_OWN_ADDRESSES_H

#include <stdbool.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/base/status.h"
#include "shared-cache/names/ipaddr.h"

struct own_addresses;

/* The addresses of all interfaces as they are now, and networks: a list as settings have it, NULL for none. STS_ENOMEM; STS_ESYS: the
 * interfaces cannot be listed; what sts_netlist_parse returns, with diag, when networks cannot be read. */
enum sts_status own_addresses_new(const char *networks, struct own_addresses **out, struct sts_diag *diag);
void own_addresses_free(struct own_addresses **own);
/* arg: a struct own_addresses. */
bool own_addresses_has(void *arg, const struct sts_ipaddr *addr);

#endif
