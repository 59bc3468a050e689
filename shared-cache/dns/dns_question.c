/* SPDX-License-Identifier: ISC */
/* dns_question.c - ldns writes the message. Knows no sockets. */
#include "config.h"

#include "shared-cache/dns/dns_question.h"

#include <string.h>
#include <sys/random.h>

#include <ldns/ldns.h>

#include "shared-cache/names/domain.h"

/* owner becomes the packet's, or is freed. */
static ldns_pkt *
make_packet(ldns_rdf *owner, enum sts_dns_type type, bool recursive)
{
	ldns_pkt *pkt = ldns_pkt_query_new(owner, (ldns_rr_type)type, LDNS_RR_CLASS_IN, recursive ? LDNS_RD | LDNS_AD : 0);

	if (pkt == NULL)
		ldns_rdf_deep_free(owner);
	return pkt;
}

enum sts_status
sts_dns_question(const char *name, enum sts_dns_type type, bool recursive, uint16_t edns_size, uint8_t **wire, size_t *len)
{
	ldns_rdf *owner = NULL;
	ldns_status status;
	ldns_pkt *pkt;
	uint16_t id;

	*wire = NULL;
	if (strlen(name) > STS_DOMAIN_MAX)
		return STS_EINVAL;
	status = ldns_str2rdf_dname(&owner, name);
	if (status != LDNS_STATUS_OK)
		return status == LDNS_STATUS_MEM_ERR ? STS_ENOMEM : STS_EINVAL;
	pkt = make_packet(owner, type, recursive);
	if (pkt == NULL)
		return STS_ENOMEM;
	status = LDNS_STATUS_MEM_ERR;
	if (getrandom(&id, sizeof(id), 0) == (ssize_t)sizeof(id)) {
		ldns_pkt_set_id(pkt, id);
		if (edns_size > 0)
			ldns_pkt_set_edns_udp_size(pkt, edns_size);
		status = ldns_pkt2wire(wire, pkt, len);
	}
	ldns_pkt_free(pkt);
	return status == LDNS_STATUS_OK ? STS_OK : STS_ENOMEM;
}
