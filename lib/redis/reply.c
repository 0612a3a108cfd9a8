/* SPDX-License-Identifier: MIT */
/* Plain commands and Redis' replies, without knowing the connection. */
#include "config.h"

#include "redis/rconn.h"

#include "base/fault.h"
#include "base/str.h"

#include <hiredis.h>

#include <stdarg.h>
#include <string.h>

#define WORDS_MAX 16

void rreply_free(redisReply *reply)
{
	if (reply)
		freeReplyObject(reply);
}

bool rreply_is_nil(const redisReply *reply)
{
	return !reply || reply->type == REDIS_REPLY_NIL;
}

int64_t rreply_int(const redisReply *reply)
{
	int64_t value;

	if (!reply)
		return 0;
	if (reply->type == REDIS_REPLY_INTEGER)
		return reply->integer;
	if (reply->type == REDIS_REPLY_STRING &&
	    str_to_int(reply->str, INT64_MIN, INT64_MAX, &value))
		return value;
	return 0;
}

const char *rreply_text(const redisReply *reply, size_t *len_out)
{
	bool has = reply && (reply->type == REDIS_REPLY_STRING ||
			     reply->type == REDIS_REPLY_STATUS);

	if (len_out)
		*len_out = has ? (size_t)reply->len : 0;
	return has ? reply->str : "";
}

size_t rreply_count(const redisReply *reply)
{
	return reply && reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;
}

const redisReply *rreply_at(const redisReply *reply, size_t i)
{
	return i < rreply_count(reply) ? reply->element[i] : NULL;
}

redisReply *rconn_words(struct rconn *r, struct fault *why, ...)
{
	struct rarg args[WORDS_MAX];
	size_t count = 0;
	const char *word;
	va_list list;

	va_start(list, why);
	while ((word = va_arg(list, const char *)) != NULL) {
		must(count < WORDS_MAX);
		args[count++] = (struct rarg){ word, strlen(word) };
	}
	va_end(list);
	return rconn_call(r, count, args, why);
}
