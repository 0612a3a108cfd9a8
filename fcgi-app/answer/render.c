/* SPDX-License-Identifier: MIT */
/* Fills and renders page templates. */
#include "config.h"

#include "answer/render.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/service.h"
#include "domain/when.h"
#include "domain/words.h"
#include "domain/zone.h"
#include "http/reply.h"
#include "http/request.h"
#include "json/put.h"
#include "site/templates.h"
#include "text/lang.h"

#include <json-c/json.h>

void page_say(struct call *call, const struct service *service, int64_t seats)
{
	call->noun = service_noun(service, seats);
}

/* The texts of the answer. */
static const struct lang *words(const struct call *call)
{
	return lang_say(call->lang, call->noun);
}

const char *page_text(const struct call *call, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *key = alloc_vprintf(format, args);
	char *full = alloc_printf("web.%s", key);
	const char *text = lang_text(words(call), full);

	va_end(args);
	/* An unknown key is returned itself, and is freed below. */
	if (text == full)
		text = "";
	free(full);
	free(key);
	return text;
}

struct json_object *page_format(const struct call *call, const char *key,
				struct json_object *vars)
{
	char *full = alloc_printf("web.%s", key);
	struct json_object *value;
	struct buf text = BUF_INIT;

	lang_format(words(call), full, vars, &text);
	value = put_new_text(text.data);
	buf_release(&text);
	free(full);
	return value;
}

struct json_object *page_count(const struct call *call, const char *key,
			       int64_t n)
{
	struct json_object *vars = put_new();
	struct json_object *value;

	put_int(vars, "n", n);
	value = page_format(call, key, vars);
	json_object_put(vars);
	return value;
}

bool page_lang_take(struct call *call, const struct form *f,
		    const char *field)
{
	const char *tag = form_text(f, field);
	const struct lang *l = *tag != '\0' ? lang_find(call->site->langs, tag)
					   : NULL;

	if (l == NULL)
		return false;
	call->lang = l;
	call->lang_chosen = true;
	return true;
}

void page_lang_from(struct call *call, const struct form *f)
{
	(void)page_lang_take(call, f, "lang");	/* without one: as negotiated */
}

bool page_lang_shown(struct call *call, const struct form *f)
{
	return page_lang_take(call, f, "show");
}

int64_t page_from_s(const struct call *call, const char *zone)
{
	const char *text = form_text(&call->rq->query, "from");
	int64_t now_s = wall_ms() / 1000;
	int64_t from_s = now_s;
	struct tm day;

	if (zone_date_read(text, &day))
		from_s = zone_day_begin(zone, &day);
	return from_s > now_s ? from_s : now_s;
}

void page_put_error(const struct call *call, struct json_object *to,
		    const char *name, const struct field_error *e)
{
	struct json_object *vars;
	char *key;

	put_text(to, name, "");
	if (e == NULL)
		return;
	vars = put_new();
	key = alloc_printf("error.%s", e->code);
	put_int(vars, "name_max", BOOKING_NAME_MAX);
	put_int(vars, "notes_max", BOOKING_NOTES_MAX);
	put_int(vars, "n", e->n);
	put_value(to, name, page_format(call, key, vars));
	free(key);
	json_object_put(vars);
}

const char *page_input_type(const char *type, const char *value)
{
	char day[sizeof("2025-12-03")];
	const char *end = NULL;
	struct tm tm = { 0 };

	if (*value == '\0')
		return type;
	if (strcmp(type, "number") == 0)
		end = value + strspn(value, "0123456789");
	else if (strcmp(type, "date") == 0)
		end = strptime(value, "%Y-%m-%d", &tm);
	else if (strcmp(type, "datetime-local") == 0)
		end = strptime(value, "%Y-%m-%dT%H:%M", &tm);
	else
		return type;
	if (end == NULL || *end != '\0')
		return "text";
	/* Not all days that can be written are in the calendar. */
	(void)snprintf(day, sizeof(day), "%s", value);
	return *type == 'd' && !zone_date_read(day, &tm) ? "text" : type;
}

void page_put_field(const struct call *call, struct json_object *to,
		    const char *value, const struct field_error *e)
{
	put_text(to, "value", value);
	page_put_error(call, to, "error", e);
}

/* The page in each language, the present one marked. */
static void put_langs(const struct call *call, struct json_object *to,
		      const char *self)
{
	struct json_object *list = put_list(to, "langs");
	const struct lang *l;

	for (size_t i = 0; (l = lang_at(call->site->langs, i)) != NULL; i++) {
		struct json_object *row = put_row(list);

		put_text(row, "tag", lang_tag(l));
		put_text(row, "name", lang_text(l, "name"));
		put_format(row, "href", "%s%s%clang=%s", call->site->root,
			   self, strchr(self, '?') ? '&' : '?', lang_tag(l));
		put_flag(row, "current", l == call->lang);
	}
}

/* The organisation. */
static void put_site(const struct call *call, struct json_object *to)
{
	const struct appconf *c = &call->site->conf;
	struct json_object *site = put_object(to, "site");

	put_text(site, "name", *c->site_name != '\0' ? c->site_name :
			       page_text(call, "site.name"));
	put_text(site, "logo", c->site_logo);
	/* In an address, without the '#'. */
	put_text(site, "colour", *c->site_colour != '\0' ?
				 c->site_colour + 1 : "");
}

