/* SPDX-License-Identifier: ISC */
/*
 * fake_netloop.h - replaces sts_net_loop at link time: the network of fake_net.h behind a loop that waits and wakes like the
 * real one. One instance per process.
 */
#ifndef FAKE_NETLOOP_H
#define FAKE_NETLOOP_H

#include <stdbool.h>

#include "tests/fake/fake_net.h"

/* Starts with a new fake network. */
void fake_netloop_reset(void);
/* The fake network: may be accessed only before the loop's thread starts and after it has ended. Its clock is not
 * used. */
struct fake_net *fake_netloop_world(void);

/* The network withholds its answers. Any thread. */
void fake_netloop_hold(bool hold);
/* The loop's thread hangs in its wait. Any thread. */
void fake_netloop_freeze(bool freeze);
/* Number of wakeups. Any thread. */
unsigned fake_netloop_wakeups(void);
/* The next sts_net_loop_new fails for want of memory. */
void fake_netloop_fail(void);

#endif
