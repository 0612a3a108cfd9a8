/* SPDX-License-Identifier: MIT */
/* Notifications: a booking as an envelope. */
#include "config.h"

#include "outbox/notification.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "domain/question.h"
#include "domain/service.h"
#include "domain/when.h"
#include "domain/words.h"
#include "domain/zone.h"
#include "json/put.h"
#include "outbox/calendar.h"
#include "queue/envelope.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What several parts of the envelope say; made once. */
struct telling {
	const struct notification_opts *opts;
	const struct booking_view *view;
	const struct notification *row;
	const struct lang *lang;
	struct service_said said;	/* in that language */
	const char *zone;	/* the slot's */
	char ref[TOKEN_REF_LEN + 2];	/* as shown */
	char *manage_url;
	struct buf seats;
};

static bool is_kind(const struct telling *t, const char *kind)
{
	return strcmp(t->row->kind, kind) == 0;
}

static void put_buf(struct json_object *to, const char *name, struct buf *b)
{
	put_text(to, name, b->data);
	buf_clear(b);
}

static void put_service(struct json_object *data, const struct telling *t)
{
	const struct service *service = &t->view->service;
	struct json_object *part = put_object(data, "service");
	const char *own = *service->language != '\0' ? service->language :
		lang_tag(lang_negotiate(t->opts->langs, NULL));

	put_text(part, "name", t->said.name);
	put_text(part, "description", t->said.description);
	put_text(part, "place", t->said.place);
	put_text(part, "language", t->said.name_is_theirs ?
				   lang_tag(t->lang) : own);
	part = put_object(data, "organiser");
	put_text(part, "name", service->organiser_name);
	put_text(part, "email", service->organiser_email);
}

static void put_when(struct json_object *data, const struct telling *t)
{
	struct json_object *when = put_object(data, "when");
	struct buf text = BUF_INIT;
	const struct slot *slot = &t->view->slot;
	struct tm starts;
	int offset_s;
	char offset[8];

	when_date(t->lang, t->zone, slot->starts_at_s, &text);
	put_buf(when, "date", &text);
	when_time(t->lang, t->zone, slot->starts_at_s, &text);
	put_buf(when, "time", &text);
	when_time(t->lang, t->zone, slot->ends_at_s, &text);
	put_buf(when, "end_time", &text);
	lang_zone(t->lang, zone_said(t->zone), &text);
	put_buf(when, "zone", &text);
	(void)zone_local(t->zone, slot->starts_at_s, &starts, &offset_s);
	zone_offset_format(offset_s, offset);
	buf_addf(&text, "UTC%s", offset);
	put_buf(when, "utc_offset", &text);
	buf_release(&text);
}

/* Adds {date, time} of an instant in the slot's zone. */
static void put_instant(struct json_object *data, const char *name,
			const struct telling *t, int64_t at_s)
{
	struct json_object *part = put_object(data, name);
	struct buf text = BUF_INIT;

	when_date(t->lang, t->zone, at_s, &text);
	put_buf(part, "date", &text);
	when_time(t->lang, t->zone, at_s, &text);
	put_buf(part, "time", &text);
	buf_release(&text);
}

/* When a moved booking was, in the zone of the slot that it left, which is
 * named if it is another one. */
static void put_was(struct json_object *data, const struct telling *t)
{
	const char *zone = t->row->was_zone;
	bool other = *zone != '\0' && strcmp(zone, t->zone) != 0;
	struct telling then = *t;	/* borrows */
	struct buf name = BUF_INIT;

	if (other) {
		then.zone = zone;
		lang_zone(t->lang, zone_said(zone), &name);
	}
	put_instant(data, "was", &then, t->row->was_at_s);
	put_buf(json_object_object_get(data, "was"), "zone", &name);
	buf_release(&name);
}

