/* SPDX-License-Identifier: ISC */
/*
 * milterload.c - puts load on a milter, imitating Postfix faithfully, and reports what it cost.
 *
 * Closed loop: -c concurrent sessions, each followed at once by the next (1: one at a time). Open loop (--rate): sessions begin
 * at fixed times, whatever happens to earlier ones; at most -c are open, and those that begin late are counted.
 * Prints one line of key=value; the first error goes to stderr. Exit 0 when every message came back right, 1 when not.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "tests/bench/procstat.h"
#include "tests/bench/talk.h"

enum { WATCH_MS = 20, LATE_MS = 5, NS_PER_MS = 1000000 };

static const char usage[] =
    "usage: milterload [options] unix:PATH | inet:PORT@ADDRESS\n"
    "  -c N, --parallel=N        sessions at a time (1)\n"
    "  -m N, --messages=N        end after N messages\n"
    "  -s S, --seconds=S         end after S seconds; at least one of -m and -s\n"
    "  -S N, --session=N         messages a session (1); 0: STARTTLS, then QUIT, and sessions are counted as messages\n"
    "  -R N, --recipients=N      recipients a message (1)\n"
    "      --refused             all of them must be refused, and nothing comes after\n"
    "  -r R, --rate=R            open loop: R sessions a second\n"
    "  -t MS, --think=MS         pause between SMTP commands (0)\n"
    "  -n N, --headers=N         header fields a message (20)\n"
    "  -f N, --forged=N          X-MTA-STS fields among them (0)\n"
    "  -d N, --domains=N         sender domains, drawn by Zipf's law (1000)\n"
    "      --sweep               sender domains in turn\n"
    "      --plain               no STARTTLS\n"
    "  -o N, --offset=N          number of the first message: other numbers, other senders (0)\n"
    "  -H NAME, --header=NAME    every message must get one header of this name, at index 1\n"
    "  -e TAG, --expect=TAG      with this tag in it (may repeat; %d: the sender's domain)\n"
    "  -p PID, --pid=PID         the milter's process, for its costs\n";

struct load {
	struct talk_options talk;
	unsigned parallel;
	uint64_t messages, offset;	/* messages 0: no limit */
	int64_t length_ns;		/* 0: no limit */
	double rate;			/* 0: closed loop */
	pid_t pid;			/* 0: unknown */
	int64_t start_ns;
	atomic_uint_fast64_t next_session, late;
	atomic_uint running;
};

struct worker {
	struct load *load;
	pthread_t thread;
	struct talk talk;
};

struct cost {
	int64_t elapsed_ns, cpu_ns;
	long peak_threads;
	struct procstat end;
};

/* ---- options ---- */

static void
refuse(const char *what, const char *value)
{
	fprintf(stderr, "milterload: %s: %s\n%s", what, value, usage);
	exit(EX_USAGE);
}

static double
number(const char *name, const char *text, double low, double high)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (errno != 0 || end == text || *end != '\0' || !(value >= low && value <= high))
		refuse(name, text);
	return value;
}

static unsigned
count(const char *name, const char *text, unsigned low)
{
	return (unsigned)number(name, text, low, 1e9);
}

static void
add_expected(struct load *load, const char *tag)
{
	size_t i = 0;

	while (load->talk.expect[i] != NULL)
		i++;
	if (i == TALK_EXPECT_MAX)
		refuse("too many tags", tag);
	load->talk.expect[i] = tag;
}

enum { OPT_SWEEP = 256, OPT_PLAIN, OPT_REFUSED };

static void
set_option(struct load *load, int option, const char *value, unsigned *domains)
{
	switch (option) {
	case 'c': load->parallel = count("parallel", value, 1); break;
	case 'm': load->messages = count("messages", value, 1); break;
	case 's': load->length_ns = (int64_t)(number("seconds", value, 0.01, 86400) * 1e9); break;
	case 'S': load->talk.messages = count("session", value, 0); break;
	case 'R': load->talk.recipients = count("recipients", value, 1); break;
	case 'r': load->rate = number("rate", value, 0.1, 1e6); break;
	case 't': load->talk.think_ns = (int64_t)(number("think", value, 0, 60000) * 1e6); break;
	case 'n': load->talk.headers = count("headers", value, 0); break;
	case 'f': load->talk.forged = count("forged", value, 0); break;
	case 'd': *domains = count("domains", value, 1); break;
	case 'o': load->offset = count("offset", value, 0); break;
	case 'H': load->talk.insert_name = value; break;
	case 'e': add_expected(load, value); break;
	case 'p': load->pid = (pid_t)count("pid", value, 1); break;
	case OPT_SWEEP: load->talk.sweep = true; break;
	case OPT_PLAIN: load->talk.tls = false; break;
	case OPT_REFUSED: load->talk.refused = true; break;
	default:
		fputs(usage, stderr);
		exit(EX_USAGE);
	}
}

