/* SPDX-License-Identifier: MIT */
/* The services as organisers see them: a list, and a form for each. */
#include "config.h"

#include "admin/admin.h"

#include "admin/embed.h"
#include "admin/form.h"
#include "admin/questions.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "domain/service.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/request.h"
#include "json/get.h"
#include "json/put.h"
#include "store/service.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#define LIST "/admin/services"
#define LANGUAGES_MAX 32
#define NOUNS_MAX 8
#define ZONES "zones"	/* the id of their datalist */

/* ---- the list --------------------------------------------------------- */

/* When the next slot is, in its own zone, which is named if it differs. */
static void put_next(const struct call *call, struct json_object *row,
		     const struct service *service,
		     const struct service_numbers *n)
{
	struct json_object *next = page_put_instant(
		call, put_object(row, "next"), n->next_at_s, n->next_zone);

	page_put_zone(call, next, "zone",
		      strcmp(n->next_zone, service->zone) != 0 ?
		      n->next_zone : "");
}

static void put_row_of(const struct call *call, struct json_object *list,
		       const struct service *service,
		       const struct service_numbers *numbers)
{
	static const struct service_numbers none = { .slots = 0 };
	const struct service_numbers *n = numbers ? numbers : &none;
	struct json_object *row = put_row(list);
	const char *language = *service->language != '\0' ?
		service->language : call->site->conf.default_locale;

	put_text(row, "slug", service->slug);
	put_text(row, "name", service->name);
	page_put_zone(call, row, "zone", service->zone);
	page_put_lost(row, service->zone);
	put_text(row, "foreign", strcmp(language, lang_tag(call->lang)) != 0 ?
				 language : "");
	put_value(row, "ahead", page_count(call, "admin.ahead", n->slots));
	put_text(row, "taken", "");
	if (n->slots > 0)
		admin_put_taken(call, row, n->booked, n->capacity);
	put_text(row, "next", "");
	if (n->slots > 0)
		put_next(call, row, service, n);
}

static const struct service_numbers *
numbers_find(const struct service_numbers *list, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].service_id == id)
			return &list[i];
	return NULL;
}

static int put_services(struct call *call, struct json_object *values,
			struct fault *why)
{
	struct json_object *list = put_list(values, "services");
	struct service_numbers *numbers = NULL;
	struct service *services;
	size_t count;
	size_t known = 0;
	int r = store_services(call->site->store, &services, &count, why);

	if (r < 0)
		return -1;
	r = store_service_numbers(call->site->store, &numbers, &known, why);
	for (size_t i = 0; r == 0 && i < count; i++)
		put_row_of(call, list, &services[i],
			   numbers_find(numbers, known, services[i].id));
	put_flag(values, "none", count == 0);
	free(numbers);
	store_services_free(services, count);
	return r;
}

void admin_services(struct call *call)
{
	struct fault why;
	struct json_object *values = admin_page(
		call, LIST, page_text(call, "admin.services.title"));

	put_flag(values, "on_services", true);
	put_flag(values, "wrong", false);
	put_text(values, "done", "");
	if (put_services(call, values, &why) == 0)
		page_send(call, 200, "admin_services", values);
	else
		page_fail(call, values, "services", &why);
}

/* ---- one service ------------------------------------------------------ */

/* The languages of the site, and "the site's" for a service without one. */
static void put_language(const struct call *call, const struct admin_form *f,
			 const char *field, const char *value)
{
	struct admin_option options[LANGUAGES_MAX] = {
		{ "", page_text(call, "admin.services.site_language") },
	};
	size_t count = 1;
	const struct lang *l;

	for (size_t i = 0; (l = lang_at(call->site->langs, i)) != NULL &&
			   count < LANGUAGES_MAX - 1; i++)
		options[count++] = (struct admin_option){
			lang_tag(l), lang_text(l, "name"),
		};
	/* One that the shell has set, without a catalogue of ours. */
	if (*value != '\0' && lang_find(call->site->langs, value) == NULL)
		options[count++] = (struct admin_option){ value, value };
	admin_form_choice(f, field, value,
			  &(struct admin_options){ options, count });
}

static void put_noun(const struct call *call, const struct admin_form *f,
		     const char *field, const char *value)
{
	struct admin_option options[NOUNS_MAX] = {
		{ "", admin_word(call, "noun", "booking") },
	};
	size_t count = 1;
	const char *noun;

	for (size_t i = 0; (noun = service_noun_at(i)) != NULL; i++) {
		must(count < NOUNS_MAX);
		options[count++] = (struct admin_option){
			noun, admin_word(call, "noun", noun),
		};
	}
	admin_form_choice(f, field, value,
			  &(struct admin_options){ options, count });
}

