/* SPDX-License-Identifier: MIT */
/* Notifications: a booking as an envelope. */
#include "config.h"

#include "notification.h"

#include "alloc.h"
#include "buf.h"
#include "envelope.h"
#include "lang.h"
#include "put.h"
#include "str.h"
#include "zone.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#define INSTANT_ROOM 32		/* "2025-12-03T14:30:00+01:00" has 25 */

/* What several parts of the envelope say; made once. */
struct telling {
	const struct notification_opts *opts;
	const struct booking_view *view;
	const struct lang *lang;
	const char *zone;	/* the service's, or "UTC" */
	struct tm starts;	/* local */
	struct tm ends;
	int starts_offset_s;
	int ends_offset_s;
	char ref[TOKEN_REF_LEN + 2];	/* as shown */
	char *manage_url;
	struct buf seats;
};

static void put_buf(struct json_object *to, const char *name, struct buf *b)
{
	put_text(to, name, b->data);
	buf_clear(b);
}

/* RFC 3339; offset is "Z" or "+01:00". */
static void instant_write(char out[INSTANT_ROOM], const struct tm *tm,
			  const char *offset)
{
	int len = snprintf(out, INSTANT_ROOM, "%04d-%02d-%02dT%02d:%02d:%02d%s",
			   tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday,
			   tm->tm_hour, tm->tm_min, tm->tm_sec, offset);

	must(len > 0 && len < INSTANT_ROOM);
}

static void put_utc(struct json_object *to, const char *name, int64_t at_s)
{
	time_t at = at_s;
	struct tm tm;
	char text[INSTANT_ROOM];

	must(gmtime_r(&at, &tm));
	instant_write(text, &tm, "Z");
	put_text(to, name, text);
}

static void put_local(struct json_object *to, const char *name,
		      const struct tm *tm, int offset_s)
{
	char offset[8];
	char text[INSTANT_ROOM];

	zone_offset_format(offset_s, offset);
	instant_write(text, tm, offset);
	put_text(to, name, text);
}

static void put_service(struct json_object *data, const struct telling *t)
{
	const struct service *service = &t->view->service;
	struct json_object *part = put_object(data, "service");

	put_text(part, "name", service->name);
	put_text(part, "description", service->description);
	put_text(part, "place", service->place);
	part = put_object(data, "organiser");
	put_text(part, "name", service->organiser_name);
	put_text(part, "email", service->organiser_email);
}

static void put_when(struct json_object *data, const struct telling *t)
{
	struct json_object *when = put_object(data, "when");
	struct buf text = BUF_INIT;
	char offset[8];

	lang_date(t->lang, &t->starts, &text);
	put_buf(when, "date", &text);
	lang_time(t->lang, &t->starts, &text);
	put_buf(when, "time", &text);
	lang_time(t->lang, &t->ends, &text);
	put_buf(when, "end_time", &text);
	put_text(when, "zone", t->zone);
	zone_offset_format(t->starts_offset_s, offset);
	buf_addf(&text, "UTC%s", offset);
	put_buf(when, "utc_offset", &text);
	buf_release(&text);
}

/* Calendars are shared, so nothing in here may open the booking. */
static void put_calendar(struct json_object *data, const struct telling *t)
{
	const struct booking_view *view = t->view;
	struct json_object *calendar = put_object(data, "calendar");
	struct json_object *vars = json_object_new_object();
	struct buf text = BUF_INIT;

	put_text(calendar, "method", "REQUEST");
	buf_addf(&text, "%s@%s", view->ref, t->opts->message_domain);
	put_buf(calendar, "uid", &text);
	put_int(calendar, "sequence", 0);
	put_utc(calendar, "start", view->slot.starts_at_s);
	put_utc(calendar, "end", view->slot.ends_at_s);
	put_utc(calendar, "created", view->created_at_s);
	put_text(calendar, "summary", view->service.name);
	put_text(calendar, "location", view->service.place);
	put_text(vars, "ref", t->ref);
	put_text(vars, "seats", t->seats.data);
	lang_format(t->lang, "mail.calendar", vars, &text);
	if (*view->service.description)
		buf_addf(&text, "\n\n%s", view->service.description);
	put_buf(calendar, "description", &text);
	buf_release(&text);
	json_object_put(vars);
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

	put_text(event, "name", service->name);
	put_local(event, "startDate", &t->starts, t->starts_offset_s);
	put_local(event, "endDate", &t->ends, t->ends_offset_s);
	if (*service->place) {
		part = put_thing(event, "location", "Place");
		put_text(part, "name", service->place);
		put_text(part, "address", service->place);
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
		 "https://schema.org/ReservationConfirmed");
	put_int(jsonld, "numSeats", view->seats);
	put_text(put_thing(jsonld, "underName", "Person"), "name", view->name);
	put_event(jsonld, t);
	put_text(jsonld, "modifyReservationUrl", t->manage_url);
}

static struct json_object *data_make(const struct telling *t)
{
	const struct booking_view *view = t->view;
	struct json_object *data = json_object_new_object();

	put_text(data, "ref", t->ref);
	put_text(data, "name", view->name);
	put_int(data, "seats", view->seats);
	put_text(data, "seats_text", t->seats.data);
	put_service(data, t);
	put_when(data, t);
	put_text(put_object(data, "links"), "manage", t->manage_url);
	put_calendar(data, t);
	put_jsonld(data, t);
	return data;
}

static void telling_init(struct telling *t,
			 const struct notification_opts *opts,
			 const struct booking_view *view)
{
	struct json_object *vars = json_object_new_object();
	char capability[TOKEN_LEN + 1];

	*t = (struct telling){
		.opts = opts,
		.view = view,
		.lang = lang_find(opts->langs, view->locale),
		.zone = view->service.zone,
		.seats = BUF_INIT,
	};
	if (!t->lang)
		t->lang = lang_negotiate(opts->langs, NULL);

	/* Both or neither: in a zone that is not known they are in UTC. */
	int starts = zone_local(t->zone, view->slot.starts_at_s, &t->starts,
				&t->starts_offset_s);
	int ends = zone_local(t->zone, view->slot.ends_at_s, &t->ends,
			      &t->ends_offset_s);

	if (starts < 0 || ends < 0)
		t->zone = "UTC";
	token_ref_show(view->ref, t->ref);
	token_format(&opts->key, view->ref, view->id, view->version,
		     capability);
	t->manage_url = alloc_printf("%s/b/%s", opts->base_url, capability);
	put_int(vars, "n", view->seats);
	lang_format(t->lang, "mail.seats", vars, &t->seats);
	json_object_put(vars);
}

char *notification_envelope(const struct notification_opts *opts,
			    const struct booking_view *view, const char *id,
			    const char *kind)
{
	struct telling t;
	struct envelope e = {
		.to_name = view->name,
		.to_email = view->email,
		.not_after_ms = view->created_at_s * 1000 +
				NOTIFICATION_LIFE_MS,
	};

	telling_init(&t, opts, view);
	must(str_copy(e.id, sizeof(e.id), id));
	must(str_copy(e.kind, sizeof(e.kind), kind));
	must(str_copy(e.locale, sizeof(e.locale), lang_tag(t.lang)));
	e.data = data_make(&t);

	char *text = envelope_format(&e);

	json_object_put(e.data);
	buf_release(&t.seats);
	free(t.manage_url);
	return text;
}
