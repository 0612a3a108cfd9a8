/* SPDX-License-Identifier: MIT */
/* Makes the operators' daily mail of figures. */
#include "config.h"

#include "outbox/digest.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "json/put.h"
#include "queue/envelope.h"
#include "store/figures.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <time.h>

#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS (24 * HOUR_MS)

static struct tm utc_of(int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	must(gmtime_r(&at, &tm));
	return tm;
}

int64_t digest_due(int64_t now_ms, int64_t hour, char id[DIGEST_ID_SIZE])
{
	int64_t due_ms = (now_ms - hour * HOUR_MS) / DAY_MS * DAY_MS +
			 hour * HOUR_MS;
	struct tm tm = utc_of(due_ms);

	must(strftime(id, DIGEST_ID_SIZE, "digest.%Y-%m-%d", &tm) > 0);
	return due_ms;
}

/* Adds {date, time}, in UTC. */
static void put_instant(struct json_object *data, const char *name,
			const struct lang *l, int64_t at_ms)
{
	struct json_object *part = put_object(data, name);
	struct tm tm = utc_of(at_ms);
	struct buf text = BUF_INIT;

	lang_date(l, &tm, &text);
	put_text(part, "date", text.data);
	buf_clear(&text);
	lang_time(l, &tm, &text);
	put_text(part, "time", text.data);
	buf_release(&text);
}

static void put_counted(struct json_object *data, const char *name,
			const struct lang *l, int64_t n)
{
	struct json_object *vars = put_new();
	struct buf text = BUF_INIT;
	char *key = alloc_printf("mail.%s", name);

	put_int(vars, "n", n);
	lang_format(l, key, vars, &text);
	put_text(data, name, text.data);
	free(key);
	buf_release(&text);
	json_object_put(vars);
}

static void put_causes(struct json_object *data, const struct lang *l,
		       const struct store_digest *mails)
{
	struct json_object *list = put_list(data, "causes");

	for (size_t i = 0; i < mails->cause_count; i++) {
		struct json_object *row = put_row(list);
		const char *cause = mails->causes[i].cause;
		char *key = alloc_printf("web.admin.cause.%s", cause);
		const char *text = lang_text(l, key);

		/* A word that has no text comes back as its key. */
		put_text(row, "text", text == key ? cause : text);
		put_int(row, "count", mails->causes[i].count);
		free(key);
	}
}

static struct json_object *data_make(const struct notification_opts *opts,
				     const struct lang *l,
				     const struct notification *row,
				     const struct digest_figures *f)
{
	const struct store_digest *mails = &f->mails;
	struct json_object *data = put_new();
	int64_t lost = mails->dead + mails->expired + mails->returned;
	bool late = mails->outbox.oldest_ms > DIGEST_LATE_MS;
	char *link = alloc_printf("%s/admin/mails", opts->base_url);
	struct json_object *queue;

	put_instant(data, "until", l, row->begins_at_ms);
	put_text(data, "site", opts->base_url);
	put_flag(data, "good", lost == 0 && !late);
	put_flag(data, "lost", lost > 0);
	put_counted(data, "undelivered", l, lost);
	put_int(data, "dead", mails->dead);
	put_int(data, "expired", mails->expired);
	put_causes(data, l, mails);
	put_int(data, "returned", mails->returned);
	put_flag(data, "some_likely", mails->returned_likely > 0);
	put_int(data, "likely", mails->returned_likely);
	put_flag(data, "some_complained", mails->complained > 0);
	put_int(data, "complained", mails->complained);
	put_int(data, "open", mails->outbox.open);
	put_flag(data, "late", late);
	if (mails->outbox.oldest_ms > 0)
		put_instant(data, "oldest", l,
			    f->now_ms - mails->outbox.oldest_ms);
	queue = put_object(data, "queue");
	put_int(queue, "dead", f->queue.dead);
	put_int(queue, "retry", f->queue.retry);
	put_int(queue, "malformed", f->queue.malformed);
	put_text(put_object(data, "links"), "mails", link);
	free(link);
	return data;
}

char *digest_envelope(const struct notification_opts *opts, const char *to,
		      const struct notification *row,
		      const struct digest_figures *f)
{
	const struct lang *l = lang_negotiate(opts->langs, NULL);
	char *address = alloc_text(to);
	char nobody[1] = "";
	struct envelope e = {
		.to_name = nobody,
		.to_email = address,
		/* The next one says it better. */
		.not_after_ms = row->begins_at_ms + DAY_MS,
		.data = data_make(opts, l, row, f),
	};
	char *text;

	must(str_copy(e.id, sizeof(e.id), row->envelope_id));
	must(str_copy(e.kind, sizeof(e.kind), row->kind));
	must(str_copy(e.locale, sizeof(e.locale), lang_tag(l)));
	text = envelope_format(&e);
	json_object_put(e.data);
	free(address);
	return text;
}
