/* SPDX-License-Identifier: ISC */
/*
 * listener.h - servers other than Redis, on a loopback port, each with a thread: a proxy to a redis-server that cuts
 * connections, and a fake that misbehaves. One connection at a time.
 */
#ifndef TESTS_LISTENER_H
#define TESTS_LISTENER_H

#include "shared-cache/names/endpoint.h"

struct listener;

/* Passes everything on to target's unix socket. After listener_cut with n > 0, every n-th piece of a reply is not passed on:
 * both connections are closed instead, when the server has already executed the command. */
struct listener *listener_proxy(const struct sts_endpoint *target);
void listener_cut(struct listener *listener, unsigned every);

enum misbehaviour {
	ANSWERS,	/* text, whenever something arrives */
	DRIPS,		/* text, and then single bytes for ever */
	FLOODS,		/* text, and then bytes as fast as possible */
	HANGS_UP,	/* closes the connection at once */
};

/* Text is not copied. */
struct listener *listener_fake(enum misbehaviour what, const char *text);

struct sts_endpoint listener_endpoint(const struct listener *listener);
void listener_end(struct listener **listener);

#endif
