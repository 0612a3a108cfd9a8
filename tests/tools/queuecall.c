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

#include "queuecall.h"

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t call_number(const struct call *c, size_t i)
{
	int64_t value = 0;

	(void)str_to_int(c->word[i], INT64_MIN, INT64_MAX, &value);
	return value;
}

void call_put(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			(void)fputs("\\n", stdout);
		else
			(void)putchar(*text);
	}
}

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

static int (*find(const struct verb *verbs, const char *name))(struct call *)
{
	while (verbs->name && strcmp(verbs->name, name) != 0)
		verbs++;
	return verbs->run;
}

static void run(struct call *c)
{
	int (*verb)(struct call *) = find(admin_verbs, c->word[0]);
	int result;

	if (!verb)
		verb = find(worker_verbs, c->word[0]);
	if (!verb) {
		(void)printf("fault\t-\tno such verb: %s\n", c->word[0]);
		return;
	}
	result = verb(c);
	if (result == -1)
		(void)printf("fault\t%d\t%s\n", (int)c->why.class,
			     c->why.text);
	else
		(void)printf("done\t%d\n", result);
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
	opts.prefix = argv[2];
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
