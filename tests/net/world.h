/* SPDX-License-Identifier: ISC */
/* world.h - starts and stops the servers of servers.py for a test program. */
#ifndef NET_WORLD_H
#define NET_WORLD_H

#include <stdio.h>
#include <sys/types.h>

struct world {
	pid_t pid;
	FILE *to, *from;
	unsigned https, dns, hole, quirks;	/* ports */
	char ca[256];				/* path of the CA's certificate */
};

/* 0: they run; 77: a program that they need is missing; 1: other errors. program: path of servers.py. */
int world_start(struct world *world, const char *program);
/* Stops the servers and waits for them; 0 if they exited cleanly. */
int world_stop(struct world *world);
/* How many connections the policy hosts have accepted so far. */
long world_count(struct world *world);

#endif
