/* SPDX-License-Identifier: ISC */
/* fetch_clients.c - adds lines up by domain and client. Knows nothing of files. */
#include "config.h"

#include "stsctl/fetches/fetch_clients.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/date.h"

static const char host_prefix[] = "mta-sts.";
enum { HOST_PREFIX = sizeof(host_prefix) - 1, HTTP = 80 };

/* Parts of User-Agents, and the senders that use them. */
static const struct {
	const char *part, *sender;
} senders[] = {
	{ "Google-SMTP-STS", "Google" },
	{ "mta-sts-milter", "mta-sts-milter" },
	{ "postfix-mta-sts-resolver", "postfix-mta-sts-resolver" },
	{ "postfix-tlspol", "postfix-tlspol" },
};

const char *
fetch_clients_sender(const char *agent)
{
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++)
		if (strstr(agent, senders[i].part) != NULL)
			return senders[i].sender;
	return NULL;
}

void
fetch_clients_init(struct fetch_clients *f, bool (*is_own)(void *arg, const struct sts_ipaddr *addr), void *own_arg)
{
	*f = (struct fetch_clients){ .is_own = is_own, .own_arg = own_arg };
}

static void
free_domain(struct fetch_clients_domain *d)
{
	struct fetch_client *first = d->list, *next;

	HASH_CLEAR(hh, d->list);	/* keeps the elements */
	for (; first != NULL; first = next) {
		next = first->hh.next;
		free(first);
	}
	free(d->days);
}

void
fetch_clients_fini(struct fetch_clients *f)
{
	for (size_t i = 0; i < f->domain_count; i++)
		free_domain(&f->domains[i]);
	free(f->domains);
	f->domains = NULL;
	f->domain_count = 0;
}

/* ---- domains ---- */

/* Whether the name is "mta-sts." in any case, followed by something. */
static bool
is_policy_host(const char *name, size_t len)
{
	return len > HOST_PREFIX && sts_ascii_same_letters(name, host_prefix, HOST_PREFIX);
}

void
fetch_clients_read_name(const char *path, struct fetch_log *out)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	const char *end = strstr(name, "_access");

	*out = (struct fetch_log){ .is_http = strstr(name, "_http_access") != NULL };
	if (out->is_http || end == NULL || !is_policy_host(name, (size_t)(end - name)))
		return;
	if (sts_domain_normalise(name + HOST_PREFIX, (size_t)(end - name) - HOST_PREFIX, out->domain) != STS_DOMAIN_OK)
		out->domain[0] = '\0';
}

/* Finds or adds a domain. NULL: no memory, or too many. */
static struct fetch_clients_domain *
find_domain(struct fetch_clients *f, const char *name)
{
	struct fetch_clients_domain *more;

	for (size_t i = 0; i < f->domain_count; i++)
		if (strcmp(f->domains[i].name, name) == 0)
			return &f->domains[i];
	if (f->domain_count == FETCH_CLIENTS_DOMAINS_MAX)
		return NULL;
	more = realloc(f->domains, (f->domain_count + 1) * sizeof(*more));
	if (more == NULL) {
		f->no_memory = true;
		return NULL;
	}
	f->domains = more;
	more = &f->domains[f->domain_count++];
	*more = (struct fetch_clients_domain){ .list = NULL };
	memcpy(more->name, name, strlen(name) + 1);
	return more;
}

void
fetch_clients_add_domain(struct fetch_clients *f, const char *domain)
{
	(void)find_domain(f, domain);
}

/* The domain by the line's virtual host, else by the file's name. NULL: another host's line. */
static const char *
domain_of_line(const struct access_line *line, const struct fetch_log *log, char out[STS_DOMAIN_CAP])
{
	if (is_policy_host(line->host.text, line->host.len) &&
	    sts_domain_normalise(line->host.text + HOST_PREFIX, line->host.len - HOST_PREFIX, out) == STS_DOMAIN_OK)
		return out;
	return line->host.len > 0 && log->domain[0] == '\0' ? NULL : log->domain;
}

/* ---- clients ---- */

static void
copy_part(char *out, size_t cap, const struct access_part *part)
{
	size_t len = part->len < cap ? part->len : cap - 1;

	for (size_t i = 0; i < len; i++)
		out[i] = part->text[i] == '\0' ? '?' : part->text[i];
	out[len] = '\0';
}

/* Finds or adds a client. NULL: no memory, or too many. */
static struct fetch_client *
find_client(struct fetch_clients *f, struct fetch_clients_domain *d, const struct access_line *line)
{
	struct fetch_client_key key = { .client = "" };
	struct fetch_client *who;

	copy_part(key.client, sizeof(key.client), &line->client);
	copy_part(key.agent, sizeof(key.agent), &line->agent);
	HASH_FIND(hh, d->list, &key, sizeof(key), who);
	if (who != NULL || f->total == FETCH_CLIENTS_MAX)
		return who;
	who = calloc(1, sizeof(*who));
	if (who != NULL) {
		who->who = key;
		HASH_ADD(hh, d->list, who, sizeof(who->who), who);
	}
	if (who == NULL || who->hh.tbl == NULL) {
		free(who);
		f->no_memory = true;
		return NULL;
	}
	who->sender = fetch_clients_sender(key.agent);
	who->first = line->time;
	f->total++;
	return who;
}

