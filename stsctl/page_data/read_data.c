/* SPDX-License-Identifier: ISC */
/* read_data.c - reads one part after the other, and the milters itself. */
#include "config.h"

#include "stsctl/page_data/read_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/context/backends.h"
#include "stsctl/context/files.h"
#include "stsctl/page_data/certificates.h"
#include "stsctl/page_data/read_private.h"
#include "stsctl/terminal/output.h"

enum { NODES_S = 7 * 86400, CERTIFICATES_MAX = 16 << 20 };

static const char certificates_usual[] = LOCALSTATEDIR "/lib/mta-sts-milter/mta-sts.prom";

static enum sts_status
begin(const struct page_data_request *request, struct page_data *out)
{
	out->now = request->now;
	out->limit = request->limit;
	out->days = calloc(request->days.count, sizeof(*out->days));
	if (out->days == NULL)
		return STS_ENOMEM;
	out->day_count = request->days.count;
	for (size_t i = 0; i < out->day_count; i++)
		memcpy(out->days[i].day, request->days.list[i], STS_DAY_CAP);
	return STS_OK;
}

/* ---- milters ---- */

static bool
take_node(void *arg, const struct sts_query_node *node)
{
	struct page_data *out = arg;
	struct page_data_node *to = &out->nodes[out->node_count];

	snprintf(to->name, sizeof(to->name), "%s", node->name);
	to->seen = node->seen;
	to->enforcing = node->enforcing;
	to->dry_run = node->dry_run;
	to->tripped = node->tripped != 0;
	return ++out->node_count < STS_QUERY_NODES_MAX;
}

enum sts_status
page_data_read_nodes(struct sts_query *query, const struct page_data_request *request, struct page_data *out)
{
	enum sts_status status;

	if ((out->nodes = calloc(STS_QUERY_NODES_MAX, sizeof(*out->nodes))) == NULL)
		return STS_ENOMEM;
	status = sts_query_nodes(query, request->now - NODES_S, take_node, out);
	return status == STS_ENOTFOUND ? STS_OK : status;
}

/* ---- certificates ---- */

/* A missing file is an error only if --certificates named it. */
static enum cmd_exit
read_certificates(const struct cmd_context *context, const char *path, struct page_data *out)
{
	char why[FILES_WHY_CAP], *text;
	size_t len;
	enum sts_status status = files_read(path != NULL ? path : certificates_usual, CERTIFICATES_MAX, &text, &len, why);

	if (status == STS_OK) {
		status = certificates_take(text, len, out);
		free(text);
	}
	if (status == STS_OK || (status == STS_ENOTFOUND && path == NULL))
		return CMD_FINE;
	if (status == STS_ENOMEM)
		return output_error(context, CMD_UNKNOWN, "no memory");
	if (path == NULL) {
		fprintf(stderr, "stsctl: certificates are left out: %s\n", status == STS_EINVAL ?
		    "the file is not what stsctl check --metrics writes" : why);
		return CMD_FINE;
	}
	return output_error(context, CMD_UNKNOWN, "--certificates: %s%s", status == STS_ESYS || status == STS_EFULL ? why : path,
	    status == STS_ENOTFOUND ? ": there is no such file" : status == STS_EINVAL ?
	    ": not what stsctl check --metrics writes" : "");
}

/* ---- everything ---- */

static enum cmd_exit
read_sent(const struct cmd_context *context, const struct settings_redis *redis, const struct page_data_request *request,
    struct page_data *out)
{
	struct sts_store_link *link;
	enum sts_status status = backends_open_link(redis->conf, &link);
	enum cmd_exit code = CMD_FINE;

	if (status == STS_OK)
		status = page_data_read_sent(link, request, out);
	if (status != STS_OK)
		code = settings_endpoint_error(context, redis->conf, link != NULL && status == STS_EUNAVAILABLE ?
		    sts_store_link_why(link) : sts_status_text(status));
	sts_store_link_close(&link);
	return code;
}

enum cmd_exit
page_data_read(const struct cmd_context *context, const struct settings_redis *redis, const struct page_data_request *request,
    struct page_data *out)
{
	enum sts_status status = begin(request, out);
	enum cmd_exit code;

	out->host = redis->conf->authserv_id;
	if (status == STS_OK)
		status = page_data_read_messages(redis->query, out);
	if (status == STS_OK)
		status = page_data_read_senders(redis->query, request, out);
	if (status == STS_OK)
		status = page_data_read_reports(redis, out);
	if (status == STS_OK)
		status = page_data_read_nodes(redis->query, request, out);
	if (status != STS_OK)
		return settings_redis_error(context, redis, status);
	code = read_sent(context, redis, request, out);
	return code == CMD_FINE ? read_certificates(context, request->certificates, out) : code;
}
