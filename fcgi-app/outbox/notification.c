/* SPDX-License-Identifier: MIT */
/* Notifications: a booking as an envelope. */
#include "config.h"

#include "outbox/notification.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "domain/offer.h"
#include "domain/question.h"
#include "domain/service.h"
#include "domain/when.h"
#include "domain/words.h"
#include "domain/zone.h"
#include "json/write.h"
#include "outbox/calendar.h"
#include "queue/envelope.h"
#include "text/lang.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ENVELOPE_ROOM 4096	/* bytes; most have fewer */

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

static void write_buf(struct buf *out, const char *name, struct buf *b)
{
	write_text(out, name, b->data);
	buf_clear(b);
}

static void write_service(struct buf *out, const struct telling *t)
{
	const struct service *service = &t->view->service;
	const char *own = *service->language != '\0' ? service->language :
		lang_tag(lang_negotiate(t->opts->langs, NULL));

	write_object(out, "service");
	write_text(out, "name", t->said.name);
	write_text(out, "description", t->said.description);
	write_text(out, "place", t->said.place);
	write_text(out, "language", t->said.name_is_theirs ?
				    lang_tag(t->lang) : own);
	write_object_end(out);
	write_object(out, "organiser");
	write_text(out, "name", service->organiser_name);
	write_text(out, "email", service->organiser_email);
	write_object_end(out);
}

static void write_when(struct buf *out, const struct telling *t)
{
	struct buf text = BUF_INIT;
	const struct slot *slot = &t->view->slot;
	struct tm starts;
	int offset_s;
	char offset[8];

	write_object(out, "when");
	when_date(t->lang, t->zone, slot->starts_at_s, &text);
	write_buf(out, "date", &text);
	when_time(t->lang, t->zone, slot->starts_at_s, &text);
	write_buf(out, "time", &text);
	when_time(t->lang, t->zone, slot->ends_at_s, &text);
	write_buf(out, "end_time", &text);
	lang_zone(t->lang, zone_said(t->zone), &text);
	write_buf(out, "zone", &text);
	(void)zone_local(t->zone, slot->starts_at_s, &starts, &offset_s);
	zone_offset_format(offset_s, offset);
	buf_addstr(&text, "UTC");
	buf_addstr(&text, offset);
	write_buf(out, "utc_offset", &text);
	write_object_end(out);
	buf_release(&text);
}

/* Begins {date, time} of an instant in the slot's zone. */
static void write_moment(struct buf *out, const char *name,
			 const struct telling *t, int64_t at_s)
{
	struct buf text = BUF_INIT;

	write_object(out, name);
	when_date(t->lang, t->zone, at_s, &text);
	write_buf(out, "date", &text);
	when_time(t->lang, t->zone, at_s, &text);
	write_buf(out, "time", &text);
	buf_release(&text);
}

static void write_instant(struct buf *out, const char *name,
			  const struct telling *t, int64_t at_s)
{
	write_moment(out, name, t, at_s);
	write_object_end(out);
}

/* When a moved booking was, in the zone of the slot that it left, which is
 * named if it is another one. */
static void write_was(struct buf *out, const struct telling *t)
{
	const char *zone = t->row->was_zone;
	bool other = *zone != '\0' && strcmp(zone, t->zone) != 0;
	struct telling then = *t;	/* borrows */
	struct buf name = BUF_INIT;

	if (other) {
		then.zone = zone;
		lang_zone(t->lang, zone_said(zone), &name);
	}
	write_moment(out, "was", &then, t->row->was_at_s);
	write_buf(out, "zone", &name);
	write_object_end(out);
	buf_release(&name);
}

/* Until when it can be changed, if that was ahead when the mail was due. */
static void write_until(struct buf *out, const struct telling *t)
{
	int64_t until_s = t->view->slot.starts_at_s -
			  t->view->service.notice_min * 60;

	if (until_s > t->row->begins_at_ms / 1000)
		write_instant(out, "until", t, until_s);
}