static void put_field_text(const struct call *call, const struct admin_form *f,
			   const struct service_member *m, const char *value)
{
	const struct admin_input input = {
		.name = m->field,
		.type = m->kind == SERVICE_LINES ? NULL :
			m->kind == SERVICE_ADDRESS ? "email" : "text",
		.value = value,
		.max = (int)m->most,
		/* An empty slug is made of the name. */
		.must = m->least > 0 && m->kind != SERVICE_SLUG,
		.list = m->kind == SERVICE_ZONE ? ZONES : NULL,
	};

	if (m->kind == SERVICE_LANGUAGE)
		put_language(call, f, m->field, value);
	else if (m->kind == SERVICE_NOUN)
		put_noun(call, f, m->field, value);
	else
		admin_form_input(f, &input);
}

#define PUT_text(m, value) put_field_text(call, f, m, value)
#define PUT_int(m, value) admin_form_minutes(f, (m)->field, value)
#define PUT_flag(m, value) admin_form_flag(f, (m)->field, value)
#define PUT(type, kind, member, column, field, option, least, most, ...) \
	f = is_folded(SERVICE_##kind) ? &folded : seen; \
	if (is_new || SERVICE_##kind != SERVICE_SLUG) \
		PUT_##type(SERVICE_MEMBER(kind, field, least, most), \
			   s->member);

/* What has a default that a newcomer need not think about. */
static bool is_folded(enum service_kind kind)
{
	return kind == SERVICE_SLUG || kind == SERVICE_LANGUAGE ||
	       kind == SERVICE_NOUN || kind == SERVICE_MINUTES;
}

static void put_zone_name(void *list, const char *zone)
{
	put_append(list, json_object_new_string(zone));
}

static void put_fields(const struct admin_form *seen,
		       struct json_object *values, const struct service *s,
		       bool is_new)
{
	const struct call *call = seen->call;
	struct admin_form folded = *seen;
	struct json_object *zones = put_list(values, ZONES);
	const struct admin_form *f;

	zone_each(put_zone_name, zones);
	put_flag(values, "zones_known", get_count(zones) > 0);
	admin_form_fold(&folded, values);
	SERVICE_MEMBERS(PUT)
}

/* Name, description and place in another language. */
static void put_words(const struct admin_form *f, const struct service *s,
		      const char *lang)
{
	const struct service_words *w = service_words_in(s, lang);
	const struct admin_input inputs[] = {
		{ .name = "name", .type = "text", .value = w ? w->name : "",
		  .max = SERVICE_TEXT_MAX },
		{ .name = "description", .value = w ? w->description : "",
		  .max = SERVICE_DESCRIPTION_MAX },
		{ .name = "place", .type = "text", .value = w ? w->place : "",
		  .max = SERVICE_TEXT_MAX },
	};

	for (size_t i = 0; i < ARRAY_COUNT(inputs); i++)
		admin_form_input(f, &inputs[i]);
}

/* The site's other languages, each with a link to the texts in it. */
static void put_translations(const struct call *call, struct json_object *to,
			     const struct service *service)
{
	const char *own = *service->language != '\0' ? service->language :
		call->site->conf.default_locale;
	struct json_object *part = put_object(to, "translations");
	struct json_object *list = put_list(part, "languages");
	const struct lang *l;

	for (size_t i = 0; (l = lang_at(call->site->langs, i)) != NULL; i++) {
		struct json_object *row;

		if (strcmp(lang_tag(l), own) == 0)
			continue;
		row = put_row(list);
		put_text(row, "tag", lang_tag(l));
		put_text(row, "name", lang_text(l, "name"));
		put_flag(row, "missing",
			 !service_words_in(service, lang_tag(l)));
	}
	put_flag(part, "some", get_count(list) > 0);
}

/* The form with service in it, or what was typed with its errors.  slug is ""
 * for a new one; lang: only its texts in that language, NULL = itself;
 * booked > 0 asks whether so many people are to be told. */
struct showing {
	const struct service *service;
	const char *slug;
	const struct lang *lang;
	const struct form *typed;
	const struct fields *wrong;
	int64_t booked;
};

static char *title_make(const struct call *call, const struct showing *w)
{
	if (*w->slug == '\0')
		return alloc_text(page_text(call, "admin.services.add"));
	if (w->lang)
		return alloc_printf("%s – %s – %s",
				    page_text(call, "admin.texts.one"),
				    lang_text(w->lang, "name"),
				    w->service->name);
	return alloc_printf("%s – %s", page_text(call, "admin.services.change"),
			    w->service->name);
}

static void show(struct call *call, const struct showing *w)
{
	const struct service *service = w->service;
	const char *slug = w->slug;
	const struct fields *wrong = w->wrong;
	bool is_new = *slug == '\0';
	char *action = alloc_printf(LIST "/%s", is_new ? "new" : slug);
	char *self = alloc_printf("%s%s%s", action,
				  w->lang ? "?texts=" : "",
				  w->lang ? lang_tag(w->lang) : "");
	char *title = title_make(call, w);
	char *heading = wrong ? alloc_printf("%s – %s",
					     page_text(call,
						       "form.title_error"),
					     title) : alloc_text(title);
	struct json_object *values = admin_page(call, self, heading);
	struct admin_form f = admin_form_begin(call, values, w->typed, wrong);

	if (w->lang)
		put_words(&f, service, lang_tag(w->lang));
	else
		put_fields(&f, values, service, is_new);
	put_text(values, "text_lang", w->lang ? lang_tag(w->lang) : "");
	put_text(values, "heading", title);
	put_text(values, "slug", slug);
	put_text(values, "action", action);
	put_text(values, "submit", page_text(call, is_new ?
					     "admin.services.add_submit" :
					     "admin.services.submit"));
	put_text(values, "ask", "");
	if (w->booked > 0)
		put_value(values, "ask",
			  page_count(call, "admin.tell.ask", w->booked));
	/* Not while something is asked. */
	if (!is_new && !w->typed && !w->lang) {
		put_translations(call, values, service);
		admin_put_questions(call, values, service);
		admin_put_embed(call, values, service);
	}
	put_flag(values, "on_services", true);
	admin_put_done(call, values, &(struct admin_acts){
		.on = ADMIN_ON_SERVICE, .object = slug, .detail = "",
	});
	page_send(call, wrong ? 422 : 200, "admin_service", values);
	free(action);
	free(self);
	free(title);
	free(heading);
}

static void form_read(const struct call *call, const struct form *typed,
		      const struct service *before, struct service_form *out)
{
	char host[ZONE_NAME_MAX + 1];

	service_form_read(typed, before, appconf_zone(&call->site->conf, host),
			  out);
}

void admin_service(struct call *call)
{
	struct service service;

	if (!open_service(call, &service))
		return;
	show(call, &(struct showing){
		.service = &service,
		.slug = service.slug,
		.lang = lang_find(call->site->langs,
				  form_text(&call->rq->query, "texts")),
	});
	service_release(&service);
}

void admin_service_new(struct call *call)
{
	const struct form nothing = { .count = 0 };
	struct service_form form;

	/* The defaults of a new one. */
	form_read(call, &nothing, NULL, &form);
	show(call, &(struct showing){ .service = &form.service, .slug = "" });
	service_form_release(&form);
}

/* Adds it; 303 to its page. */
static void add(struct call *call, struct service_form *form,
		const struct form *typed)
{
	const struct store_actor by = admin_actor(call);
	struct service_offer offer = { .service = &form->service, .by = &by };
	struct fault why;
	int r = store_offer_service(call->site->store, &offer, &why);

	if (r < 0) {
		fail_store(call, "a service", &why);
	} else if (r == 0) {
		fields_fail(&form->fields, "slug", "slug_taken", 0);
		show(call, &(struct showing){ .service = &form->service,
					      .slug = "", .typed = typed,
					      .wrong = &form->fields });
	} else {
		admin_see(call, "service_added", LIST "/%s",
			  form->service.slug);
	}
}

/* How many are to be told, if that is to be asked first; -1 with *why. */
static int64_t booked_unasked(struct call *call,
			      const struct service_form *form,
			      const struct form *typed, struct fault *why)
{
	const char *asked;

	if (*form->seen.what == '\0' ||
	    form_get(typed, "asked", &asked) != FORM_ABSENT)
		return 0;
	return store_service_booked(call->site->store, form->service.id,
				    form->seen.langs, why);
}

/* In which language the texts are that were typed; NULL = the service's. */
static const struct lang *lang_of(const struct call *call,
				  const struct form *typed)
{
	return lang_find(call->site->langs, form_text(typed, "text_lang"));
}

static void change(struct call *call, const struct service_form *form,
		   const struct form *typed)
{
	const struct store_actor by = admin_actor(call);
	struct service_alteration a = {
		.service = &form->service, .by = &by, .tell = form->tell,
	};
	struct fault why;
	int64_t booked = booked_unasked(call, form, typed, &why);

	if (booked > 0)
		show(call, &(struct showing){
			.service = &form->service,
			.slug = form->service.slug,
			.lang = lang_of(call, typed),
			.typed = typed,
			.booked = booked,
		});
	else if (booked < 0 ||
		 store_alter_service(call->site->store, &a, &why) < 0)
		fail_store(call, "a service", &why);
	else
		admin_see(call, a.booked == 0 ? "service_changed" :
				a.tell ? "service_told" : "service_untold",
			  LIST "/%s", form->service.slug);
}

static void post(struct call *call, const struct service *before)
{
	struct service_form form;
	struct form typed = { .count = 0 };

	if (!open_form(call, &typed))
		return;
	form_read(call, &typed, before, &form);
	if (form.fields.error_count > 0)
		show(call, &(struct showing){
			.service = before ? before : &form.service,
			.slug = before ? before->slug : "",
			.lang = before ? lang_of(call, &typed) : NULL,
			.typed = &typed,
			.wrong = &form.fields,
		});
	else if (before)
		change(call, &form, &typed);
	else
		add(call, &form, &typed);
	service_form_release(&form);
	form_release(&typed);
}

void admin_service_new_post(struct call *call)
{
	post(call, NULL);
}

void admin_service_post(struct call *call)
{
	struct service service;

	if (!open_service(call, &service))
		return;
	post(call, &service);
	service_release(&service);
}
