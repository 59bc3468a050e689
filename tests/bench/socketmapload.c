/* SPDX-License-Identifier: ISC */
/*
 * socketmapload.c - imitates many smtp(8) at once: connections that each ask a question, wait for the answer, and ask the next.
 *
 *   socketmapload [-c CONNECTIONS] [-s SECONDS] [-r PER-SECOND] [-d DOMAINS] [-k domain|parent|address] [-w] PATH
 *
 * -r: that many questions a second in all, at even intervals, instead of as many as there are answers. -w: each domain once, in order,
 * then stops. Prints one line of NAME=VALUE.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, CONNECTIONS_MAX = 4000, REPLY_MAX = 4096, HISTOGRAM_US = 2000000 };
enum kind { DOMAIN, PARENT, ADDRESS };

struct connection {
	int fd;
	bool busy;
	int64_t asked_ns;
	size_t have;
	char reply[REPLY_MAX];
};

struct load {
	int epoll;
	unsigned count, domains, next_domain, idle_from;
	double seconds, rate;
	enum kind kind;
	bool once;
	uint64_t random, asked, answered, errors, found;
	struct connection *connections;
	uint32_t *histogram;
};

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static unsigned
choose(struct load *l)
{
	if (l->once)
		return l->next_domain++;
	l->random = l->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(l->random >> 33) % l->domains;
}

static void
ask(struct load *l, struct connection *c)
{
	char key[80], text[100];
	unsigned n = choose(l);
	int len;

	if (l->kind == ADDRESS)
		snprintf(key, sizeof(key), "postfix [192.0.2.%u]", n % 256);
	else
		snprintf(key, sizeof(key), "postfix %sd%06u.bench.test", l->kind == PARENT ? "." : "", n);
	len = snprintf(text, sizeof(text), "%zu:%s,", strlen(key), key);
	c->busy = true;
	c->have = 0;
	c->asked_ns = now_ns();
	l->asked++;
	if (write(c->fd, text, (size_t)len) != len)
		l->errors++;
}

static void
take(struct load *l, struct connection *c)
{
	ssize_t n = read(c->fd, c->reply + c->have, sizeof(c->reply) - 1 - c->have);
	int64_t us;
	char *colon;
	long len;

	if (n <= 0) {
		fprintf(stderr, "socketmapload: a connection was closed\n");
		exit(1);
	}
	c->have += (size_t)n;
	c->reply[c->have] = '\0';
	colon = strchr(c->reply, ':');
	if (colon == NULL)
		return;
	len = strtol(c->reply, NULL, 10);
	if (c->have < (size_t)(colon - c->reply) + 1 + (size_t)len + 1)
		return;
	l->found += strncmp(colon + 1, "OK ", 3) == 0;
	l->errors += strncmp(colon + 1, "OK ", 3) != 0 && strncmp(colon + 1, "NOTFOUND ", 9) != 0;
	us = (now_ns() - c->asked_ns) / 1000;
	l->histogram[us < HISTOGRAM_US ? us : HISTOGRAM_US - 1]++;
	l->answered++;
	c->busy = false;
}

static void
open_all(struct load *l, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		exit(2);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	for (unsigned i = 0; i < l->count; i++) {
		struct connection *c = &l->connections[i];
		struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = c } };

		c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0 ||
		    epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) {
			perror("socketmapload");
			exit(1);
		}
	}
}

static bool
is_done(const struct load *l, int64_t begun_ns)
{
	if (l->once)
		return l->next_domain >= l->domains;
	return (double)(now_ns() - begun_ns) / 1e9 >= l->seconds;
}

/* Asks the questions due by now, on idle connections. */
static void
ask_due(struct load *l, int64_t begun_ns)
{
	uint64_t due = (uint64_t)((double)(now_ns() - begun_ns) / 1e9 * l->rate);

	for (unsigned tried = 0; l->asked < due && tried < l->count; tried++) {
		struct connection *c = &l->connections[l->idle_from++ % l->count];

		if (!c->busy)
			ask(l, c);
	}
}

static void
run(struct load *l)
{
	struct epoll_event events[EVENTS];
	int64_t begun_ns = now_ns();

	for (unsigned i = 0; i < l->count && l->rate == 0 && !is_done(l, begun_ns); i++)
		ask(l, &l->connections[i]);
	while (!is_done(l, begun_ns) || (l->once && l->answered < l->asked)) {
		int count = epoll_wait(l->epoll, events, EVENTS, l->rate > 0 ? 0 : 1000);

		for (int i = 0; i < count; i++) {
			struct connection *c = events[i].data.ptr;

			take(l, c);
			if (!c->busy && l->rate == 0 && !is_done(l, begun_ns))
				ask(l, c);
		}
		if (l->rate > 0)
			ask_due(l, begun_ns);
	}
	l->seconds = (double)(now_ns() - begun_ns) / 1e9;
}

static unsigned
percentile(const struct load *l, double part)
{
	uint64_t sum = 0;

	for (unsigned us = 0; us < HISTOGRAM_US; us++) {
		sum += l->histogram[us];
		if ((double)sum >= part * (double)l->answered)
			return us;
	}
	return HISTOGRAM_US;
}

int
main(int argc, char **argv)
{
	struct load l = { .count = 10, .domains = 1000, .seconds = 3, .random = 42, .epoll = epoll_create1(0) };
	int o;

	while ((o = getopt(argc, argv, "c:s:r:d:k:w")) != -1) {
		if (o == 'c')
			l.count = (unsigned)atoi(optarg);
		else if (o == 's')
			l.seconds = atof(optarg);
		else if (o == 'r')
			l.rate = atof(optarg);
		else if (o == 'd')
			l.domains = (unsigned)atoi(optarg);
		else if (o == 'k')
			l.kind = strcmp(optarg, "parent") == 0 ? PARENT : strcmp(optarg, "address") == 0 ? ADDRESS : DOMAIN;
		else if (o == 'w')
			l.once = true;
		else
			return 2;
	}
	if (optind + 1 != argc || l.count == 0 || l.count > CONNECTIONS_MAX || l.domains == 0)
		return 2;
	l.connections = calloc(l.count, sizeof(*l.connections));
	l.histogram = calloc(HISTOGRAM_US, sizeof(*l.histogram));
	if (l.connections == NULL || l.histogram == NULL)
		return 1;
	open_all(&l, argv[optind]);
	run(&l);
	printf("rate=%.0f answered=%llu found=%llu errors=%llu p50_us=%u p99_us=%u p999_us=%u\n", (double)l.answered / l.seconds,
	    (unsigned long long)l.answered, (unsigned long long)l.found, (unsigned long long)l.errors, percentile(&l, .5),
	    percentile(&l, .99), percentile(&l, .999));
	return l.errors == 0 ? 0 : 1;
}
