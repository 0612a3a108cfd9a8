/* SPDX-License-Identifier: MIT */
/*
 * What Redis answers: elements between form feeds, a number begins with ':',
 * nothing is "-", all else is a text.  Read as a claimed job, a record, its
 * story.
 */
#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "base/fault.h"
#include "maildctl/story.h"
#include "queue/keys.h"
#include "queue/operate.h"
#include "queue/work.h"
#include "redis/rconn.h"

#include <hiredis.h>

#include <string.h>

#define ELEMENTS_MAX 20

/* The input in Redis's protocol, as hiredis reads it. */
static struct redisReply *reply_of(struct fuzz_input in)
{
	struct buf text = BUF_INIT;
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	must(reader != NULL);
	buf_addf(&text, "*%d\r\n", ELEMENTS_MAX);
	for (int i = 0; i < ELEMENTS_MAX; i++) {
		char *piece = fuzz_next(&in);
		size_t len = strlen(piece);

		if (len > 1 && len < 19 && piece[0] == ':' &&
		    piece[1] != '0' &&
		    strspn(piece + 1, "0123456789") == len - 1)
			buf_addf(&text, "%s\r\n", piece);
		else if (strcmp(piece, "-") == 0)
			buf_addstr(&text, "$-1\r\n");
		else
			buf_addf(&text, "$%zu\r\n%s\r\n", len, piece);
		free(piece);
	}
	must(redisReaderFeed(reader, text.data, text.len) == REDIS_OK);
	must(redisReaderGetReply(reader, &reply) == REDIS_OK && reply != NULL);
	redisReaderFree(reader);
	buf_release(&text);
	return reply;
}

static void check_job(struct redisReply *reply)
{
	struct queue_job job = { .envelope = NULL };
	int begun = queue_begin_read(reply, &job);

	must(begun >= QUEUE_BEGIN_GO && begun <= QUEUE_BEGIN_EPOCH);
	if (begun == QUEUE_BEGIN_GO) {
		must(strlen(job.id) <= ENVELOPE_ID_MAX);
		must(job.envelope != NULL);
		must(job.envelope[job.envelope_len] == '\0');
	}
	queue_job_release(&job);
}

static void check_story(char *story)
{
	struct ctl_attempt one;
	char id[32];

	while (ctl_story_next(&story, &one)) {
		must(one.times >= 1 && one.verdict != NULL);
		must(one.text != NULL && one.code != NULL);
		must(strlen(one.host) < sizeof(one.host_room));
		must(ctl_story_queue_id(one.text, id, sizeof(id)) ==
		     (id[0] != '\0'));
		must(strlen(id) < sizeof(id));
	}
	must(story == NULL);
}

static void check_record(struct redisReply *reply)
{
	struct queue_record record;

	if (queue_record_read(reply, &record)) {
		must(record.state != '\0');
		must(record.owner && record.relay && record.reason);
		must(record.story && record.envelope);
		check_story(record.story);
	}
	queue_record_release(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct redisReply *reply = reply_of(in);

	must(rreply_count(reply) == ELEMENTS_MAX);
	must(rreply_at(reply, ELEMENTS_MAX) == NULL);
	check_record(reply);
	check_job(reply);
	return 0;
}
