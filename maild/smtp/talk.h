/* SPDX-License-Identifier: MIT */
/*
 * Follows what the two sides of an SMTP session say: which step it is at, the
 * server's last words, and how AUTH went.  Pure but for the watch's clock:
 * bytes in, facts out.
 */
#ifndef SMTP_TALK_H
#define SMTP_TALK_H

#include "base/compiler.h"
#include "smtp/stages.h"

#include <stdbool.h>
#include <stddef.h>

#define TALK_LINE_MAX 512	/* longer lines are cut */
#define TALK_REPLY_MAX 2048	/* more of a reply is not kept */
#define TALK_WAYS_MAX 96

struct talk {
	enum stage stage;	/* STAGE_CONNECT: no connection yet; GREETING:
				   nothing was written; TLS: a handshake comes;
				   MAIL, which is the last: it was written, the
				   session is set up */
	int code;		/* of the last whole reply, 0 = none yet */
	char last[160];		/* its last line, printable; "" = none yet */
	char reply[TALK_REPLY_MAX];	/* all of it, each line printable,
					   "\n" between them */
	bool begun;		/* more of it is to come */
	bool quitting;		/* QUIT was written: its answer is no reason */
	bool logging_in;	/* AUTH was written and not answered */
	bool logged_in;
	int auth_code;		/* of the last refusal of AUTH, 0 = none, or it
				   has succeeded since */
	char ways[TALK_WAYS_MAX];	/* to log in, as the last answer to EHLO
					   offers: "PLAIN, LOGIN"; printable */

	void (*show)(void *arg, const char *line);	/* or NULL */
	void *show_arg;

	struct stagewatch watch;	/* times what is asked and answered */

	char line[TALK_LINE_MAX];	/* of the server, not yet whole */
	size_t len;
};

/* There is a new connection; show and the watch stay.  first is how it begins:
 * STAGE_GREETING, or STAGE_TLS with the greeting inside. */
void talk_connected(struct talk *t, enum stage first);

/* The handshake is done. */
void talk_secured(struct talk *t);

/* The words of the mail before must not be quoted for the next one. */
void talk_forget(struct talk *t);

/*
 * Hides an offer of CHUNKING, by changing one byte, from whoever reads it next.
 *
 * libesmtp keeps only the reply to a mail's last chunk.  If an earlier one was
 * refused, Postfix answers 551 to the last one, so that a mail refused for now,
 * with a 4xx reply, would become a dead letter and its reason be lost.
 */
void talk_read(struct talk *t, char *bytes, size_t len);

/* Do the bytes hold a MAIL?  None may go out where a log-in is due. */
bool talk_is_mail(const char *bytes, size_t len);

/* Call it before the bytes go out. */
void talk_wrote(struct talk *t, const char *bytes, size_t len);

#endif
