/* SPDX-License-Identifier: MIT */
/* Writes services, slots, plans and rows of organisers' lists as JSON. */
#include "config.h"

#include "actions/json.h"

#include "actions/story.h"
#include "domain/question.h"
#include "domain/token.h"
#include "domain/words.h"
#include "domain/zone.h"
#include "json/put.h"
#include "store/audit.h"
#include "store/bookings.h"
#include "store/line.h"
#include "store/mails.h"
#include "store/service.h"

#include <json-c/json.h>

#include <stdlib.h>

/* As people read it; "" for a mail that is about no booking. */
static void put_reference(struct json_object *to, const char *ref)
{
	char shown[TOKEN_REF_LEN + 2] = "";

	if (*ref != '\0')
		token_ref_show(ref, shown);
	put_text(to, "reference", shown);
}

void rows_put_booking(struct json_object *list, const struct booking_row *b)
{
	static const char *const returned[] = {
		[RETURNED_NONE] = "",
		[RETURNED_LIKELY] = "likely",
		[RETURNED_SURELY] = "sure",
	};
	struct json_object *row = put_row(list);

	put_reference(row, b->ref);
	put_text(row, "service", b->slug);
	put_text(row, "service_name", b->service);
	zone_put(row, "starts_at", b->zone, b->starts_at_s * 1000);
	zone_put(row, "ends_at", b->zone, b->ends_at_s * 1000);
	put_text(row, "time_zone", b->zone);
	put_int(row, "seats", b->seats);
	put_flag(row, "cancelled", b->cancelled);
	put_flag(row, "erased", b->erased);
	put_text(row, "name", b->name);
	put_text(row, "email", b->email);
	put_text(row, "notes", b->notes);
	put_text(row, "phone", b->phone);
	zone_put(row, "created_at", b->zone, b->created_at_s * 1000);
	put_int(row, "open_mails", b->open_mails);
	put_int(row, "bad_mails", b->bad_mails);
	put_text(row, "returned", returned[b->returned]);
}

void rows_put_waiting(struct json_object *list, const struct line_row *w)
{
	const struct slot *slot = &w->slot;
	struct json_object *row = put_row(list);

	put_reference(row, w->ref);
	put_text(row, "state", w->held ? "unconfirmed" :
			       w->offer_until_s > 0 ? "offered" : "in_line");
	put_int(row, "slot", slot->id);
	zone_put(row, "starts_at", slot->zone, slot->starts_at_s * 1000);
	zone_put(row, "ends_at", slot->zone, slot->ends_at_s * 1000);
	put_text(row, "time_zone", slot->zone);
	put_int(row, "seats", w->seats);
	put_text(row, "name", w->name);
	put_text(row, "email", w->email);
	zone_put(row, "since", slot->zone, w->since_s * 1000);
	zone_put(row, "kept_until", slot->zone, w->offer_until_s * 1000);
}

void rows_put_mail(struct json_object *list, const struct mail_row *m)
{
	const struct notification *n = &m->mail;
	struct json_object *row = put_row(list);

	put_text(row, "id", n->envelope_id);
	put_reference(row, m->ref);
	put_text(row, "kind", n->kind);
	put_text(row, "state", story_state(n->state));
	put_int(row, "attempts", n->attempts);
	zone_put(row, "created_at", "UTC", n->created_at_ms);
	zone_put(row, "begins_at", "UTC",
		 n->begins_at_ms != n->created_at_ms ? n->begins_at_ms : 0);
	zone_put(row, "final_at", "UTC", n->final_at_ms);
	put_text(row, "reply", n->reply);
	zone_put(row, "next_at", "UTC", m->next_at_ms);
	fate_put(row, "UTC", n);
}

void fate_put(struct json_object *to, const char *zone,
	      const struct notification *n)
{
	put_text(to, "fate", queue_fate_word(n->fate));
	put_flag(to, "fate_sure", n->fate_sure);
	zone_put(to, "fate_at", zone, n->fate_at_ms);
	put_text(to, "fate_text", n->fate_text);
}

