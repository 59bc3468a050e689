/* SPDX-License-Identifier: ISC */
/*
 * top_frame.h - lays out one screen of `stsctl top'. Pure: knows no terminal and no clock. One thread.
 *
 * Lines are ASCII, except for the bars of the graph, if utf8 asks for those.
 */
#ifndef STSCTL_OVERVIEW_TOP_FRAME_H
#define STSCTL_OVERVIEW_TOP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stsctl/overview/domain_rates.h"
#include "stsctl/overview/snapshot.h"

enum { TOP_FRAME_SAMPLES = 60, TOP_FRAME_WIDTH_MAX = 500, TOP_FRAME_LINE_CAP = 3 * TOP_FRAME_WIDTH_MAX + 1, TOP_FRAME_LINES_MAX = 400 };

enum top_frame_style { TOP_FRAME_PLAIN, TOP_FRAME_TITLE, TOP_FRAME_HEAD, TOP_FRAME_WARNING };

struct top_frame {
	struct top_frame_line {
		char text[TOP_FRAME_LINE_CAP];
		enum top_frame_style style;
	} lines[TOP_FRAME_LINES_MAX];
	size_t count;
};

/* The latest rates, the newest last: thousandths of messages per second. */
struct top_frame_samples {
	int64_t n[TOP_FRAME_SAMPLES];
	size_t count;
};
void top_frame_samples_add(struct top_frame_samples *samples, double rate);

struct top_frame_view {
	const char *redis;		/* the endpoint */
	const char *away;		/* why Redis does not answer now; NULL: it does */
	bool unread;			/* nothing has been read yet: only away is shown */
	const struct snapshot *snapshot;	/* the latest one read */
	double rate;			/* messages per second; negative: unknown */
	struct top_frame_samples samples;
	const struct domain_rates *domains;	/* sorted */
	enum domain_column sort;
	int64_t domain_window_s;	/* domains were seen within this many seconds */
	size_t width, height;		/* height 0: as many lines as needed */
	bool utf8;
	bool keys;			/* show the line of keys */
};

/* Overwrites *out. */
void top_frame_make(const struct top_frame_view *view, struct top_frame *out);

#endif
