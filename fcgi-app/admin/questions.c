/* SPDX-License-Identifier: MIT */
/* What a service asks, as organisers see it: a list, and a form for each. */
#include "config.h"

#include "admin/questions.h"

#include "actions/question.h"
#include "admin/admin.h"
#include "admin/ask.h"
#include "admin/form.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "domain/model.h"
#include "domain/question.h"
#include "form/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/get.h"
#include "json/put.h"
#include "store/questions.h"
#include "text/lang.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "question_"

/* ---- the list ----------------------------------------------------------- */

static void put_question(const struct call *call, struct json_object *list,
			 const struct question *q)
{
	struct json_object *row = put_row(list);

	put_text(row, "name", q->name);
	put_text(row, "label", q->own.label);
	put_text(row, "kind", admin_word(call, "asks",
					 question_kind_name(q->kind)));
	put_flag(row, "required", q->required);
	put_flag(row, "per_seat", q->per_seat);
}

void admin_put_questions(const struct call *call, struct json_object *values,
			 const struct service *service)
{
	/* Only its questions are read. */
	struct service asking = { .id = service->id };
	struct json_object *to = put_object(values, "questions");
	struct json_object *asked = put_list(to, "asked");
	struct json_object *retired = put_list(to, "retired");
	const struct questions *all;
	struct fault why;

	if (store_service_questions(call->site->store, &asking, &why) < 0) {
		log_warning("could not read questions why=\"%s\"", why.text);
		put_value(values, "questions", NULL);
		return;
	}
	all = asking.questions;
	for (size_t i = 0; all && i < all->count; i++) {
		bool first = get_count(asked) == 0;
		struct json_object *list = all->list[i].retired ? retired :
								  asked;

		put_question(call, list, &all->list[i]);
		put_flag(get_at(list, get_count(list) - 1), "first", first);
	}
	put_flag(to, "none", get_count(asked) == 0);
	put_flag(to, "once", get_count(retired) > 0);
	put_flag(to, "room", get_count(asked) < QUESTIONS_MAX);
	service_release(&asking);
}

/* ---- one question ------------------------------------------------------- */

/* What is opened for it; opened_close(). */
struct opened {
	struct service service;
	const struct question *question;	/* NULL = a new one */
	struct form typed;			/* of a POST */
};

static void opened_close(struct opened *o)
{
	form_release(&o->typed);
	service_release(&o->service);
}

/* The question that the address names, if it names one: one that is asked, or
 * also one that once was. */
static bool question_find(struct call *call, bool once, struct opened *o)
{
	struct fault why;
	int r = store_service_questions(call->site->store, &o->service, &why);

	if (r < 0) {
		fail_store(call, "questions", &why);
		return false;
	}
	if (*call->match->args[1] == '\0')
		return true;
	o->question = questions_named(o->service.questions,
				      call->match->args[1]);
	if (!o->question)
		fail(call, FAIL_NOT_FOUND);
	else if (o->question->retired && !once)
		admin_see(call, "meanwhile", "/admin/services/%s",
			  o->service.slug);
	return o->question && (once || !o->question->retired);
}

/* False if the call has been answered. */
static bool question_open(struct call *call, bool once, struct opened *o)
{
	bool posts = strcmp(call->rq->method, "POST") == 0;

	memset(o, 0, sizeof(*o));
	if (posts ? !open_service_sent(call, &o->service, &o->typed) :
		    !open_service(call, &o->service))
		return false;
	if (question_find(call, once, o))
		return true;
	opened_close(o);
	return false;
}

static void put_kinds(const struct call *call, const struct admin_form *f,
		      const char *chosen)
{
	struct admin_option options[QUESTION_KINDS];

	for (size_t i = 0; i < QUESTION_KINDS; i++) {
		const char *name = question_kind_name((enum question_kind)i);

		options[i] = (struct admin_option){
			name, admin_word(call, "asks", name),
		};
	}
	admin_form_choice(f, "kind", chosen, &(struct admin_options){
		options, QUESTION_KINDS,
	});
}