struct json_object *page_new(struct call *call, const char *self,
			     const char *title)
{
	struct json_object *values = put_new();
	struct json_object *texts = NULL;
	char query[40] = "";

	/* A language that was chosen stays in all links. */
	if (call->lang_chosen)
		(void)snprintf(query, sizeof(query), "?lang=%s",
			       lang_tag(call->lang));
	if (json_object_object_get_ex(lang_json(words(call)), "web", &texts))
		put_value(values, "t", json_object_get(texts));
	put_text(values, "lang", lang_tag(call->lang));
	put_flag(values, "rtl", lang_is_rtl(call->lang));
	put_text(values, "q", query);
	put_text(values, "amp", "");
	if (query[0] != '\0') {
		query[0] = '&';
		put_text(values, "amp", query);
	}
	put_text(values, "root", call->site->root);
	put_text(values, "title", title);
	/* Its links and forms leave the frame. */
	put_flag(values, "framed", call->rp->framers != NULL);
	put_site(call, values);
	put_langs(call, values, self);
	return values;
}

void page_send(struct call *call, int status, const char *template,
	       struct json_object *values)
{
	const struct page_filled page = { template, values };
	struct fault why;

	if (page_templates_render(call->site->templates, &page,
				  &call->rp->body, &why) < 0) {
		log_error("could not render template=%s why=\"%s\"", template,
			  why.text);
		reply_clear(call->rp);
		reply_text(call->rp, 500, "Internal error\n");
	} else {
		call->rp->status = status;
		reply_html(call->rp);
		reply_header(call->rp, "Content-Language", "%s",
			     lang_tag(call->lang));
		reply_header(call->rp, "Vary", "Accept-Language");
	}
	json_object_put(values);
}

struct json_object *page_put_instant(const struct call *call,
				     struct json_object *to, int64_t at_s,
				     const char *zone)
{
	struct buf text = BUF_INIT;

	when_date(call->lang, zone, at_s, &text);
	put_text(to, "date", text.data);
	buf_clear(&text);
	when_time(call->lang, zone, at_s, &text);
	put_text(to, "time", text.data);
	buf_release(&text);
	return to;
}

void page_put_zone(const struct call *call, struct json_object *to,
		   const char *name, const char *zone)
{
	struct buf text = BUF_INIT;

	if (*zone != '\0')
		lang_zone(call->lang, zone_said(zone), &text);
	put_text(to, name, text.data);
	buf_release(&text);
}

void page_put_lost(struct json_object *to, const char *zone)
{
	put_text(to, "zone_lost", zone_is_known(zone) ? "" : zone);
}

void page_put_when(const struct call *call, struct json_object *to,
		   const char *name, const struct slot *slot)
{
	const char *zone = slot->zone;
	struct json_object *when = page_put_instant(
		call, put_object(to, name), slot->starts_at_s, zone);
	char iso[ZONE_ISO_SIZE];
	struct buf end = BUF_INIT;

	when_time(call->lang, zone, slot->ends_at_s, &end);
	put_text(when, "end_time", end.data);
	buf_release(&end);
	page_put_zone(call, when, "zone", zone);
	zone_iso(zone, slot->starts_at_s * 1000, iso);
	put_text(when, "iso", iso);
}

void page_put_length(const struct call *call, struct json_object *to,
		     const char *name, int64_t length_s)
{
	struct json_object *vars = put_new();
	int64_t minutes = length_s / 60;

	put_int(vars, "hours", minutes / 60);
	put_format(vars, "minutes", minutes < 60 ? "%d" : "%02d",
		   (int)(minutes % 60));
	put_value(to, name, page_format(
		call, minutes < 60 ? "length.minutes" :
		minutes % 60 == 0 ? "length.hours" : "length.both", vars));
	json_object_put(vars);
}

void page_put_slots(const struct call *call, struct json_object *to,
		    const struct page_slots *list)
{
	struct json_object *rows = put_list(to, "slots");

	for (size_t i = 0; i < list->count; i++) {
		const struct slot *slot = &list->slots[i];
		struct json_object *row = put_row(rows);

		put_int(row, "id", slot->id);
		put_text(row, "slug", list->slug);
		page_put_when(call, row, "when", slot);
		/* Said in any case: a name that a row lacks is looked up
		 * outside the list. */
		page_put_zone(call, row, "zone",
			      strcmp(slot->zone, list->zone) != 0 ?
			      slot->zone : "");
		put_flag(row, "full", slot->booked >= slot->capacity);
		put_text(row, "free", "");
		if (slot->capacity > 1)
			put_value(row, "free",
				  page_count(call, "free",
					     slot->capacity - slot->booked));
	}
}

static void put_service(const struct call *call, struct json_object *to,
			const struct service *service,
			const struct service_said *said)
{
	const char *language = *service->language != '\0' ?
		service->language : call->site->conf.default_locale;
	const char *foreign = strcmp(language, lang_tag(call->lang)) != 0 ?
		language : "";
	struct json_object *s = put_object(to, "service");

	put_text(s, "slug", service->slug);
	put_text(s, "name", said->name);
	put_text(s, "name_foreign", said->name_is_theirs ? "" : foreign);
	put_text(s, "description", said->description);
	put_text(s, "description_foreign",
		 said->description_is_theirs ? "" : foreign);
	put_text(s, "place", said->place);
	put_text(s, "place_foreign", said->place_is_theirs ? "" : foreign);
	page_put_zone(call, s, "zone", service->zone);
	page_put_lost(s, service->zone);
	put_text(s, "organiser", service->organiser_name);
	put_text(s, "organiser_email", service->organiser_email);
	put_text(s, "language", language);
	put_text(s, "foreign", foreign);
}

void page_put_service(const struct call *call, struct json_object *to,
		      const struct service *service)
{
	const struct service_said said =
		service_say(service, lang_tag(call->lang));

	put_service(call, to, service, &said);
}

void page_put_service_own(const struct call *call, struct json_object *to,
			  const struct service *service)
{
	const struct service_said own = {
		.name = service->name,
		.description = service->description,
		.place = service->place,
	};

	put_service(call, to, service, &own);
}
