/* SPDX-License-Identifier: MIT */
/* Writes services, slots and bookings as JSON. */
#include "config.h"

#include "api/values.h"

#include "actions/json.h"
#include "answer/render.h"
#include "base/buf.h"
#include "base/ticks.h"
#include "domain/question.h"
#include "domain/words.h"
#include "domain/zone.h"
#include "json/get.h"
#include "json/put.h"
#include "outbox/mailstate.h"
#include "outbox/publish.h"
#include "store/due.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

static void put_time(struct json_object *to, const char *name,
		     const char *zone, int64_t at_s)
{
	zone_put(to, name, zone, at_s * 1000);
}

void api_put_service(const struct call *call, struct json_object *to,
		     const struct service *service)
{
	const struct service_said said = service_say(service,
						     lang_tag(call->lang));

	put_text(to, "slug", service->slug);
	put_text(to, "name", said.name);
	put_text(to, "description", said.description);
	put_text(to, "place", said.place);
	put_text(to, "organiser", service->organiser_name);
	put_text(to, "time_zone", service->zone);
	put_int(to, "confirm_minutes", service->confirm_min);
}

/* A choice's answers: what is to be sent, and what people read. */
static void put_options(struct json_object *to, const struct question *q,
			const struct question_words *words)
{
	struct json_object *list = put_list(to, "options");
	char *own;

	for (size_t i = 0; (own = question_option(&q->own, i)) != NULL; i++) {
		char *shown = question_option(words, i);
		struct json_object *row = put_row(list);

		put_text(row, "value", own);
		put_text(row, "label", shown ? shown : own);
		free(shown);
		free(own);
	}
}

void api_put_questions(const struct call *call, struct json_object *to,
		       const struct service *service)
{
	const struct questions *all = service->questions;
	struct json_object *list = put_list(to, "questions");

	for (size_t i = 0; all && i < all->count; i++) {
		const struct question *q = &all->list[i];
		const struct question_words *words = question_words(
			q, lang_tag(call->lang));
		struct json_object *row;

		if (q->retired)
			continue;
		row = put_row(list);
		put_text(row, "name", q->name);
		put_text(row, "kind", question_kind_name(q->kind));
		put_text(row, "label", words->label);
		put_flag(row, "required", q->required);
		put_flag(row, "per_seat", q->per_seat);
		put_options(row, q, words);
	}
}

static void put_slot(struct json_object *to, const struct slot *slot)
{
	put_int(to, "id", slot->id);
	put_time(to, "starts_at", slot->zone, slot->starts_at_s);
	put_time(to, "ends_at", slot->zone, slot->ends_at_s);
	put_text(to, "time_zone", slot->zone);
}

void api_put_held(const struct call *call, struct json_object *to,
		  const struct booking_view *view)
{
	put_text(to, "state", "unconfirmed");
	put_int(to, "seats", view->seats);
	put_text(to, "name", view->name);
	put_text(to, "email", view->email);
	put_text(to, "lang", view->locale);
	put_time(to, "created_at", view->slot.zone, view->created_at_s);
	put_time(to, "kept_until", view->slot.zone, view->offer_until_s);
	api_put_service(call, put_object(to, "service"), &view->service);
	put_slot(put_object(to, "slot"), &view->slot);
}

void api_put_slot(struct json_object *to, const struct slot *slot)
{
	put_slot(to, slot);
	put_int(to, "capacity", slot->capacity);
	put_int(to, "free", slot->capacity > slot->booked &&
			     !slot->closed ?
				    slot->capacity - slot->booked : 0);
}

void api_put_slot_text(const struct call *call, struct json_object *to,
		       const struct slot *slot, const char *zone)
{
	struct json_object *words = put_new();
	struct buf text = BUF_INIT;
	struct json_object *when;

	page_put_when(call, words, "when", slot);
	when = get_value(words, "when");
	buf_addf(&text, "%s, %s – %s", get_text(when, "date"),
		 get_text(when, "time"), get_text(when, "end_time"));
	if (strcmp(slot->zone, zone) != 0)
		buf_addf(&text, " (%s)", get_text(when, "zone"));
	if (slot->capacity > 1 && !slot->closed) {
		put_value(words, "free",
			  page_count(call, "free",
				     slot->capacity - slot->booked));
		buf_addf(&text, " · %s", get_text(words, "free"));
	}
	put_text(to, "text", text.data);
	buf_release(&text);
	json_object_put(words);
}