/* Until when it can be changed, if that was ahead when the mail was due. */
static void put_until(struct json_object *data, const struct telling *t)
{
	int64_t until_s = t->view->slot.starts_at_s -
			  t->view->service.notice_min * 60;

	if (until_s > t->row->begins_at_ms / 1000)
		put_instant(data, "until", t, until_s);
}

/* What has changed: the words of the row's detail. */
static void put_changed(struct json_object *data, const struct telling *t)
{
	struct json_object *changed = put_object(data, "changed");

	put_flag(changed, "name", strstr(t->row->detail, "name") != NULL);
	put_flag(changed, "place", strstr(t->row->detail, "place") != NULL);
	put_flag(changed, "clocks", strstr(t->row->detail, "clocks") != NULL);
}

static void put_links(struct json_object *data, const struct telling *t)
{
	struct json_object *links = put_object(data, "links");
	char *again = alloc_printf("%s/s/%s", t->opts->base_url,
				   t->view->service.slug);

	put_text(links, "manage", t->manage_url);
	put_text(links, "again", again);
	/* For when the other one opens nothing any more. */
	put_format(links, "find", "%s/find?lang=%s", t->opts->base_url,
		   lang_tag(t->lang));
	free(again);
}

/* Where organisers change it: behind their password, so it is no secret. */
static void put_desk(struct json_object *data, const struct telling *t)
{
	char *desk = alloc_printf("%s/admin/b/%s", t->opts->base_url,
				  t->view->ref);

	put_text(put_object(data, "links"), "desk", desk);
	free(desk);
}

/* In the organiser's language; the answers of several seats are one text. */
static void put_answers(struct json_object *data, const struct telling *t)
{
	const struct answers *all = &t->view->answers;
	const char *yes = lang_text(t->lang, "web.form.yes");
	struct json_object *list = put_list(data, "answers");

	for (size_t i = 0; i < all->count;) {
		int64_t id = all->list[i].question_id;
		const struct question *q = questions_by_id(
			t->view->service.questions, id);
		struct json_object *row = put_row(list);
		struct buf text = BUF_INIT;

		for (; i < all->count && all->list[i].question_id == id; i++) {
			char *shown = answer_shown(q, &all->list[i],
						   lang_tag(t->lang), yes);

			buf_addf(&text, "%s%s", text.len > 0 ? "\n" : "",
				 shown);
			free(shown);
		}
		put_text(row, "question", q ? question_words(
			q, lang_tag(t->lang))->label : "");
		put_buf(row, "answer", &text);
		buf_release(&text);
	}
}

/* What the organiser reads and a visitor does not. */
static void put_visitor(struct json_object *data, const struct telling *t)
{
	const struct booking_view *view = t->view;
	struct json_object *part;

	put_flag(data, t->row->detail, true);	/* booked, moved, cancelled */
	part = put_object(data, "visitor");
	put_text(part, "name", view->name);
	put_text(part, "email", view->email);
	put_text(part, "notes", view->notes);
	put_answers(part, t);
	if (*view->email == '\0')
		return;
	part = put_object(data, "reply_to");
	put_text(part, "name", view->name);
	put_text(part, "email", view->email);
}

/* ---- what calendars and mail programs read ------------------------------- */

static void put_calendar(struct json_object *data, const struct telling *t)
{
	const struct booking_view *view = t->view;
	struct json_object *calendar = put_object(data, "calendar");
	struct calendar_entry entry;

	calendar_entry_make(view, t->lang, &entry);
	put_text(calendar, "method",
		 is_kind(t, KIND_CANCELLED) ? "CANCEL" : "REQUEST");
	put_text(calendar, "uid", entry.uid);
	put_int(calendar, "sequence", entry.sequence);
	put_text(calendar, "start", entry.start);
	put_text(calendar, "end", entry.end);
	put_text(calendar, "created", entry.stamp);
	if (*view->calendar.sender != '\0')
		put_text(calendar, "organiser", view->calendar.sender);
	put_text(calendar, "summary", entry.summary);
	put_text(calendar, "location", entry.location);
	put_text(calendar, "description", entry.description);
	calendar_entry_release(&entry);
}

