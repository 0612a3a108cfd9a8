/* SPDX-License-Identifier: MIT */
/*
 * Calls the queue's functions for the tests: a line in, a line out.
 *
 *   queuecall REDIS PREFIX
 *
 * A line is a verb and its words, with tabs between; the answer is any number of
 * lines and then "done RESULT" or "fault CLASS TEXT".
 */
#include "config.h"

#include "alloc.h"
#include "queue.h"
#include "queue_admin.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 16

struct call {
	struct queue *q;
	char *word[WORDS_MAX];	/* word[0] is the verb; absent ones are "" */
	struct fault why;
};

static int64_t number(const struct call *c, size_t i)
{
	int64_t value = 0;

	(void)str_to_int(c->word[i], INT64_MIN, INT64_MAX, &value);
	return value;
}

/* Prints a text with its line ends as "\n". */
static void put(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			(void)fputs("\\n", stdout);
		else
			(void)putchar(*text);
	}
}

static void put_record(void *arg, const struct queue_record *r)
{
	(void)arg;
	(void)printf("%s\t%c\t%s\t%d\t%d\t%d\t%d\t%lld\t%lld\t%lld\t%s\t%s\t",
		     r->id, r->state, r->kind, r->bulk, r->attempts,
		     r->crashes, r->uncertain, (long long)r->admitted_ms,
		     (long long)r->due_ms, (long long)r->final_ms, r->owner,
		     r->relay);
	put(r->reason);
	(void)putchar('\t');
	put(r->story);
	(void)putchar('\t');
	put(r->envelope);
	(void)putchar('\n');
}

static int do_show(struct call *c)
{
	struct queue_record record;
	int found = queue_show(c->q, c->word[1], &record, &c->why);

	if (found == 1)
		put_record(NULL, &record);
	queue_record_release(&record);
	return found;
}

static int do_list(struct call *c)
{
	struct queue_filter filter = {
		.states = c->word[1][0] ? c->word[1] : NULL,
		.limit = number(c, 2),
		.reason = c->word[3][0] ? c->word[3] : NULL,
		.kind = c->word[4][0] ? c->word[4] : NULL,
		.since_ms = number(c, 5),
		.until_ms = number(c, 6),
	};

	return queue_list(c->q, &filter, put_record, NULL, &c->why);
}

static int do_requeue(struct call *c)
{
	return queue_requeue(c->q, c->word[1], &c->why);
}

static int do_cancel(struct call *c)
{
	return queue_cancel(c->q, c->word[1], c->word[2], &c->why);
}

static int do_bury_waiting(struct call *c)
{
	return queue_bury_waiting(c->q, c->word[1], c->word[2], &c->why);
}

static int do_purge(struct call *c)
{
	return queue_purge(c->q, c->word[1], number(c, 2), (int)number(c, 3),
			   &c->why);
}

static int do_pause(struct call *c)
{
	return queue_pause(c->q, c->word[1], c->word[2], &c->why);
}

static int do_resume(struct call *c)
{
	return queue_resume(c->q, c->word[1], &c->why);
}

static void put_pause(void *arg, const char *what, int64_t since_ms,
		      const char *reason)
{
	(void)arg;
	(void)printf("%s\t%lld\t%s\n", what, (long long)since_ms, reason);
}

static int do_pauses(struct call *c)
{
	return queue_pauses(c->q, put_pause, NULL, &c->why);
}

static void put_counter(void *arg, const char *name, int64_t value)
{
	(void)arg;
	(void)printf("%s\t%lld\n", name, (long long)value);
}

static int do_stats(struct call *c)
{
	return queue_stats(c->q, put_counter, NULL, &c->why);
}

static int do_oldest(struct call *c)
{
	struct queue_ages ages;

	if (queue_oldest(c->q, &ages, &c->why) == -1)
		return -1;
	(void)printf("%lld\t%lld\t%lld\t%lld\n", (long long)ages.ready,
		     (long long)ages.bulk, (long long)ages.retry,
		     (long long)ages.dead);
	return 1;
}

static void put_status(void *arg, const char *instance, const char *json)
{
	(void)arg;
	(void)printf("%s\t%s\n", instance, json);
}

static int do_statuses(struct call *c)
{
	return queue_statuses(c->q, put_status, NULL, &c->why);
}

static void put_raw(void *arg, int64_t index, const char *raw, size_t len)
{
	(void)arg;
	(void)printf("%lld\t%zu\t", (long long)index, len);
	put(raw);
	(void)putchar('\n');
}

static int do_malformed(struct call *c)
{
	return queue_malformed(c->q, number(c, 1), (int)number(c, 2), put_raw,
			       NULL, &c->why);
}

static int do_malformed_clear(struct call *c)
{
	return queue_malformed_clear(c->q, &c->why);
}

static const struct {
	const char *verb;
	int (*run)(struct call *c);
} verbs[] = {
	{ "show", do_show },
	{ "list", do_list },
	{ "requeue", do_requeue },
	{ "cancel", do_cancel },
	{ "bury_waiting", do_bury_waiting },
	{ "purge", do_purge },
	{ "pause", do_pause },
	{ "resume", do_resume },
	{ "pauses", do_pauses },
	{ "stats", do_stats },
	{ "oldest", do_oldest },
	{ "statuses", do_statuses },
	{ "malformed", do_malformed },
	{ "malformed_clear", do_malformed_clear },
};

static void split(struct call *c, char *line)
{
	static char none[] = "";

	for (size_t i = 0; i < WORDS_MAX; i++) {
		c->word[i] = line;
		line += strcspn(line, "\t");
		if (*line)
			*line++ = '\0';
		else
			line = none;
	}
}

static void run(struct call *c)
{
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
		int result;

		if (strcmp(verbs[i].verb, c->word[0]) != 0)
			continue;
		result = verbs[i].run(c);
		if (result == -1)
			(void)printf("fault\t%d\t%s\n", (int)c->why.class,
				     c->why.text);
		else
			(void)printf("done\t%d\n", result);
		return;
	}
	(void)printf("fault\t-\tno such verb: %s\n", c->word[0]);
}

int main(int argc, char **argv)
{
	struct rconn_opts opts = { .connect_timeout_ms = 2000,
				   .command_timeout_ms = 5000 };
	struct call c = { .q = NULL };
	struct rconn *r;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (argc != 3)
		return 64;
	opts.address = argv[1];
	r = rconn_new(&opts, &c.why);
	if (!r)
		return 78;
	c.q = queue_new(r, argv[2]);
	while ((len = getline(&line, &size, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		split(&c, line);
		run(&c);
		if (fflush(stdout) != 0)
			break;
	}
	free(line);
	queue_free(c.q);
	rconn_free(r);
	return 0;
}