/* The queue knows more of a mail on its way than the outbox. */
static void put_live(const struct call *call, struct json_object *row,
		     const char *zone, struct notification *mail)
{
	struct publish_seen seen;

	if (mail->begins_at_ms > wall_ms() ||
	    !publish_look(call->site->publish, mail->envelope_id, &seen))
		return;
	mailstate_hear(mail, &seen);
	if (seen.next_at_ms > 0)
		put_time(row, "next_attempt_at", zone, seen.next_at_ms / 1000);
	if (mail->state == NOTIFICATION_OPEN && seen.reply[0] != '\0')
		put_text(row, "last_reply", seen.reply);
}

static void put_message(const struct call *call, struct json_object *list,
			const struct booking_view *view,
			const struct notification *known)
{
	const char *zone = view->slot.zone;
	struct json_object *row = put_row(list);
	struct notification mail = *known;

	put_text(row, "id", mail.envelope_id);
	put_text(row, "kind", mail.kind);
	if (mail.state == NOTIFICATION_OPEN)
		put_live(call, row, zone, &mail);
	enum mailstate state = mailstate_of(&mail, view->email);

	put_text(row, "state", mailstate_word(state));
	put_int(row, "attempts", mail.attempts);
	if (*mailstate_reply(&mail) != '\0')
		put_text(row, "last_reply", mailstate_reply(&mail));
	put_time(row, "created_at", zone, mail.created_at_ms / 1000);
	if (mail.begins_at_ms > mail.created_at_ms)
		put_time(row, "not_before", zone, mail.begins_at_ms / 1000);
	if (mail.final_at_ms != 0)
		put_time(row, "final_at", zone, mail.final_at_ms / 1000);
	if (mailstate_since_ms(&mail, state) != mail.final_at_ms)
		put_time(row, "reported_at", zone,
			 mailstate_since_ms(&mail, state) / 1000);
}

static void put_links(const struct call *call, struct json_object *to,
		      const struct booking_view *view)
{
	struct json_object *links = put_object(to, "links");
	const char *base = call->site->conf.base_url;
	char capability[TOKEN_LEN + 1];

	site_capability(call->site, view, capability);
	put_format(links, "self", "%s/api/v1/bookings/%s", base, capability);
	put_format(links, "page", "%s/b/%s", base, capability);
}

void api_put_waiting(const struct call *call, struct json_object *to,
		     const struct booking_view *view, const char *word)
{
	struct json_object *links;
	const char *base = call->site->conf.base_url;
	char capability[TOKEN_LEN + 1];
	char shown[TOKEN_REF_LEN + 2];
	bool kept = strcmp(word, "offered") == 0;

	token_ref_show(view->ref, shown);
	site_capability(call->site, view, capability);
	put_text(to, "ref", shown);
	put_text(to, "state", kept && view->held ? "unconfirmed" : word);
	if (view->line_position > 0)
		put_int(to, "position", view->line_position);
	if (kept)
		put_time(to, "kept_until", view->slot.zone,
			 view->offer_until_s);
	put_int(to, "seats", view->seats);
	put_text(to, "name", view->name);
	put_text(to, "email", view->email);
	put_text(to, "lang", view->locale);
	put_time(to, "created_at", view->slot.zone, view->created_at_s);
	api_put_service(call, put_object(to, "service"), &view->service);
	/* What is to be answered when it is taken. */
	if (kept && !view->held)
		api_put_questions(call, get_value(to, "service"),
				  &view->service);
	put_slot(put_object(to, "slot"), &view->slot);
	links = put_object(to, "links");
	put_format(links, "self", "%s/api/v1/waiting/%s", base, capability);
	put_format(links, "page", "%s/w/%s", base, capability);
}

void api_put_booking(const struct call *call, struct json_object *to,
		     const struct booking_view *view,
		     const struct notifications *mails)
{
	struct json_object *messages;
	char shown[TOKEN_REF_LEN + 2];

	token_ref_show(view->ref, shown);
	put_text(to, "ref", shown);
	put_text(to, "state", view->cancelled ? "cancelled" : "active");
	put_int(to, "seats", view->seats);
	put_text(to, "name", view->name);
	put_text(to, "email", view->email);
	put_text(to, "lang", view->locale);
	answers_put(to, view);
	put_time(to, "created_at", view->slot.zone, view->created_at_s);
	api_put_service(call, put_object(to, "service"), &view->service);
	put_slot(put_object(to, "slot"), &view->slot);
	put_links(call, to, view);
	messages = put_list(to, "messages");
	for (size_t i = 0; i < mails->count; i++)
		if (strcmp(mails->list[i].kind, KIND_ORGANISER) != 0)
			put_message(call, messages, view, &mails->list[i]);
}
