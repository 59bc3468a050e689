/* SPDX-License-Identifier: ISC */
/*
 * answerer.h - a DNS server for the benchmarks, in a thread of its own on a port of 127.0.0.1: as fast as a socket is.
 *
 *   below policy.test   a TXT record at _mta-sts.D; the policy host is at 127.0.0.1
 *   below hung.test     the same, at 127.0.0.2
 *   below silent.test   no answer
 *   all other names     do not exist
 */
#ifndef ANSWERER_H
#define ANSWERER_H

#include <stdbool.h>
#include <stdint.h>

struct answerer;

/* NULL without a socket, thread or memory. */
struct answerer *answerer_start(void);
void answerer_stop(struct answerer *answerer);
uint16_t answerer_port(const struct answerer *answerer);
/* Questions received so far. */
unsigned long answerer_questions(const struct answerer *answerer);

#endif
