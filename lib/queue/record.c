/* SPDX-License-Identifier: MIT */
/* Reads records of jobs, and walks through all that there are. */
#include "config.h"

#include "queue/operate.h"

#include "base/alloc.h"
#include "base/str.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <stdlib.h>
#include <string.h>

#define SCAN_COUNT 200		/* keys Redis looks at in one step of a walk */
#define SHOW_SCAN_MAX 20000	/* intake entries that queue_show() looks at */

void queue_record_release(struct queue_record *r)
{
	free(r->owner);
	free(r->relay);
	free(r->reason);
	free(r->story);
	free(r->envelope);
	*r = (struct queue_record){ .bulk = false };
}

static char *text_at(const struct redisReply *row, size_t i)
{
	size_t len;
	const char *text = rreply_text(rreply_at(row, i), &len);

	return alloc_textn(text, len);
}

/* "weight|fate|sure|ms" as fate.lua writes it; else nothing was heard. */
static void read_fate(const char *text, struct queue_record *r)
{
	char *copy = alloc_text(text);
	char *rest = copy;
	const char *word;
	const char *sure;

	(void)strsep(&rest, "|");
	word = rest ? strsep(&rest, "|") : "";
	sure = rest ? strsep(&rest, "|") : "";
	if (rest && str_to_int(rest, 0, INT64_MAX, &r->fate_ms)) {
		r->fate = queue_fate_of(word);
		r->fate_sure = strcmp(sure, "1") == 0;
	}
	free(copy);
}

bool queue_record_read(const struct redisReply *row, struct queue_record *r)
{
	const char *state = rreply_text(rreply_at(row, 1), NULL);

	*r = (struct queue_record){ .state = state[0] };
	if (state[0] == '\0' ||
	    !str_copy(r->id, sizeof(r->id), rreply_text(rreply_at(row, 0),
							NULL)))
		return false;
	(void)str_copy(r->kind, sizeof(r->kind),
		       rreply_text(rreply_at(row, 2), NULL));
	r->bulk = strcmp(rreply_text(rreply_at(row, 3), NULL), "b") == 0;
	r->attempts = (int)rreply_int(rreply_at(row, 4));
	r->crashes = (int)rreply_int(rreply_at(row, 5));
	r->uncertain = (int)rreply_int(rreply_at(row, 6));
	r->admitted_ms = rreply_int(rreply_at(row, 7));
	r->due_ms = rreply_int(rreply_at(row, 8));
	r->final_ms = rreply_int(rreply_at(row, 9));
	r->owner = text_at(row, 10);
	r->relay = text_at(row, 11);
	r->reason = text_at(row, r->state == QUEUE_SENT ||
				 r->state == QUEUE_DEAD ? 13 : 12);
	r->story = text_at(row, 14);
	r->envelope = text_at(row, 15);
	read_fate(rreply_text(rreply_at(row, 16), NULL), r);
	return true;
}

struct redisReply *queue_records(struct queue *q, const char *const *ids,
				 size_t count, struct fault *why)
{
	struct rarg args[2 + QUEUE_PAGE] = {
		queue_arg(q->retry), queue_arg(q->prefix),
	};

	must(count <= QUEUE_PAGE);
	for (size_t i = 0; i < count; i++)
		args[2 + i] = queue_arg(ids[i]);
	return rconn_script(q->r, &script_records,
			    (struct rargs){ 1, 2 + count, args }, why);
}

/* A pattern of SCAN that means prefix itself, then "j:" and anything. */
static void pattern_of(const char *prefix, char pattern[QUEUE_KEY_MAX])
{
	size_t len = 0;

	for (; *prefix && len < QUEUE_KEY_MAX - 6; prefix++) {
		if (strchr("\\*?[]", *prefix))
			pattern[len++] = '\\';
		pattern[len++] = *prefix;
	}
	memcpy(pattern + len, "j:*", 4);
}

struct redisReply *queue_walk_next(struct queue *q, struct queue_walk *walk,
				   struct fault *why)
{
	char pattern[QUEUE_KEY_MAX];
	char count[24];
	struct redisReply *reply;

	pattern_of(q->prefix, pattern);
	(void)queue_arg_int(SCAN_COUNT, count);
	reply = rconn_words(q->r, why, "SCAN", walk->cursor, "MATCH", pattern,
			    "COUNT", count, (char *)NULL);
	if (!reply)
		return NULL;
	if (!str_copy(walk->cursor, sizeof(walk->cursor),
		      rreply_text(rreply_at(reply, 0), NULL)))
		walk->cursor[0] = '\0';
	walk->over = strcmp(walk->cursor, "0") == 0 || !walk->cursor[0];
	return reply;
}

size_t queue_walk_ids(const struct queue *q, const struct redisReply *page,
		      size_t from, const char **ids)
{
	const struct redisReply *keys = rreply_at(page, 1);
	size_t skip = strlen(q->prefix) + strlen("j:");
	size_t count = 0;

	for (size_t i = from; i < from + QUEUE_PAGE; i++) {
		const char *key = rreply_text(rreply_at(keys, i), NULL);

		if (strlen(key) > skip)
			ids[count++] = key + skip;
	}
	return count;
}

/* Looks for a job that has no record yet. */
static int show_unadmitted(struct queue *q, const char *id,
			   struct queue_record *out, struct fault *why)
{
	char room[24];
	struct rarg args[] = {
		queue_arg(q->intake), queue_arg(q->intake_bulk),
		queue_arg_int(SHOW_SCAN_MAX, room), queue_arg(id),
	};
	struct redisReply *reply = rconn_script(q->r, &script_unadmitted,
						RARGS(2, args), why);
	bool found;

	if (!reply)
		return -1;
	found = !rreply_is_nil(reply);
	if (found) {
		size_t len;
		const char *text = rreply_text(reply, &len);

		*out = (struct queue_record){
			.state = QUEUE_INTAKE, .owner = alloc_text(""),
			.relay = alloc_text(""), .reason = alloc_text(""),
			.story = alloc_text(""),
			.envelope = alloc_textn(text, len),
		};
		must(str_copy(out->id, sizeof(out->id), id));
	}
	rreply_free(reply);
	return found;
}

int queue_show(struct queue *q, const char *id, struct queue_record *out,
	       struct fault *why)
{
	struct redisReply *reply;
	bool found;

	*out = (struct queue_record){ .bulk = false };
	if (strlen(id) < 1 || strlen(id) > ENVELOPE_ID_MAX)
		return 0;
	reply = queue_records(q, &id, 1, why);
	if (!reply)
		return -1;
	found = queue_record_read(rreply_at(reply, 0), out);
	rreply_free(reply);
	return found ? 1 : show_unadmitted(q, id, out, why);
}

int queue_show_many(struct queue *q, struct queue_record *records,
		    size_t count, struct fault *why)
{
	for (size_t from = 0; from < count; from += QUEUE_PAGE) {
		size_t some = count - from < QUEUE_PAGE ? count - from :
							  QUEUE_PAGE;
		const char *ids[QUEUE_PAGE];
		struct redisReply *rows;

		for (size_t i = 0; i < some; i++)
			ids[i] = records[from + i].id;
		rows = queue_records(q, ids, some, why);
		for (size_t i = from; !rows && i-- > 0;)
			queue_record_release(&records[i]);
		if (!rows)
			return -1;
		for (size_t i = 0; i < some; i++)
			if (!queue_record_read(rreply_at(rows, i),
					       &records[from + i]))
				records[from + i].state = '\0';
		rreply_free(rows);
	}
	return 0;
}