/* A session without a message counts as one. */
static unsigned
per_session(const struct load *load)
{
	return load->talk.messages > 0 ? load->talk.messages : 1;
}

static void
parse_options(struct load *load, int argc, char **argv)
{
	static const struct option options[] = {
		{ "parallel", required_argument, NULL, 'c' }, { "messages", required_argument, NULL, 'm' },
		{ "seconds", required_argument, NULL, 's' }, { "session", required_argument, NULL, 'S' },
		{ "rate", required_argument, NULL, 'r' }, { "think", required_argument, NULL, 't' },
		{ "headers", required_argument, NULL, 'n' }, { "forged", required_argument, NULL, 'f' },
		{ "domains", required_argument, NULL, 'd' }, { "offset", required_argument, NULL, 'o' },
		{ "header", required_argument, NULL, 'H' }, { "expect", required_argument, NULL, 'e' },
		{ "pid", required_argument, NULL, 'p' }, { "sweep", no_argument, NULL, OPT_SWEEP },
		{ "plain", no_argument, NULL, OPT_PLAIN }, { "recipients", required_argument, NULL, 'R' },
		{ "refused", no_argument, NULL, OPT_REFUSED }, { NULL, 0, NULL, 0 },
	};
	unsigned domains = 1000;
	int option;

	load->parallel = 1;
	load->talk.messages = 1;
	load->talk.recipients = 1;
	load->talk.headers = 20;
	load->talk.tls = true;
	while ((option = getopt_long(argc, argv, "c:m:s:S:R:r:t:n:f:d:o:H:e:p:", options, NULL)) != -1)
		set_option(load, option, optarg, &domains);
	if (optind != argc - 1 || !mta_target_parse(argv[optind], &load->talk.target))
		refuse("one address is needed", optind < argc ? argv[optind] : "none given");
	if (load->messages == 0 && load->length_ns == 0)
		refuse("no end", "-m or -s is needed");
	if (load->messages % per_session(load) != 0)
		refuse("--messages", "must be a multiple of --session");
	if (!zipf_init(&load->talk.zipf, domains)) {
		fprintf(stderr, "milterload: out of memory\n");
		exit(EX_OSERR);
	}
}

/* ---- load ---- */

/* When the session of this number begins; false when there is none. */
static bool
schedule(const struct load *load, uint64_t session, int64_t *begin_ns)
{
	int64_t now = talk_now_ns();

	if (load->messages != 0 && session * per_session(load) >= load->messages)
		return false;
	*begin_ns = load->rate == 0 ? now : load->start_ns + (int64_t)((double)session * 1e9 / load->rate);
	return load->length_ns == 0 || *begin_ns < load->start_ns + load->length_ns;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct load *load = w->load;
	int64_t begin_ns;

	for (;;) {
		uint64_t session = atomic_fetch_add(&load->next_session, 1);

		if (!schedule(load, session, &begin_ns))
			break;
		if (load->rate != 0) {
			if (talk_now_ns() > begin_ns + (int64_t)LATE_MS * NS_PER_MS)
				atomic_fetch_add(&load->late, 1);
			talk_sleep_until(begin_ns);
		}
		talk_session(&w->talk, load->offset + session * per_session(load));
	}
	atomic_fetch_sub(&load->running, 1);
	return NULL;
}

static void
watch(struct load *load, struct cost *cost)
{
	struct procstat now;

	while (atomic_load(&load->running) > 0) {
		if (load->pid != 0 && procstat_read(load->pid, &now) && now.threads > cost->peak_threads)
			cost->peak_threads = now.threads;
		talk_sleep_until(talk_now_ns() + (int64_t)WATCH_MS * NS_PER_MS);
	}
}

