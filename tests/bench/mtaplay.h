/* SPDX-License-Identifier: ISC */
/*
 * mtaplay.h - the MTA's side of the milter protocol, played as Postfix 3.7 plays it.
 *
 * What Postfix does and a plainer client would not, and what a milter's costs depend on:
 * - everything is offered at negotiation (version 6, all actions, all steps), and the answer's macro lists are honoured;
 * - a macro packet goes before every event, also before each header, also when the event itself was negotiated away;
 * - output is buffered (mtasock.h), and flushed only to read a reply and when smtpd hands the connection to cleanup after
 *   DATA: events without a reply reach the milter no sooner;
 * - STARTTLS and a message's end send ABORT, the session's end ABORT and QUIT.
 * One struct mta belongs to one thread. Knows nothing of what a milter is for.
 */
#ifndef MTAPLAY_H
#define MTAPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/mtasock.h"

enum { MTA_STAGES = 7, MTA_MACROS = 24, MTA_LIST_CAP = 512, MTA_VALUE_CAP = 4096 };

/* What the milter asked for at end of message. */
struct mta_edits {
	unsigned inserted;		/* insheader */
	uint32_t insert_index;		/* of the last insheader */
	char insert_name[64];
	unsigned deleted;		/* chgheader with an empty value */
	uint32_t delete_index;		/* of the last deletion */
	bool descending;		/* each deletion's index was below the one before, and none came after an insheader */
	char delete_name[64];
	unsigned other;			/* any other modification */
	char insert_value[MTA_VALUE_CAP];	/* last, so that clearing this record costs nothing */
};

struct mta {
	struct mta_sock sock;
	uint32_t actions, steps;	/* as the milter answered */
	unsigned symlists;		/* how many macro lists it sent */
	char lists[MTA_STAGES][MTA_LIST_CAP];
	struct {
		const char *name;	/* without braces */
		const char *value;	/* NULL: Postfix has none and sends none */
	} macros[MTA_MACROS];
	unsigned char packet[66000];	/* the last one read, command first */
	size_t packet_len;
};

/* Every call below that returns bool: false after a failure, with m->sock.why; the session is then good for mta_close only. */
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
bool mta_rcpt_refused(struct mta *m, const char *path);	/* false when it is not */
bool mta_data(struct mta *m);
bool mta_hand_over(struct mta *m);	/* smtpd to cleanup */
bool mta_header(struct mta *m, const char *name, const char *value);
bool mta_eoh(struct mta *m);
bool mta_body(struct mta *m, const char *text, size_t len);
bool mta_eom(struct mta *m, struct mta_edits *edits);
bool mta_abort(struct mta *m);
bool mta_quit(struct mta *m);	/* and closes */

#endif