/* A minute of a day: "22:00". */
static void write_clock(struct buf *out, const char *name,
			const struct telling *t, int minute)
{
	const struct tm tm = { .tm_hour = minute / 60, .tm_min = minute % 60,
			       .tm_mday = 1 };
	struct buf text = BUF_INIT;

	lang_time(t->lang, &tm, &text);
	write_text(out, name, text.data);
	buf_release(&text);
}

/* How long it is kept, since nobody knows when the mail will arrive, and the
 * hours that do not count. */
static void write_within(struct buf *out, const struct telling *t,
			 const struct offer_clock *clock)
{
	struct buf text = BUF_INIT;

	when_length(t->lang, clock->minutes, &text);
	write_text(out, "within", text.data);
	buf_release(&text);
	if (clock->quiet.from_min == clock->quiet.until_min)
		return;
	write_object(out, "quiet");
	write_clock(out, "from", t, clock->quiet.from_min);
	write_clock(out, "until", t, clock->quiet.until_min);
	write_object_end(out);
}

/* Until when the place is kept, if that is known. */
static void write_kept(struct buf *out, const struct telling *t)
{
	const struct booking_view *v = t->view;
	const struct offer_clock clock = offer_clock_of(v, &t->opts->quiet);

	if (v->told_at_s > 0)
		write_instant(out, "until", t, v->offer_until_s);
	else if (offer_is_whole(&clock))
		write_within(out, t, &clock);
	else
		write_instant(out, "until", t, v->slot.starts_at_s);
}

/* What has changed: the words of the row's detail. */
static void write_changed(struct buf *out, const struct telling *t)
{
	write_object(out, "changed");
	write_flag(out, "name", strstr(t->row->detail, "name") != NULL);
	write_flag(out, "place", strstr(t->row->detail, "place") != NULL);
	write_flag(out, "clocks", strstr(t->row->detail, "clocks") != NULL);
	write_object_end(out);
}

static void write_links(struct buf *out, const struct telling *t)
{
	char *again = alloc_printf("%s/s/%s", t->opts->base_url,
				   t->view->service.slug);
	/* For when the other one opens nothing any more. */
	char *find = alloc_printf("%s/find?lang=%s", t->opts->base_url,
				  lang_tag(t->lang));

	write_object(out, "links");
	write_text(out, "manage", t->manage_url);
	write_text(out, "again", again);
	write_text(out, "find", find);
	write_object_end(out);
	free(find);
	free(again);
}

/* Where organisers change it: behind their password, so it is no secret. */
static void write_desk(struct buf *out, const struct telling *t)
{
	char *desk = alloc_printf("%s/admin/b/%s", t->opts->base_url,
				  t->view->ref);

	write_object(out, "links");
	write_text(out, "desk", desk);
	write_object_end(out);
	free(desk);
}

/* In the organiser's language; the answers of several seats are one text. */
static void write_answers(struct buf *out, const struct telling *t)
{
	const struct answers *all = &t->view->answers;
	const char *yes = lang_text(t->lang, "web.form.yes");

	write_list(out, "answers");
	for (size_t i = 0; i < all->count;) {
		int64_t id = all->list[i].question_id;
		const struct question *q = questions_by_id(
			t->view->service.questions, id);
		struct buf text = BUF_INIT;

		for (; i < all->count && all->list[i].question_id == id; i++) {
			char *shown = answer_shown(q, &all->list[i],
						   lang_tag(t->lang), yes);

			buf_addf(&text, "%s%s", text.len > 0 ? "\n" : "",
				 shown);
			free(shown);
		}
		write_object(out, NULL);
		write_text(out, "question", q ? question_words(
			q, lang_tag(t->lang))->label : "");
		write_buf(out, "answer", &text);
		write_object_end(out);
		buf_release(&text);
	}
	write_list_end(out);
}

