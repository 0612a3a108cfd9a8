/* SPDX-License-Identifier: MIT */
/* Shared by the files of the queue: its keys and the way to run a script. */
#ifndef QUEUE_KEYS_H
#define QUEUE_KEYS_H

#include "queue/queue.h"

#define QUEUE_KEY_MAX 256	/* bytes of any key with NUL */
#define QUEUE_TEXT_MAX 160	/* bytes of any reason or reply with NUL */
#define QUEUE_SCAN_MAX 5000	/* intake entries looked through at once */
#define QUEUE_RECEIPTS_MAX 100000	/* kept that nobody has taken */
#define QUEUE_SAID_MAX 320	/* bytes of what is remembered of an attempt */

struct queue {
	struct rconn *r;	/* borrowed */
	char prefix[64];
	char intake[QUEUE_KEY_MAX], ready[QUEUE_KEY_MAX], retry[QUEUE_KEY_MAX];
	char dead[QUEUE_KEY_MAX], receipts[QUEUE_KEY_MAX];
	char receipts_p[QUEUE_KEY_MAX], malformed[QUEUE_KEY_MAX];
	char inst[QUEUE_KEY_MAX], stat[QUEUE_KEY_MAX], epoch[QUEUE_KEY_MAX];
	char ready_bulk[QUEUE_KEY_MAX], intake_bulk[QUEUE_KEY_MAX];
	char paused[QUEUE_KEY_MAX], heldkinds[QUEUE_KEY_MAX];
	char replayed[QUEUE_KEY_MAX];
	int bulk_share;		/* percent */
	char known_epoch[64];	/* "" = do not look */
	int64_t asked_token;	/* whose dot was asked for ahead, 0 = none's */
	int64_t asked_at_ms;	/* since when, by ticks_ms() */
};

/* "{maild}:held:<kind>" and "{maild}:status:<instance>"; cut if too long, which
 * names from our own scripts never are. */
void queue_held_key(const struct queue *q, const char *kind,
		    char key[QUEUE_KEY_MAX]);
void queue_status_key(const struct queue *q, const char *instance,
		      char key[QUEUE_KEY_MAX]);

/* "{maild}:tally" and "{maild}:tally:<instance>". */
void queue_tally_keys(const struct queue *q, const char *instance,
		      char sums[QUEUE_KEY_MAX], char told[QUEUE_KEY_MAX]);

/* A text argument. */
struct rarg queue_arg(const char *text);

/* A number as an argument; room must live as long as the argument. */
struct rarg queue_arg_int(int64_t value, char room[24]);

/* Milliseconds as the seconds of a blocking command. */
struct rarg queue_arg_seconds(int ms, char room[24]);

/* The next four free the reply that they are given; for NULL, a call that
 * failed, they return -1. */

/* The reply's number; less than 0 counts as 0. */
int64_t queue_number(struct redisReply *reply) MUST_USE;

/* For a reply that only says that it was done: 0. */
int queue_done(struct redisReply *reply) MUST_USE;

/* Calls each() for every field of a hash whose values are numbers.  Returns how
 * many. */
int queue_each_int(struct redisReply *reply,
		   void (*each)(void *arg, const char *name, int64_t value),
		   void *arg) MUST_USE;

/* Reads what a script that may begin a job answered: a queue_begin. */
struct queue_job;
int queue_begin_read(struct redisReply *reply, struct queue_job *job);

/* Reads one receipt; false if this version does not know its form. */
struct queue_verdict;
bool queue_receipt_read(const char *text, struct queue_verdict *out);

/* Writes verdict|relay|stage|code|text. */
struct queue_said;
void queue_said_format(const struct queue_said *said,
		       char out[QUEUE_SAID_MAX]);

/*
 * Reads the records of up to QUEUE_PAGE ids, a row for each; the caller frees.
 * queue_record_read() makes a record of a row (release it in any case); false =
 * there is none.
 */
struct queue_record;
struct redisReply *queue_records(struct queue *q, const char *const *ids,
				 size_t count, struct fault *why) MUST_USE;
bool queue_record_read(const struct redisReply *row,
		       struct queue_record *record) MUST_USE;

/* A walk through all records, a page at a time, until over is set. */
struct queue_walk {
	char cursor[24];
	bool over;
};
#define QUEUE_WALK_INIT { .cursor = "0" }

/* Reads the next page; the caller frees it.  NULL with *why on fault. */
struct redisReply *queue_walk_next(struct queue *q, struct queue_walk *walk,
				   struct fault *why) MUST_USE;

/* Fills ids, borrowed from the page, from its QUEUE_PAGE places from `from` on;
 * those without an id are skipped.  Returns how many. */
size_t queue_walk_ids(const struct queue *q, const struct redisReply *page,
		      size_t from, const char **ids);

#endif
