/* SPDX-License-Identifier: ISC */
/* world.h - the servers of servers.py, as a test program sees them. */
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

/* 0; 77 when a program that the servers need is missing; 1 otherwise. program: path of servers.py. */
int world_start(struct world *world, const char *program);
/* Ends the servers and waits for them; 0 when they ended well. */
int world_stop(struct world *world);
/* How many connections the policy hosts have accepted so far. */
long world_count(struct world *world);

#endif