void rows_put_audit(struct json_object *list, const struct audit_row *a)
{
	struct json_object *row = put_row(list);

	zone_put(row, "at", "UTC", a->at_ms);
	put_text(row, "actor", a->actor);
	put_text(row, "action", a->action);
	put_text(row, "object", a->object);
	put_text(row, "detail", a->detail);
	put_text(row, "request_id", a->request_id);
}

/* ---- services and slots ----------------------------------------------- */

#define PUT(type, kind, member, column, field, ...) \
	put_##type(row, field, s->member);

struct json_object *service_json(const struct service *s)
{
	struct json_object *row = put_new();

	SERVICE_MEMBERS(PUT)
	put_value(row, "texts", service_words_json(s));
	return row;
}

struct json_object *alteration_json(const struct service_alteration *a)
{
	struct json_object *row = service_json(a->service);

	put_int(row, "booked_ahead", a->booked);
	put_int(row, "told", a->tell ? a->booked : 0);
	return row;
}

struct json_object *slot_json(const struct slot *slot)
{
	struct json_object *row = put_new();

	put_int(row, "id", slot->id);
	zone_put(row, "starts_at", slot->zone, slot->starts_at_s * 1000);
	zone_put(row, "ends_at", slot->zone, slot->ends_at_s * 1000);
	put_text(row, "time_zone", slot->zone);
	put_int(row, "capacity", slot->capacity);
	put_int(row, "booked", slot->booked);
	put_flag(row, "closed", slot->closed);
	return row;
}

struct json_object *plan_json(const struct slot_plan *plan)
{
	struct json_object *o = put_new();

	for (enum slot_planned what = 0; what < SLOT_PLANNED; what++)
		put_int(o, slot_planned_name(what),
			(int64_t)slot_plan_count(plan, what));
	put_flag(o, "dry_run", plan->dry);
	return o;
}

/* ---- questions -------------------------------------------------------- */

static void put_words(struct json_object *to, const struct question_words *w)
{
	struct json_object *options;
	char *option;

	put_text(to, "label", w->label);
	options = put_list(to, "options");
	for (size_t i = 0; (option = question_option(w, i)) != NULL; i++) {
		put_append(options, json_object_new_string(option));
		free(option);
	}
}

struct json_object *question_json(const struct question *q)
{
	struct json_object *row = put_new();
	struct json_object *others;

	put_text(row, "name", q->name);
	put_text(row, "kind", question_kind_name(q->kind));
	put_words(row, &q->own);
	put_flag(row, "required", q->required);
	put_flag(row, "per_seat", q->per_seat);
	put_int(row, "position", q->position);
	put_flag(row, "retired", q->retired);
	others = put_object(row, "translations");
	for (size_t i = 0; i < q->other_count; i++)
		put_words(put_object(others, q->others[i].lang),
			  &q->others[i]);
	return row;
}

/* Adds the text of a seat; seats before it that were not answered are "". */
static void put_seat(struct json_object *to, const char *name,
		     const struct given_answer *a)
{
	struct json_object *list = NULL;

	if (!json_object_object_get_ex(to, name, &list))
		list = put_list(to, name);
	while ((int64_t)json_object_array_length(list) + 1 < a->seat)
		put_append(list, json_object_new_string(""));
	put_append(list, json_object_new_string(a->text));
}

void answers_put(struct json_object *to, const struct booking_view *v)
{
	struct json_object *all = put_object(to, "answers");

	for (size_t i = 0; i < v->answers.count; i++) {
		const struct given_answer *a = &v->answers.list[i];
		const struct question *q = questions_by_id(
			v->service.questions, a->question_id);

		if (!q)
			continue;	/* asked since it was read */
		if (a->seat > 0)
			put_seat(all, q->name, a);
		else if (q->kind == QUESTION_BOX)
			put_flag(all, q->name, true);
		else
			put_text(all, q->name, a->text);
	}
}