static void put_words(const struct admin_form *f,
		      const struct question_words *words, bool options)
{
	const struct admin_input label = {
		.name = "label", .type = "text", .value = words->label,
		.max = QUESTION_LABEL_MAX, .must = true,
	};
	const struct admin_input lines = {
		.name = "options", .value = words->options, .silent = true,
	};

	admin_form_input(f, &label);
	if (options)
		admin_form_input(f, &lines);
}

/* Those fields that a question of its kind has; of a new one all. */
static void put_fields(const struct call *call, struct admin_form *f,
		       struct json_object *values, const struct question *q)
{
	bool is_new = q->id == 0;
	char position[24];
	const struct admin_input name = {
		.name = "name", .type = "text", .value = q->name,
		.max = QUESTION_NAME_MAX,
	};
	const struct admin_input place = {
		.name = "position", .type = "number", .value = position,
		.is_short = true, .silent = true,
	};

	(void)snprintf(position, sizeof(position), "%" PRId64, q->position);
	if (is_new)
		put_kinds(call, f, question_kind_name(q->kind));
	put_words(f, &q->own, is_new || q->kind == QUESTION_CHOICE);
	admin_form_flag(f, "required", q->required);
	if (is_new || q->kind == QUESTION_TEXT || q->kind == QUESTION_PHONE)
		admin_form_flag(f, "per_seat", q->per_seat);
	admin_form_fold(f, values);
	if (is_new)
		admin_form_input(f, &name);
	admin_form_input(f, &place);
}

/* The site's languages but the service's own. */
static void put_languages(const struct call *call, struct json_object *values,
			  const struct opened *o)
{
	struct json_object *list = put_list(values, "languages");
	const char *own = *o->service.language != '\0' ?
		o->service.language : call->site->conf.default_locale;
	const struct lang *l;

	for (size_t i = 0; (l = lang_at(call->site->langs, i)) != NULL; i++) {
		const struct question_words *words;
		struct json_object *row;

		if (strcmp(lang_tag(l), own) == 0)
			continue;
		words = question_words(o->question, lang_tag(l));
		row = put_row(list);
		put_text(row, "tag", lang_tag(l));
		put_text(row, "language_name", lang_text(l, "name"));
		put_text(row, "translated", words == &o->question->own ? "" :
					    words->label);
	}
}

/* What a form shows: a question or, in a language, its texts; wrong == NULL:
 * nothing was typed. */
struct showing {
	const struct question *question;
	const char *language;
	const struct fields *wrong;
};

static const struct lang *language_asked(const struct call *call,
					 const char *tag)
{
	return *tag != '\0' ? lang_find(call->site->langs, tag) : NULL;
}

static void show(struct call *call, const struct opened *o,
		 const struct showing *w)
{
	const struct question *q = w->question;
	const struct lang *other = language_asked(call, w->language);
	bool is_new = !o->question;
	char *base = alloc_printf("/admin/services/%s", o->service.slug);
	char *action = is_new ? alloc_printf("%s/question", base) :
		alloc_printf("%s/questions/%s", base, q->name);
	char *self = alloc_printf("%s%s%s", action, other ? "?texts=" : "",
				  other ? lang_tag(other) : "");
	const char *heading = page_text(call, is_new ? "admin.questions.add" :
					"admin.questions.change");
	char *title = alloc_printf("%s – %s", w->wrong ?
				   page_text(call, "form.title_error") :
				   heading, o->service.name);
	struct json_object *values = admin_page(call, self, title);
	struct admin_form f = {
		.call = call, .prefix = PREFIX,
		.typed = w->wrong ? &o->typed : NULL, .wrong = w->wrong,
	};

	f = admin_form_begin_as(&f, values);
	if (other)
		put_words(&f, question_words(q, lang_tag(other)),
			  q->kind == QUESTION_CHOICE);
	else
		put_fields(call, &f, values, q);
	put_text(values, "heading", heading);
	put_text(values, "base", base);
	put_text(values, "action", action);
	put_text(values, "slug", o->service.slug);
	page_put_service_own(call, values, &o->service);
	put_text(values, "in", other ? lang_tag(other) : "");
	put_text(values, "in_name", other ? lang_text(other, "name") : "");
	put_value(values, "question", NULL);
	if (!is_new) {
		(void)put_list(values, "asked");
		put_question(call, get_value(values, "asked"), o->question);
		if (!other)
			put_languages(call, values, o);
	}
	put_flag(values, "on_services", true);
	put_text(values, "done", "");
	page_send(call, w->wrong ? 422 : 200, "admin_question", values);
	free(title);
	free(self);
	free(action);
	free(base);
}

