/* SPDX-License-Identifier: ISC */
/*
 * discovery.c - measures messages from unknown domains, as the milter's sessions hand them to the cache: how long they wait, how
 * many are answered in time, and which traffic delays which.
 *
 * usage: discovery [https-port ca-file redis-port far-redis-port]; without them, the parts that need servers are left out.
 * run-discovery supplies them all; the second Redis is the first, some milliseconds away.
 * DNS is a thread of this process; nothing leaves the loopback interface.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/cache/cache.h"
#include "shared-cache/fetcher/fetcher.h"
#include "tests/bench/answerer.h"

enum { POLICIES = 2000, POLICY_WAIT_MS = 2000, MAILERS_MAX = 400, US = 1000 };

struct place {
	struct answerer *dns;
	char servers[32];
	uint16_t https;
	const char *ca_file;
	uint16_t redis, far_redis;
	unsigned first;			/* number of the next new domain */
	bool again;			/* use the domains of the previous part */
	unsigned first_policy;		/* the same below policy.test: the web server knows the first POLICIES */
};

/* Messages of one kind. */
struct stream {
	const char *zone;
	unsigned client;		/* its network */
	unsigned mailers;		/* concurrent sessions */
	double rate;			/* messages a second; 0: as fast as the sessions can */
	unsigned messages;
	int64_t abort_ms;		/* after this the client disconnects; 0: never */
	/* results */
	struct sts_cache *cache;
	unsigned first;
	int64_t began_us;
	atomic_uint next, answered, pending, overload;
	int64_t *wait_us;		/* of each message; -1: not answered */
};

static void
require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "discovery: %s\n", what);
	exit(1);
}

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
sleep_until_us(int64_t us)
{
	struct timespec ts = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0)
		continue;
}

/* ---- messages ---- */

static void
note(struct stream *s, unsigned n, const struct sts_answer *answer, int64_t began_us)
{
	if (answer->entry != NULL) {
		s->wait_us[n] = now_us() - began_us;
		atomic_fetch_add(&s->answered, 1);
		return;
	}
	s->wait_us[n] = -1;
	atomic_fetch_add(answer->reason == STS_REASON_OVERLOAD ? &s->overload : &s->pending, 1);
}

static void
send_one(struct stream *s, unsigned n)
{
	const struct sts_ipaddr client = { .bytes = { 198, 51, (uint8_t)s->client, (uint8_t)n }, .family = 4 };
	int64_t began_us = s->rate > 0 ? s->began_us + (int64_t)(1e6 * n / s->rate) : now_us();
	struct sts_lookup *lookup;
	struct sts_answer answer;
	char domain[80];

	sleep_until_us(began_us);
	snprintf(domain, sizeof(domain), "n%u.%s", s->first + n, s->zone);
	require(sts_cache_lookup(s->cache, domain, &client, &lookup) == STS_OK, "look-up");
	/* Late sessions have less time left: the mail server counts from when the client sent its command. */
	sts_lookup_wait(lookup, (began_us / US) + (s->abort_ms > 0 ? s->abort_ms : POLICY_WAIT_MS), &answer);
	note(s, n, &answer, began_us);
	sts_lookup_release(&lookup);
}

static void *
send_mail(void *arg)
{
	struct stream *s = arg;
	unsigned n;

	while ((n = atomic_fetch_add(&s->next, 1)) < s->messages)
		send_one(s, n);
	return NULL;
}