/* What the organiser reads and a visitor does not. */
static void write_visitor(struct buf *out, const struct telling *t)
{
	const struct booking_view *view = t->view;

	write_flag(out, t->row->detail, true);	/* booked, moved, cancelled */
	write_object(out, "visitor");
	write_text(out, "name", view->name);
	write_text(out, "email", view->email);
	write_text(out, "notes", view->notes);
	write_answers(out, t);
	write_object_end(out);
	if (*view->email == '\0')
		return;
	write_object(out, "reply_to");
	write_text(out, "name", view->name);
	write_text(out, "email", view->email);
	write_object_end(out);
}

/* ---- what calendars and mail programs read ------------------------------- */

static void write_calendar(struct buf *out, const struct telling *t)
{
	const struct booking_view *view = t->view;
	struct calendar_entry entry;

	calendar_entry_make(view, t->lang, &entry);
	write_object(out, "calendar");
	write_text(out, "method",
		 is_kind(t, KIND_CANCELLED) ? "CANCEL" : "REQUEST");
	write_text(out, "uid", entry.uid);
	write_int(out, "sequence", entry.sequence);
	write_text(out, "start", entry.start);
	write_text(out, "end", entry.end);
	write_text(out, "created", entry.stamp);
	if (*view->calendar.sender != '\0')
		write_text(out, "organiser", view->calendar.sender);
	write_text(out, "summary", entry.summary);
	write_text(out, "location", entry.location);
	write_text(out, "description", entry.description);
	write_object_end(out);
	calendar_entry_release(&entry);
}

static void write_thing(struct buf *out, const char *name, const char *type)
{
	write_object(out, name);
	write_text(out, "@type", type);
}

static void write_iso(struct buf *out, const char *name, const char *zone,
		      int64_t at_s)
{
	char text[ZONE_ISO_SIZE];

	zone_iso(zone, at_s * 1000, text);
	write_text(out, name, text);
}

static void write_event(struct buf *out, const struct telling *t)
{
	const struct service *service = &t->view->service;

	write_thing(out, "reservationFor", "Event");
	write_text(out, "name", t->said.name);
	write_iso(out, "startDate", t->zone, t->view->slot.starts_at_s);
	write_iso(out, "endDate", t->zone, t->view->slot.ends_at_s);
	if (*t->said.place != '\0') {
		write_thing(out, "location", "Place");
		write_text(out, "name", t->said.place);
		write_text(out, "address", t->said.place);
		write_object_end(out);
	}
	if (*service->organiser_name) {
		write_thing(out, "organizer", "Organization");
		write_text(out, "name", service->organiser_name);
		write_object_end(out);
	}
	write_object_end(out);
}

static void write_jsonld(struct buf *out, const struct telling *t)
{
	const struct booking_view *view = t->view;

	write_object(out, "jsonld");
	write_text(out, "@context", "https://schema.org");
	write_text(out, "@type", "EventReservation");
	write_text(out, "reservationNumber", t->ref);
	write_text(out, "reservationStatus",
		 is_kind(t, KIND_CANCELLED) ?
		 "https://schema.org/ReservationCancelled" :
		 "https://schema.org/ReservationConfirmed");
	write_int(out, "numSeats", view->seats);
	write_thing(out, "underName", "Person");
	write_text(out, "name", view->name);
	write_object_end(out);
	write_event(out, t);
	write_text(out, "modifyReservationUrl", t->manage_url);
	write_object_end(out);
}

/* ---- the whole ----------------------------------------------------------- */