static void
run(struct load *load, struct worker *workers, struct cost *cost)
{
	int64_t before = 0, after = 0;

	*cost = (struct cost){ .cpu_ns = -1 };
	if (load->pid != 0 && !procstat_cpu(load->pid, &before))
		refuse("no such process", "--pid");
	atomic_store(&load->running, load->parallel);
	load->start_ns = talk_now_ns();
	for (unsigned i = 0; i < load->parallel; i++) {
		workers[i].load = load;
		talk_init(&workers[i].talk, &load->talk);
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
			fprintf(stderr, "milterload: cannot start thread %u\n", i);
			exit(EX_OSERR);
		}
	}
	watch(load, cost);
	for (unsigned i = 0; i < load->parallel; i++)
		pthread_join(workers[i].thread, NULL);
	cost->elapsed_ns = talk_now_ns() - load->start_ns;
	if (load->pid != 0 && procstat_cpu(load->pid, &after) && procstat_read(load->pid, &cost->end))
		cost->cpu_ns = after - before;
}

/* ---- report ---- */

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Nearest rank, in microseconds. */
static double
percentile(const int64_t *sorted, uint64_t n, double share)
{
	uint64_t rank = (uint64_t)(share * (double)n);

	if (n == 0)
		return 0;
	return (double)sorted[rank < n ? rank : n - 1] / 1e3;
}

/* All workers' times in one sorted array, which the caller frees. */
static int64_t *
merge(const struct worker *workers, unsigned n, uint64_t total)
{
	int64_t *all = calloc(total + 1, sizeof(*all));
	uint64_t used = 0;

	if (all == NULL) {
		fprintf(stderr, "milterload: out of memory\n");
		exit(EX_OSERR);
	}
	for (unsigned i = 0; i < n; i++) {
		if (workers[i].talk.done > 0)
			memcpy(all + used, workers[i].talk.eom_ns, workers[i].talk.done * sizeof(*all));
		used += workers[i].talk.done;
	}
	qsort(all, total, sizeof(*all), compare);
	return all;
}

static void
print_report(struct load *load, const struct worker *workers, const struct cost *cost)
{
	const struct mta *mta = &workers[0].talk.mta;
	uint64_t done = 0, errors = 0;
	double seconds = (double)cost->elapsed_ns / 1e9;
	int64_t *all;

	for (unsigned i = 0; i < load->parallel; i++) {
		if (errors == 0 && workers[i].talk.errors > 0)
			fprintf(stderr, "milterload: %s\n", workers[i].talk.first_error);
		done += workers[i].talk.done;
		errors += workers[i].talk.errors;
	}
	all = merge(workers, load->parallel, done);
	printf("messages=%" PRIu64 " errors=%" PRIu64 " late=%" PRIuFAST64 " seconds=%.3f rate=%.1f cpu_us=%.1f "
	       "eom_p50_us=%.1f eom_p99_us=%.1f eom_p999_us=%.1f rss_kib=%ld peak_rss_kib=%ld threads=%ld "
	       "actions=0x%x steps=0x%x symlists=%u\n",
	    done, errors, atomic_load(&load->late), seconds, (double)done / seconds,
	    cost->cpu_ns < 0 || done == 0 ? -1.0 : (double)cost->cpu_ns / 1e3 / (double)done, percentile(all, done, 0.5),
	    percentile(all, done, 0.99), percentile(all, done, 0.999), cost->end.rss_kib, cost->end.peak_rss_kib,
	    cost->peak_threads, (unsigned)mta->actions, (unsigned)mta->steps, mta->symlists);
	free(all);
	if (errors > 0 || done == 0)
		exit(1);
}

int
main(int argc, char **argv)
{
	struct load load = { 0 };
	struct worker *workers;
	struct cost cost;

	parse_options(&load, argc, argv);
	workers = calloc(load.parallel, sizeof(*workers));
	if (workers == NULL) {
		fprintf(stderr, "milterload: out of memory\n");
		return EX_OSERR;
	}
	run(&load, workers, &cost);
	print_report(&load, workers, &cost);
	for (unsigned i = 0; i < load.parallel; i++)
		talk_fini(&workers[i].talk);
	free(workers);
	zipf_fini(&load.talk.zipf);
	return 0;
}
