/* SPDX-License-Identifier: ISC */
/*
 * mta_filter.c - compiles networks into a classic BPF program. Knows nothing of the protocol.
 *
 * Offsets are relative to the network header (SKF_NET_OFF), since the filter of a TCP socket sees a packet from its TCP header on.
 * Jumps reach only 255 instructions, so each network's block is left by short jumps to the next block.
 */
#include "config.h"

#include "milter/daemon/mta_filter.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
	PASS = 0xffff,			/* bytes of the packet: all */
	BLOCK_MAX = 4 * 3 + 1,		/* instructions for one network */
	V4_SOURCE = 12, V6_SOURCE = 8,	/* in the IP header */
	V4_WORDS = 1, V6_WORDS = 4,
};

struct writer {
	struct sock_filter *program;
	size_t len;
	bool overflow;
};

static void
add(struct writer *w, struct sock_filter instruction)
{
	w->overflow = w->overflow || w->len == MTA_FILTER_MAX;
	if (!w->overflow)
		w->program[w->len++] = instruction;
}

static uint32_t
word_of(const struct sts_ipaddr *addr, unsigned word)
{
	const uint8_t *b = addr->bytes + 4 * word;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Compares the address with the first and last address of the network word by word: since a network is a prefix, that is enough. */
static void
add_network(struct writer *w, unsigned family, const struct sts_ipaddr *first, const struct sts_ipaddr *last)
{
	unsigned words = family == 4 ? V4_WORDS : V6_WORDS, source = family == 4 ? V4_SOURCE : V6_SOURCE;
	struct sock_filter block[BLOCK_MAX];
	uint8_t n = 0;

	for (unsigned i = 0; i < words; i++) {
		uint32_t from = word_of(first, i), to = word_of(last, i);

		if (from == 0 && to == UINT32_MAX)
			continue;
		block[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_NET_OFF + source + 4 * i);
		if (from == to) {
			block[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, from, 0, 1);
			continue;
		}
		block[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, from, 0, 1);
		block[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, to, 1, 0);
	}
	block[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, PASS);
	for (uint8_t i = 0; i < n; i++) {
		/* 1 stands for `not in this network'. Jumps count from the next instruction. */
		if (BPF_CLASS(block[i].code) == BPF_JMP && block[i].jt == 1)
			block[i].jt = (uint8_t)(n - i - 1);
		if (BPF_CLASS(block[i].code) == BPF_JMP && block[i].jf == 1)
			block[i].jf = (uint8_t)(n - i - 1);
		add(w, block[i]);
	}
}

static void
add_family(struct writer *w, const struct sts_netlist *mtas, unsigned family)
{
	struct sts_ipaddr first, last;

	for (size_t i = 0; i < sts_netlist_count(mtas); i++) {
		sts_netlist_range(mtas, i, &first, &last);
		if (first.family == family)
			add_network(w, family, &first, &last);
	}
	add(w, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0));
}

/* An IPv6 socket may also get IPv4 packets: the version is read from the packet. */
size_t
mta_filter_make(const struct sts_netlist *mtas, struct sock_filter program[MTA_FILTER_MAX])
{
	struct writer w = { program, 0, false };
	size_t jump;

	add(&w, (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF));
	add(&w, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0));
	add(&w, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40, 1, 0));
	jump = w.len;
	add(&w, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	add_family(&w, mtas, 4);
	program[jump].k = (uint32_t)(w.len - jump - 1);
	add_family(&w, mtas, 6);
	return w.overflow ? 0 : w.len;
}

bool
mta_filter_attach(int fd, const struct sts_netlist *mtas)
{
	struct sock_filter program[MTA_FILTER_MAX];
	struct sock_fprog fprog = { .filter = program };

	fprog.len = (unsigned short)mta_filter_make(mtas, program);
	if (fprog.len == 0) {
		errno = E2BIG;
		return false;
	}
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &fprog, sizeof(fprog)) == 0;
}