void admin_question(struct call *call)
{
	const struct form nothing = { .count = 0 };
	struct question_form fresh;
	struct opened o;

	if (!question_open(call, false, &o))
		return;
	/* The defaults of a new one. */
	question_form_read(&nothing, o.service.questions, NULL, &fresh);
	show(call, &o, &(struct showing){
		o.question ? o.question : &fresh.question,
		o.question ? form_text(&call->rq->query, "texts") : "", NULL });
	question_form_release(&fresh);
	opened_close(&o);
}

/* ---- what is done ------------------------------------------------------- */

/* Adds it, or writes what was changed: 1, 0 with what is wrong, -1. */
static int keep(struct call *call, const struct opened *o,
		struct question_form *form, struct fault *why)
{
	const struct store_actor by = admin_actor(call);
	const struct question_change c = { &o->service, &form->question, &by };

	if (form->fields.error_count > 0)
		return 0;
	if (!o->question)
		return question_add(call->site->store, &c, &form->fields, why);
	return store_question_alter(call->site->store, &c, why) < 0 ? -1 : 1;
}

void admin_question_post(struct call *call)
{
	struct question_form form;
	struct fault why;
	struct opened o;

	if (!question_open(call, false, &o))
		return;
	question_form_read(&o.typed, o.service.questions, o.question, &form);
	switch (keep(call, &o, &form, &why)) {
	case 1:
		admin_see(call, o.question ? "question_changed" :
				"question_added", "/admin/services/%s",
			  o.service.slug);
		break;
	case 0:
		show(call, &o, &(struct showing){
			o.question ? o.question : &form.question,
			form_text(&o.typed, "text_lang"), &form.fields });
		break;
	default:
		fail_store(call, "a question", &why);
	}
	question_form_release(&form);
	opened_close(&o);
}

void admin_question_raise(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct fault why;
	struct opened o;

	if (!question_open(call, false, &o))
		return;

	const struct question_change c = { &o.service, o.question, &by };

	if (store_question_raise(call->site->store, &c, &why) < 0)
		fail_store(call, "a question", &why);
	else
		admin_see(call, "question_raised", "/admin/services/%s",
			  o.service.slug);
	opened_close(&o);
}

void admin_question_retire(struct call *call)
{
	struct opened o;

	if (!question_open(call, false, &o))
		return;

	char *back = alloc_printf("/admin/services/%s/questions/%s",
				  o.service.slug, o.question->name);
	char *self = alloc_printf("%s/retire", back);
	const struct admin_ask ask = {
		.word = "question_retire", .self = self, .action = self,
		.back = back, .what = o.question->own.label,
	};
	struct json_object *values = admin_ask(call, &ask);

	put_flag(values, "on_services", true);
	admin_ask_fact(values, page_text(call, "admin.export.service"),
		       o.service.name);
	page_send(call, 200, "admin_ask", values);
	free(self);
	free(back);
	opened_close(&o);
}

void admin_question_retire_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct fault why;
	struct opened o;
	int r;

	if (!question_open(call, false, &o))
		return;

	const struct question_change c = { &o.service, o.question, &by };

	r = store_question_retire(call->site->store, &c, &why);
	if (r < 0)
		fail_store(call, "a question", &why);
	else
		admin_see(call, r == 1 ? "question_retired" : "meanwhile",
			  "/admin/services/%s", o.service.slug);
	opened_close(&o);
}

void admin_question_restore(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct fields wrong = { .error_count = 0 };
	struct fault why;
	struct opened o;
	int r;

	if (!question_open(call, true, &o))
		return;

	const struct question_change c = { &o.service, o.question, &by };

	r = question_restore(call->site->store, &c, &wrong, &why);
	if (r < 0)
		fail_store(call, "a question", &why);
	else
		admin_see(call, r == 1 ? "question_restored" : "question_many",
			  "/admin/services/%s", o.service.slug);
	opened_close(&o);
}
