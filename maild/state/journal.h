/* SPDX-License-Identifier: MIT */
/*
 * The journal: mails that the relay took while Redis could not be told.
 *
 * The ack rings live as long as the master.  If all of maild ends while Redis
 * is away, only this remembers that those mails must not be sent again.  There
 * is one file per worker number, "acks.<number>", with one line per mail and a
 * checksum in each; a line is on the disk when journal_append() returns.  Lines
 * that are torn, damaged or about another queue are skipped.
 *
 * Whoever reads a file to its end empties it.  Writers and readers lock it,
 * each waiting at most JOURNAL_LOCK_MS.
 */
#ifndef STATE_JOURNAL_H
#define STATE_JOURNAL_H

#include "base/compiler.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "queue/envelope.h"

#include <stdint.h>

#define JOURNAL_LOCK_MS 10000
#define JOURNAL_REPLY_MAX 96

/* A mail that the relay took. */
struct journal_fact {
	char id[ENVELOPE_ID_MAX + 1];
	int64_t token;
	int64_t at_ms;				/* wall time of the 250 */
	char relay[CONF_NAME_MAX + 1];		/* its name, as it may be gone
						   by then; "" = unknown */
	char reply[JOURNAL_REPLY_MAX];		/* printable */
};

struct journal {		/* all borrowed */
	const char *dir;	/* NULL or "" = no journal: nothing is done */
	const char *queue;	/* the queue's prefix: whose mails they are */

	/* For a replay: is told each fact; -1 with *why ends the replay. */
	int (*tell)(void *arg, unsigned worker,
		    const struct journal_fact *fact, struct fault *why);
	void *arg;
};

/* Can files be made in the directory?  0, or -1 with FAULT_CONFIG. */
int journal_check(const struct journal *j, struct fault *why) MUST_USE;

/* Appends a line to the worker's file and waits until the disk has it.
 * Returns 0, or -1 with *why; the file is then as before. */
int journal_append(const struct journal *j, unsigned worker,
		   const struct journal_fact *fact, struct fault *why) MUST_USE;

/*
 * Calls tell for each fact of the worker's file, then empties it.  If tell
 * fails the file stays as it is, and all of it is told again.  Returns how many
 * were told, or -1.
 */
int journal_replay(const struct journal *j, unsigned worker,
		   struct fault *why) MUST_USE;

/* The same for the files of all workers. */
int journal_replay_all(const struct journal *j, struct fault *why) MUST_USE;

#endif