static struct json_object *put_thing(struct json_object *to, const char *name,
				     const char *type)
{
	struct json_object *thing = put_object(to, name);

	put_text(thing, "@type", type);
	return thing;
}

static void put_event(struct json_object *jsonld, const struct telling *t)
{
	const struct service *service = &t->view->service;
	struct json_object *event = put_thing(jsonld, "reservationFor",
					      "Event");
	struct json_object *part;

	put_text(event, "name", t->said.name);
	zone_put(event, "startDate", t->zone,
		 t->view->slot.starts_at_s * 1000);
	zone_put(event, "endDate", t->zone, t->view->slot.ends_at_s * 1000);
	if (*t->said.place != '\0') {
		part = put_thing(event, "location", "Place");
		put_text(part, "name", t->said.place);
		put_text(part, "address", t->said.place);
	}
	if (*service->organiser_name) {
		part = put_thing(event, "organizer", "Organization");
		put_text(part, "name", service->organiser_name);
	}
}

static void put_jsonld(struct json_object *data, const struct telling *t)
{
	const struct booking_view *view = t->view;
	struct json_object *jsonld = put_object(data, "jsonld");

	put_text(jsonld, "@context", "https://schema.org");
	put_text(jsonld, "@type", "EventReservation");
	put_text(jsonld, "reservationNumber", t->ref);
	put_text(jsonld, "reservationStatus",
		 is_kind(t, KIND_CANCELLED) ?
		 "https://schema.org/ReservationCancelled" :
		 "https://schema.org/ReservationConfirmed");
	put_int(jsonld, "numSeats", view->seats);
	put_text(put_thing(jsonld, "underName", "Person"), "name", view->name);
	put_event(jsonld, t);
	put_text(jsonld, "modifyReservationUrl", t->manage_url);
}

/* ---- the whole ----------------------------------------------------------- */

static void put_story(struct json_object *data, const struct telling *t)
{
	const struct booking_view *view = t->view;

	if (is_kind(t, KIND_CONFIRMED) || is_kind(t, KIND_MOVED) ||
	    is_kind(t, KIND_CHANGED) || is_kind(t, KIND_REMINDER))
		put_until(data, t);
	if (is_kind(t, KIND_CHANGED))
		put_changed(data, t);
	if (is_kind(t, KIND_PLACE_FREE))
		put_instant(data, "until", t, view->offer_until_s);
	if (is_kind(t, KIND_PLACE_WAITING))
		put_int(data, "position", view->line_position);
	if (is_kind(t, KIND_CANCELLED)) {
		put_flag(data, "by_organiser",
			 view->cancelled_by == CANCELLED_BY_ORGANISER);
		put_text(data, "reason", view->cancel_reason);
	}
	if (is_kind(t, KIND_CONFIRMED) || is_kind(t, KIND_MOVED) ||
	    is_kind(t, KIND_CHANGED) || is_kind(t, KIND_CANCELLED)) {
		put_calendar(data, t);
		if (t->opts->jsonld)
			put_jsonld(data, t);
	}
}

/* What the service calls it, as a flag: templates have a sentence for each. */
static void put_noun(struct json_object *data, const struct booking_view *view)
{
	const char *noun = service_noun(&view->service, view->seats);

	if (noun)
		put_flag(put_object(data, "noun"), noun, true);
}

static bool is_set(const char *text)
{
	return text && *text != '\0';
}