static int
by_size(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of the answered messages, whose times are sorted. */
static double
percentile_ms(const struct stream *s, double part)
{
	unsigned n = atomic_load(&s->answered);

	return n == 0 ? 0 : (double)s->wait_us[s->messages - n + (unsigned)(part * (n - 1))] / US;
}

/* Runs all streams at the same time, with a new cache. */
static double
run(struct place *place, const struct sts_cache_params *params, struct stream *streams, size_t count)
{
	static pthread_t threads[MAILERS_MAX];
	struct sts_cache *cache;
	size_t started = 0;
	int64_t began_us;
	unsigned *first;
	double took;

	require(sts_cache_new(params, &cache) == STS_OK && sts_cache_start(cache) == STS_OK, "cache");
	began_us = now_us() + 50 * US;
	for (size_t i = 0; i < count; i++) {
		struct stream *s = &streams[i];

		s->cache = cache;
		first = strcmp(s->zone, "policy.test") == 0 ? &place->first_policy : &place->first;
		if (place->again)
			*first -= s->messages;
		s->first = *first;
		*first += s->messages;
		s->began_us = began_us;
		s->wait_us = calloc(s->messages, sizeof(*s->wait_us));
		require(s->wait_us != NULL && started + s->mailers <= MAILERS_MAX, "memory");
		for (unsigned k = 0; k < s->mailers; k++)
			require(pthread_create(&threads[started++], NULL, send_mail, s) == 0, "thread");
	}
	while (started > 0)
		pthread_join(threads[--started], NULL);
	took = (double)(now_us() - began_us) / 1e6;
	for (size_t i = 0; i < count; i++)
		qsort(streams[i].wait_us, streams[i].messages, sizeof(int64_t), by_size);
	sts_cache_stop(&cache);
	return took;
}

static struct sts_cache_params
defaults(const struct place *place)
{
	return (struct sts_cache_params){
		.net = { .dns_servers = place->servers, .ca_file = place->ca_file, .dns_timeout_ms = 5000, .fetch_timeout_ms = 10000,
		    .policy_port = place->https, .allow_private_addresses = true },
		.store = { .endpoint = { .kind = STS_ENDPOINT_NONE } },
		.entries = 100000,
		.dns_concurrency = 512, .dns_rate = 5000,
		.fetch_concurrency = 64, .fetch_rate = 50, .fetch_per_host = 8,
		.negative_ttl_min_s = 300, .negative_ttl_max_s = 3600, .failure_ttl_s = 300,
		.refresh_s = 86400, .recheck_s = 3600,
	};
}

static void
print(const char *what, const struct stream *s, double took)
{
	printf("%-52s %5u of %5u answered  pending %5u  overload %5u  in %5.2f s  wait p50 %7.2f  p99 %7.2f ms\n", what,
	    atomic_load(&s->answered), s->messages, atomic_load(&s->pending), atomic_load(&s->overload), took,
	    percentile_ms(s, 0.5), percentile_ms(s, 0.99));
	fflush(stdout);
}

static void
fini(struct stream *streams, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(streams[i].wait_us);
}

static void
alone(struct place *place, const char *what, const struct sts_cache_params *params, struct stream stream)
{
	double took = run(place, params, &stream, 1);

	print(what, &stream, took);
	fini(&stream, 1);
}

/* ---- the parts ---- */

static void
from_nothing(struct place *place)
{
	struct sts_cache_params params = defaults(place);

	alone(place, "1,000 absent domains, 10 sessions", &params,
	    (struct stream){ .zone = "absent.test", .mailers = 10, .messages = 1000 });
	alone(place, "1,800 absent domains, 150 sessions", &params,
	    (struct stream){ .zone = "absent.test", .mailers = 150, .messages = 1800 });
}

static double
cpu_us(void)
{
	double sum = 0;

	for (int who = 0; who < 2; who++) {
		struct rusage used;

		getrusage(who == 0 ? RUSAGE_SELF : RUSAGE_CHILDREN, &used);
		sum += 1e6 * (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
	}
	return sum;
}

/* As fast as possible; CPU time includes the fetch process, its start, and loading the certificates. */
static void
policies(struct place *place, const char *what, const char *program, struct stream stream)
{
	struct sts_cache_params params = defaults(place);
	const struct sts_fetcher_params means = { .program = program, .ca_file = place->ca_file, .port = place->https,
		.allow_special = true };
	struct sts_fetcher *fetcher = NULL;
	double before_us = cpu_us();

	params.fetch_rate = 10000;
	params.fetch_per_host = params.fetch_concurrency;
	require(program == NULL || sts_fetcher_new(&means, &fetcher) == STS_OK, "fetch process");
	params.net.backend = fetcher == NULL ? NULL : sts_fetcher_backend(fetcher);
	alone(place, what, &params, stream);
	sts_fetcher_free(&fetcher);
	printf("%-52s %5.0f us of CPU time each\n", "", (cpu_us() - before_us) / stream.messages);
}

static void
two_processes(struct place *place)
{
	const struct stream one = { .zone = "policy.test", .mailers = 1, .messages = 100 };
	const struct stream many = { .zone = "policy.test", .mailers = 32, .messages = 300 };
	const char *program = getenv("STS_FETCHER");

	if (place->https == 0)
		return;
	policies(place, "100 policies, one by one, in this process", NULL, one);
	policies(place, "300 policies, 32 sessions, in this process", NULL, many);
	if (program == NULL)
		return;
	policies(place, "100 policies, one by one, fetch process", program, one);
	policies(place, "300 policies, 32 sessions, fetch process", program, many);
}

/* A bucket holds a second's worth, which is subtracted: only the lasting rate counts. */
static void
twice(struct place *place, const char *what, const struct sts_cache_params *params, const char *zone, double capacity)
{
	enum { SECONDS = 8 };
	struct stream s = { .zone = zone, .mailers = MAILERS_MAX, .rate = 2 * capacity, .messages = (unsigned)(2 * capacity * SECONDS) };
	double took = run(place, params, &s, 1);
	double lasting = atomic_load(&s.answered) - capacity;

	print(what, &s, took);
	printf("%-52s %5.0f %% of the capacity\n", "   goodput", 100 * lasting / (capacity * took));
	fini(&s, 1);
}

static void
over_capacity(struct place *place)
{
	struct sts_cache_params dns = defaults(place), web = defaults(place);

	dns.dns_rate = 80;
	web.fetch_rate = 50;
	web.fetch_per_host = web.fetch_concurrency;	/* all of them are at one address */
	twice(place, "DNS, 80 a second, 160 offered", &dns, "absent.test", 80);
	if (place->https != 0)
		twice(place, "policies, 50 a second, 100 offered", &web, "policy.test", 50);
}

static void
beside(struct place *place, const char *what, const struct sts_cache_params *params, struct stream flood)
{
	struct stream streams[2] = { { .zone = "absent.test", .client = 2, .mailers = 50, .rate = 100, .messages = 600 }, flood };
	double took = run(place, params, streams, flood.messages > 0 ? 2 : 1);

	print(what, &streams[0], took);
	fini(streams, flood.messages > 0 ? 2 : 1);
}

static void
floods(struct place *place)
{
	struct sts_cache_params params = defaults(place), slow = defaults(place);

	beside(place, "healthy new domains, calm", &params, (struct stream){ .messages = 0 });
	beside(place, "   beside a silent zone, 20 a second, aborted", &params,
	    (struct stream){ .zone = "silent.test", .client = 1, .mailers = 4, .rate = 20, .messages = 120, .abort_ms = 150 });
	beside(place, "   beside a silent zone, 500 a second, aborted", &params,
	    (struct stream){ .zone = "silent.test", .client = 1, .mailers = 200, .rate = 500, .messages = 3000, .abort_ms = 150 });
	slow.dns_rate = 500;
	beside(place, "   beside 1,000 absent domains a second (rate 500)", &slow,
	    (struct stream){ .zone = "flood.test", .client = 1, .mailers = 300, .rate = 1000, .messages = 6000, .abort_ms = 250 });
}

/* A listener that nobody serves: the kernel accepts connections, and nothing is sent. */
static int
hung_listener(uint16_t port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	inet_pton(AF_INET, "127.0.0.2", &addr.sin_addr);
	require(fd != -1 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 && listen(fd, 512) == 0, "listener");
	return fd;
}

static void
hung_host(struct place *place)
{
	struct sts_cache_params params = defaults(place);
	struct stream streams[2] = {
		{ .zone = "policy.test", .client = 2, .mailers = 40, .rate = 20, .messages = 160 },
		{ .zone = "hung.test", .client = 1, .mailers = 100, .rate = 20, .messages = 160, .abort_ms = 2000 },
	};
	int fd;
	double took;

	if (place->https == 0)
		return;
	took = run(place, &params, streams, 1);
	print("new domains with a policy, calm", &streams[0], took);
	free(streams[0].wait_us);
	streams[0] = (struct stream){ .zone = "policy.test", .client = 2, .mailers = 40, .rate = 20, .messages = 160 };
	fd = hung_listener(place->https);
	took = run(place, &params, streams, 2);
	print("   beside 20 a second whose policy host hangs", &streams[0], took);
	fini(streams, 2);
	(void)close(fd);
}

/* With an empty Redis, and then again with a new cache, like another process, which finds everything in Redis. */
static void
beside_redis(struct place *place, const char *what, const char *again, uint16_t port)
{
	struct sts_cache_params params = defaults(place);
	const struct stream stream = { .zone = "absent.test", .mailers = 150, .messages = 1000 };
	unsigned long before;

	if (port == 0)
		return;
	params.store = (struct sts_store_params){ .endpoint = { .kind = STS_ENDPOINT_TCP, .host = "127.0.0.1", .port = port },
		.username = "", .password = "", .prefix = "mta-sts:", .timeout_ms = 250, .stats_days = 90, .stream_maxlen = 1000,
		.node = "bench" };
	alone(place, what, &params, stream);
	before = answerer_questions(place->dns);
	place->again = true;
	alone(place, again, &params, stream);
	place->again = false;
	printf("%-52s %5lu questions to DNS\n", "", answerer_questions(place->dns) - before);
}

int
main(int argc, char **argv)
{
	struct place place = { .ca_file = "" };
	struct rlimit files = { 8192, 8192 };

	if (argc == 5) {
		place.https = (uint16_t)atoi(argv[1]);
		place.ca_file = argv[2];
		place.redis = (uint16_t)atoi(argv[3]);
		place.far_redis = (uint16_t)atoi(argv[4]);
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	place.dns = answerer_start();
	require(place.dns != NULL, "DNS");
	snprintf(place.servers, sizeof(place.servers), "127.0.0.1:%u", answerer_port(place.dns));
	from_nothing(&place);
	two_processes(&place);
	beside_redis(&place, "   the same with Redis, 1,000", "   once more, out of Redis", place.redis);
	beside_redis(&place, "   the same with Redis 5 ms away, 1,000", "   once more, out of Redis 5 ms away", place.far_redis);
	over_capacity(&place);
	hung_host(&place);
	require(place.first_policy <= POLICIES, "more policies than the web server knows");
	floods(&place);
	answerer_stop(place.dns);
	return 0;
}
