/* SPDX-License-Identifier: ISC */
/*
 * frame.h - what `stsctl top' shows: figures -> lines that fit. Pure: knows no terminal and no clock. One thread.
 * Lines are ASCII, but for the graph's bars, if those are asked for.
 */
#ifndef STSCTL_OVERVIEW_FRAME_H
#define STSCTL_OVERVIEW_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stsctl/overview/domain_rates.h"
#include "stsctl/overview/snapshot.h"

enum { FRAME_SAMPLES = 60, FRAME_WIDTH_MAX = 500, FRAME_LINE_CAP = 3 * FRAME_WIDTH_MAX + 1, FRAME_LINES_MAX = 400 };

enum frame_style { FRAME_PLAIN, FRAME_TITLE, FRAME_HEAD, FRAME_WARNING };

struct frame {
	struct frame_line {
		char text[FRAME_LINE_CAP];
		enum frame_style style;
	} lines[FRAME_LINES_MAX];
	size_t count;
};

/* The rates of the last samples, the newest one last: of messages a second, in thousandths. */
struct frame_samples {
	int64_t n[FRAME_SAMPLES];
	size_t count;
};
void frame_samples_add(struct frame_samples *samples, double rate);

struct frame_view {
	const char *redis;		/* the endpoint */
	const char *away;		/* why it does not answer now; NULL: it does */
	bool unread;			/* nothing could be read yet: there is nothing to show but that */
	const struct moment *figures;	/* the last ones there are */
	double rate;			/* of messages, a second; negative: not known */
	struct frame_samples samples;
	const struct domain_rates *domains;	/* sorted */
	enum domain_column sort;
	int64_t domain_window_s;	/* the domains are those of so many seconds */
	size_t width, height;		/* height 0: as many lines as there are */
	bool utf8;
	bool keys;			/* say which there are */
};

void frame_make(const struct frame_view *view, struct frame *out);

#endif