static void write_story(struct buf *out, const struct telling *t)
{
	const struct booking_view *view = t->view;

	if (is_kind(t, KIND_CONFIRMED) || is_kind(t, KIND_MOVED) ||
	    is_kind(t, KIND_CHANGED) || is_kind(t, KIND_REMINDER))
		write_until(out, t);
	if (is_kind(t, KIND_CHANGED))
		write_changed(out, t);
	if (is_kind(t, KIND_PLACE_FREE) || is_kind(t, KIND_CONFIRM))
		write_kept(out, t);
	if (is_kind(t, KIND_PLACE_WAITING))
		write_int(out, "position", view->line_position);
	if (is_kind(t, KIND_CANCELLED)) {
		write_flag(out, "by_organiser",
			 view->cancelled_by == CANCELLED_BY_ORGANISER);
		write_text(out, "reason", view->cancel_reason);
	}
	if (is_kind(t, KIND_CONFIRMED) || is_kind(t, KIND_MOVED) ||
	    is_kind(t, KIND_CHANGED) || is_kind(t, KIND_CANCELLED)) {
		write_calendar(out, t);
		if (t->opts->jsonld)
			write_jsonld(out, t);
	}
}

/* What the service calls it, as a flag: templates have a sentence for each. */
static void write_noun(struct buf *out, const struct booking_view *view)
{
	const char *noun = service_noun(&view->service, view->seats);

	if (!noun)
		return;
	write_object(out, "noun");
	write_flag(out, noun, true);
	write_object_end(out);
}

static bool is_set(const char *text)
{
	return text && *text != '\0';
}

/* How the organisation looks; templates know what to do without. */
static void write_brand(struct buf *out,
		      const struct notification_opts *opts)
{
	if (!is_set(opts->site_name) && !is_set(opts->site_logo) &&
	    !is_set(opts->accent))
		return;
	write_object(out, "brand");
	if (is_set(opts->site_name))
		write_text(out, "name", opts->site_name);
	if (is_set(opts->site_logo)) {
		char *logo = alloc_printf("%s%s", opts->base_url,
					  opts->site_logo);

		write_text(out, "logo", logo);
		free(logo);
	}
	if (is_set(opts->accent)) {
		write_text(out, "accent", opts->accent);
		write_text(out, "dark_accent", opts->dark_accent);
	}
	write_object_end(out);
}

static void write_data(struct buf *out, const struct telling *t)
{
	const struct booking_view *view = t->view;

	write_object(out, "data");
	/* What is to be confirmed gets one only then. */
	if (!is_kind(t, KIND_CONFIRM))
		write_text(out, "ref", t->ref);
	write_text(out, "name", view->name);
	write_int(out, "seats", view->seats);
	write_text(out, "seats_text", t->seats.data);
	write_brand(out, t->opts);
	write_noun(out, view);
	write_service(out, t);
	write_when(out, t);
	if (t->row->was_at_s != 0)
		write_was(out, t);
	if (is_kind(t, KIND_ORGANISER)) {
		write_visitor(out, t);
		write_desk(out, t);
	} else {
		write_links(out, t);
		write_story(out, t);
	}
	write_object_end(out);
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

	if (strcmp(row->kind, KIND_PLACE_FREE) == 0 ||
	    strcmp(row->kind, KIND_CONFIRM) == 0) {
		/* Before the place goes back because nobody was told of it,
		 * what became of the mail must be known. */
		use_ms = view->offer_until_s * 1000;
		if (view->told_at_s == 0 &&
		    view->offer_until_s < view->slot.starts_at_s)
			use_ms -= OFFER_MARGIN_MS;
	} else if (strcmp(row->kind, KIND_REMINDER) != 0 &&
		 strcmp(row->kind, KIND_PLACE_WAITING) != 0 &&
		 strcmp(row->kind, KIND_PLACE_REMOVED) != 0)
		return end_ms;
	return use_ms < end_ms ? use_ms : end_ms;
}

char *notification_envelope(const struct notification_opts *opts,
			    const struct booking_view *view,
			    const struct notification *row)
{
	bool organiser = strcmp(row->kind, KIND_ORGANISER) == 0;
	const struct service *service = &view->service;
	struct buf text = BUF_INIT;
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
	buf_reserve(&text, ENVELOPE_ROOM);
	envelope_begin(&e, &text);
	write_data(&text, &t);
	write_object_end(&text);
	buf_release(&t.seats);
	free(t.manage_url);
	return buf_detach(&text);
}