/* How the organisation looks; templates know what to do without. */
static void put_brand(struct json_object *data,
		      const struct notification_opts *opts)
{
	struct json_object *brand;

	if (!is_set(opts->site_name) && !is_set(opts->site_logo) &&
	    !is_set(opts->accent))
		return;
	brand = put_object(data, "brand");
	if (is_set(opts->site_name))
		put_text(brand, "name", opts->site_name);
	if (is_set(opts->site_logo))
		put_format(brand, "logo", "%s%s", opts->base_url,
			   opts->site_logo);
	if (is_set(opts->accent)) {
		put_text(brand, "accent", opts->accent);
		put_text(brand, "dark_accent", opts->dark_accent);
	}
}

static struct json_object *data_make(const struct telling *t)
{
	const struct booking_view *view = t->view;
	struct json_object *data = put_new();

	put_text(data, "ref", t->ref);
	put_text(data, "name", view->name);
	put_int(data, "seats", view->seats);
	put_text(data, "seats_text", t->seats.data);
	put_brand(data, t->opts);
	put_noun(data, view);
	put_service(data, t);
	put_when(data, t);
	if (t->row->was_at_s != 0)
		put_was(data, t);
	if (is_kind(t, KIND_ORGANISER)) {
		put_visitor(data, t);
		put_desk(data, t);
	} else {
		put_links(data, t);
		put_story(data, t);
	}
	return data;
}

/* The organiser reads the service's language, a visitor their own. */
static const struct lang *lang_of(const struct notification_opts *opts,
				  const struct booking_view *view,
				  const struct notification *row)
{
	bool organiser = strcmp(row->kind, KIND_ORGANISER) == 0;
	const struct lang *l = lang_find(opts->langs, organiser ?
					 view->service.language :
					 view->locale);

	return l ? l : lang_negotiate(opts->langs, NULL);
}

static void telling_init(struct telling *t,
			 const struct notification_opts *opts,
			 const struct booking_view *view,
			 const struct notification *row)
{
	char capability[TOKEN_LEN + 1];

	*t = (struct telling){
		.opts = opts,
		.view = view,
		.row = row,
		.lang = lang_of(opts, view, row),
		.zone = view->slot.zone,
		.seats = BUF_INIT,
	};
	t->said = service_say(&view->service, lang_tag(t->lang));
	token_ref_show(view->ref, t->ref);
	token_format(&opts->key, view->ref, &view->link, capability);
	t->manage_url = alloc_printf("%s/%c/%s", opts->base_url,
				     row->waiting_id ? 'w' : 'b', capability);
	calendar_seats(t->lang, view->seats, &t->seats);
}

/* After that it would tell nobody anything. */
static int64_t not_after_ms(const struct booking_view *view,
			    const struct notification *row)
{
	int64_t end_ms = row->begins_at_ms + NOTIFICATION_LIFE_MS;
	int64_t use_ms = view->slot.starts_at_s * 1000;

	if (strcmp(row->kind, KIND_PLACE_FREE) == 0)
		use_ms = view->offer_until_s * 1000;
	else if (strcmp(row->kind, KIND_REMINDER) != 0 &&
		 strcmp(row->kind, KIND_PLACE_WAITING) != 0)
		return end_ms;
	return use_ms < end_ms ? use_ms : end_ms;
}

char *notification_envelope(const struct notification_opts *opts,
			    const struct booking_view *view,
			    const struct notification *row)
{
	bool organiser = strcmp(row->kind, KIND_ORGANISER) == 0;
	const struct service *service = &view->service;
	struct telling t;
	struct envelope e = {
		.to_name = organiser ? service->organiser_name : view->name,
		.to_email = organiser ? service->organiser_email : view->email,
		.not_after_ms = not_after_ms(view, row),
	};

	telling_init(&t, opts, view, row);
	must(str_copy(e.id, sizeof(e.id), row->envelope_id));
	must(str_copy(e.kind, sizeof(e.kind), row->kind));
	must(str_copy(e.locale, sizeof(e.locale), lang_tag(t.lang)));
	e.data = data_make(&t);

	char *text = envelope_format(&e);

	json_object_put(e.data);
	buf_release(&t.seats);
	free(t.manage_url);
	return text;
}
