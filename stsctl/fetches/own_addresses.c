/* SPDX-License-Identifier: ISC */
/* own_addresses.c - the addresses of this machine's interfaces, and the networks of --own. */
#include "config.h"

#include "stsctl/fetches/own_addresses.h"

#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

struct own_addresses {
	struct sts_netlist *named;	/* NULL for none */
	struct sts_ipaddr *list;
	size_t count;
};

static enum sts_status
add_interfaces(struct own_addresses *own)
{
	struct ifaddrs *all = NULL;
	size_t n = 0;

	if (getifaddrs(&all) != 0)
		return STS_ESYS;
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
		n++;
	own->list = calloc(n + 1, sizeof(*own->list));
	for (const struct ifaddrs *i = all; own->list != NULL && i != NULL; i = i->ifa_next)
		if (i->ifa_addr != NULL && sts_ipaddr_from_sockaddr(i->ifa_addr, &own->list[own->count]))
			own->count++;
	freeifaddrs(all);
	return own->list != NULL ? STS_OK : STS_ENOMEM;
}

enum sts_status
own_addresses_new(const char *networks, struct own_addresses **out, struct sts_diag *diag)
{
	struct own_addresses *own = calloc(1, sizeof(*own));
	enum sts_status status = own == NULL ? STS_ENOMEM : add_interfaces(own);

	*out = NULL;
	if (status == STS_OK && networks != NULL)
		status = sts_netlist_parse(networks, &own->named, diag);
	if (status == STS_OK)
		*out = own;
	else
		own_addresses_free(&own);
	return status;
}

void
own_addresses_free(struct own_addresses **own)
{
	if (*own == NULL)
		return;
	sts_netlist_free(&(*own)->named);
	free((*own)->list);
	free(*own);
	*own = NULL;
}

bool
own_addresses_has(void *arg, const struct sts_ipaddr *addr)
{
	const struct own_addresses *own = arg;

	for (size_t i = 0; i < own->count; i++)
		if (own->list[i].family == addr->family && memcmp(own->list[i].bytes, addr->bytes, sizeof(addr->bytes)) == 0)
			return true;
	return own->named != NULL && sts_netlist_contains(own->named, addr);
}
