/* SPDX-License-Identifier: MIT */
/* A booking as an entry of a calendar: the same in mails and on its page. */
#include "config.h"

#include "outbox/calendar.h"

#include "base/alloc.h"
#include "domain/service.h"
#include "domain/words.h"
#include "json/put.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <stdlib.h>

void calendar_seats(const struct lang *l, int64_t seats, struct buf *out)
{
	struct json_object *vars = put_new();

	put_int(vars, "n", seats);
	lang_format(l, "mail.seats", vars, out);
	json_object_put(vars);
}

static char *description_make(const struct booking_view *v,
			      const char *service_text, const struct lang *l)
{
	struct json_object *vars = put_new();
	struct buf text = BUF_INIT;
	char ref[TOKEN_REF_LEN + 2];

	l = lang_say(l, service_noun(&v->service, v->seats));
	calendar_seats(l, v->seats, &text);
	put_text(vars, "seats", text.data);
	buf_clear(&text);
	token_ref_show(v->ref, ref);
	put_text(vars, "ref", ref);
	lang_format(l, "mail.calendar", vars, &text);
	json_object_put(vars);
	if (*service_text != '\0')
		buf_addf(&text, "\n\n%s", service_text);
	/* The answer of a calendar reaches nobody. */
	if (!v->cancelled)
		buf_addf(&text, "\n\n%s",
			 lang_text(l, "mail.calendar_decline"));
	return buf_detach(&text);
}

/* When the last thing changed that it says. */
static int64_t said_at_s(const struct booking_view *v)
{
	int64_t at_s = v->changed_at_s > 0 ? v->changed_at_s :
					     v->created_at_s;

	return v->service.changed_at_s > at_s ? v->service.changed_at_s : at_s;
}

void calendar_entry_make(const struct booking_view *v, const struct lang *l,
			 struct calendar_entry *out)
{
	const struct service_said said = service_say(&v->service,
						     lang_tag(l));

	*out = (struct calendar_entry){
		.uid = alloc_printf("%s@%s", v->ref, v->calendar.domain),
		.summary = said.name,
		.location = said.place,
		.description = description_make(v, said.description, l),
		.sequence = v->sequence + v->service.changes,
	};
	zone_utc(said_at_s(v), out->stamp);
	zone_utc(v->slot.starts_at_s, out->start);
	zone_utc(v->slot.ends_at_s, out->end);
}

void calendar_entry_release(struct calendar_entry *entry)
{
	free(entry->uid);
	free(entry->description);
}
