/* SPDX-License-Identifier: ISC */
/*
 * mtaplay.h - the MTA's side of the milter protocol, as Postfix 3.7 speaks it.
 *
 * What Postfix does that a simpler client would not, and that a milter's costs depend on:
 * - it offers everything at negotiation (version 6, all actions, all steps), and honours the answer's macro lists;
 * - it sends a macro packet before every event, also before each header, even when the event itself was negotiated away;
 * - it buffers output (mtasock.h), and flushes it only to read a reply and when smtpd hands the connection to cleanup after
 *   DATA: events without a reply reach the milter no sooner;
 * - STARTTLS and the end of a message send ABORT, the end of a session ABORT and QUIT.
 * A struct mta belongs to one thread. Knows nothing of what a milter does.
 */
#ifndef MTAPLAY_H
#define MTAPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/mtasock.h"

enum { MTA_STAGES = 7, MTA_MACROS = 24, MTA_LIST_CAP = 512, MTA_VALUE_CAP = 4096 };

/* What the milter requested at end of message. */
struct mta_edits {
	unsigned inserted;		/* insheader */
	uint32_t insert_index;		/* of the last insheader */
	char insert_name[64];
	unsigned deleted;		/* chgheader with an empty value */
	uint32_t delete_index;		/* of the last deletion */
	bool descending;		/* each deletion's index was below the previous one, and none came after an insheader */
	char delete_name[64];
	unsigned other;			/* any other modification */
	char insert_value[MTA_VALUE_CAP];	/* last, so that clearing this struct costs nothing */
};

struct mta {
	struct mta_sock sock;
	uint32_t actions, steps;	/* from the milter's answer */
	unsigned symlists;		/* how many macro lists it sent */
	char lists[MTA_STAGES][MTA_LIST_CAP];
	struct {
		const char *name;	/* without braces */
		const char *value;	/* NULL: Postfix has no value and does not send it */
	} macros[MTA_MACROS];
	unsigned char packet[66000];	/* the last one read, command first */
	size_t packet_len;
};

/* All functions below that return bool: false after a failure, with m->sock.why; then only mta_close is allowed. */
void mta_init(struct mta *m);
bool mta_open(struct mta *m, const struct mta_target *target);	/* connects and negotiates */
void mta_close(struct mta *m);	/* without QUIT; m may be opened again */
void mta_fini(struct mta *m);

/* The value is not copied. */
void mta_set_macro(struct mta *m, const char *name, const char *value);

bool mta_connect(struct mta *m, const char *client_name, const char *client_addr);
bool mta_helo(struct mta *m, const char *name);
bool mta_mail(struct mta *m, const char *path);
bool mta_rcpt(struct mta *m, const char *path);
bool mta_rcpt_refused(struct mta *m, const char *path);	/* false when the recipient is accepted */
bool mta_data(struct mta *m);
bool mta_hand_over(struct mta *m);	/* smtpd to cleanup */
bool mta_header(struct mta *m, const char *name, const char *value);
bool mta_eoh(struct mta *m);
bool mta_body(struct mta *m, const char *text, size_t len);
bool mta_eom(struct mta *m, struct mta_edits *edits);
bool mta_abort(struct mta *m);
bool mta_quit(struct mta *m);	/* and closes */

#endif
