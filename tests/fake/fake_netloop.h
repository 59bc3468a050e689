/* SPDX-License-Identifier: ISC */
/*
 * fake_netloop.h - sts_net_loop replaced at link time: the world of fake_net.h behind a loop that waits and wakes like the
 * real one. One world a process.
 */
#ifndef FAKE_NETLOOP_H
#define FAKE_NETLOOP_H

#include <stdbool.h>

#include "tests/fake/fake_net.h"

/* A new world. */
void fake_netloop_reset(void);
/* What is said and what was asked: to be touched only before the loop's thread starts and after it has ended. Its clock is
 * not used. */
struct fake_net *fake_netloop_world(void);

/* The network keeps its answers back. Any thread. */
void fake_netloop_hold(bool hold);
/* The loop's thread gets stuck where it waits. Any thread. */
void fake_netloop_freeze(bool freeze);
/* How often it was woken. Any thread. */
unsigned fake_netloop_wakeups(void);
/* The next sts_net_loop_new finds no memory. */
void fake_netloop_fail(void);

#endif
