/* SPDX-License-Identifier: ISC */
/*
 * listener.h - servers on a loopback port, each with a thread, that are not Redis: one that stands between a client and a
 * redis-server and cuts the line, and one that misbehaves by itself. One connection at a time.
 */
#ifndef TESTS_LISTENER_H
#define TESTS_LISTENER_H

#include "shared-cache/names/endpoint.h"

struct listener;

/* Passes everything on to the unix socket of target. Once listener_cut is set to n > 0, every n-th piece of an answer is not
 * passed on: the line is cut on both sides instead, when the server has done what it was asked. */
struct listener *listener_proxy(const struct sts_endpoint *target);
void listener_cut(struct listener *listener, unsigned every);

enum misbehaviour {
	ANSWERS,	/* text, whenever something arrives */
	DRIPS,		/* text, and then one byte after the other for ever */
	FLOODS,		/* text, and then bytes as fast as they go */
	HANGS_UP,	/* at once */
};

/* Text is not copied. */
struct listener *listener_fake(enum misbehaviour what, const char *text);

struct sts_endpoint listener_endpoint(const struct listener *listener);
void listener_end(struct listener **listener);

#endif
