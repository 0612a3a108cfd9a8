/* SPDX-License-Identifier: MIT */
/* What calendars and mail programs read: iCalendar's values, and JSON-LD. */
#include "config.h"

#include "outbox/notification_impl.h"

#include "domain/zone.h"
#include "json/put.h"
#include "text/lang.h"

#include <json-c/json.h>

#define INSTANT_ROOM 32		/* "2025-12-03T14:30:00+01:00" has 25 */

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

bool notification_is_cancel(const struct telling *t)
{
	return strcmp(t->row->kind, KIND_CANCELLED) == 0;
}

/* Calendars are shared, so nothing in here may open the booking. */
void notification_put_calendar(struct json_object *data,
			       const struct telling *t)
{
	const struct booking_view *view = t->view;
	struct json_object *calendar = put_object(data, "calendar");
	struct json_object *vars = json_object_new_object();
	struct buf text = BUF_INIT;

	put_text(calendar, "method",
		 notification_is_cancel(t) ? "CANCEL" : "REQUEST");
	buf_addf(&text, "%s@%s", view->ref, t->opts->message_domain);
	put_buf(calendar, "uid", &text);
	put_int(calendar, "sequence", view->sequence);
	put_utc(calendar, "start", view->slot.starts_at_s);
	put_utc(calendar, "end", view->slot.ends_at_s);
	put_utc(calendar, "created", view->changed_at_s > 0 ?
		view->changed_at_s : view->created_at_s);
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

void notification_put_jsonld(struct json_object *data, const struct telling *t)
{
	const struct booking_view *view = t->view;
	struct json_object *jsonld = put_object(data, "jsonld");

	put_text(jsonld, "@context", "https://schema.org");
	put_text(jsonld, "@type", "EventReservation");
	put_text(jsonld, "reservationNumber", t->ref);
	put_text(jsonld, "reservationStatus",
		 notification_is_cancel(t) ?
		 "https://schema.org/ReservationCancelled" :
		 "https://schema.org/ReservationConfirmed");
	put_int(jsonld, "numSeats", view->seats);
	put_text(put_thing(jsonld, "underName", "Person"), "name", view->name);
	put_event(jsonld, t);
	put_text(jsonld, "modifyReservationUrl", t->manage_url);
}