static bool
is_policy_request(const struct access_line *line)
{
	static const char path[] = "/.well-known/mta-sts.txt";

	return line->method.len == 3 && memcmp(line->method.text, "GET", 3) == 0 && line->path.len >= sizeof(path) - 1 &&
	    memcmp(line->path.text, path, sizeof(path) - 1) == 0 &&
	    (line->path.len == sizeof(path) - 1 || line->path.text[sizeof(path) - 1] == '?');
}

static struct fetch_day *
day_of(struct fetch_clients *f, struct fetch_clients_domain *d, int32_t day)
{
	struct fetch_day *more;

	for (size_t i = 0; i < d->day_count; i++)
		if (d->days[i].day == day)
			return &d->days[i];
	if (d->day_count == FETCH_CLIENTS_DAYS_MAX)
		return NULL;
	more = realloc(d->days, (d->day_count + 1) * sizeof(*more));
	if (more == NULL) {
		f->no_memory = true;
		return NULL;
	}
	d->days = more;
	more = &d->days[d->day_count++];
	*more = (struct fetch_day){ .day = day };
	return more;
}

static void
count_day(struct fetch_clients *f, struct fetch_clients_domain *d, const struct access_line *line, bool good)
{
	struct fetch_day *day = day_of(f, d, sts_date_day_of(line->time));

	if (day == NULL) {
		f->dropped++;
		return;
	}
	if (good)
		day->fetched++;
	else {
		day->failed++;
		day->failed_status = line->status;
	}
}

const struct fetch_day *
fetch_clients_day(const struct fetch_clients *f, const char *domain, int32_t day)
{
	for (size_t i = 0; i < f->domain_count; i++)
		for (size_t k = 0; strcmp(f->domains[i].name, domain) == 0 && k < f->domains[i].day_count; k++)
			if (f->domains[i].days[k].day == day)
				return &f->domains[i].days[k];
	return NULL;
}

static bool
is_success(const struct access_line *line)
{
	return line->status == 200 || line->status == 304;
}

static void
count(struct fetch_clients *f, struct fetch_clients_domain *d, const struct access_line *line)
{
	bool good = is_success(line);
	struct fetch_client *who;

	if (good && line->time > d->last)
		d->last = line->time;
	count_day(f, d, line, good);
	who = find_client(f, d, line);
	if (who == NULL) {
		f->dropped++;
		return;
	}
	if (good)
		who->fetched++;
	else
		who->failed++;
	if (line->time < who->first)
		who->first = line->time;
	if (line->time >= who->last) {
		who->last = line->time;
		who->last_status = line->status;
	}
}

void
fetch_clients_add_line(struct fetch_clients *f, const struct fetch_log *log, const char *line, size_t len)
{
	struct access_line parsed;
	struct fetch_clients_domain *d;
	const char *domain;
	char name[STS_DOMAIN_CAP];

	if (!access_log_parse(line, len, &parsed)) {
		f->unreadable++;
		return;
	}
	if (f->earliest == 0 || parsed.time < f->earliest)
		f->earliest = parsed.time;
	if (!is_policy_request(&parsed) || (parsed.port != 0 ? parsed.port == HTTP : log->is_http) ||
	    (domain = domain_of_line(&parsed, log, name)) == NULL)
		return;
	d = find_domain(f, domain);
	if (d != NULL)
		d->served |= is_success(&parsed);
	if (d == NULL)
		f->dropped++;
	else if (parsed.addr.family != 0 && f->is_own(f->own_arg, &parsed.addr))
		d->own++;
	else
		count(f, d, &parsed);
}

/* ---- order ---- */

static int
later_first(const struct fetch_client *a, const struct fetch_client *b)
{
	if (a->last != b->last)
		return a->last > b->last ? -1 : 1;
	return memcmp(&a->who, &b->who, sizeof(a->who));
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct fetch_clients_domain *)a)->name, ((const struct fetch_clients_domain *)b)->name);
}

/* Drops the domain without a name if nobody got a policy there: an HTTP log that redirects, another host's 404. */
static void
drop_guess(struct fetch_clients *f)
{
	for (size_t i = 0; i < f->domain_count && f->domain_count > 1; i++) {
		struct fetch_clients_domain *d = &f->domains[i];

		if (d->name[0] != '\0' || d->served)
			continue;
		free_domain(d);
		*d = f->domains[--f->domain_count];
		return;
	}
}

void
fetch_clients_sort(struct fetch_clients *f)
{
	drop_guess(f);
	for (size_t i = 0; i < f->domain_count; i++)
		HASH_SRT(hh, f->domains[i].list, later_first);
	if (f->domain_count > 1)
		qsort(f->domains, f->domain_count, sizeof(*f->domains), by_name);
}

bool
fetch_clients_is_silent(const struct fetch_clients_domain *d, int64_t now)
{
	return d->last < now - FETCH_CLIENTS_SILENCE_S;
}
