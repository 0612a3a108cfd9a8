/* SPDX-License-Identifier: MIT */
/* bookctl question: what a service asks. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/json.h"
#include "actions/question.h"
#include "domain/question.h"
#include "form/form.h"
#include "json/get.h"
#include "json/put.h"
#include "store/questions.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static const struct ctl_field options[] = {
	{ "name", "name", false },
	{ "kind", "kind", false },
	{ "label", "label", false },
	{ "options", "options", false },
	{ "required", "required", false },
	{ "per-seat", "per_seat", false },
	{ "position", "position", false },
	{ "lang", "text_lang", false },
	{ .option = NULL },
};

/* In a shell they are "one; another", elsewhere lines. */
static void options_split(struct form *form)
{
	for (size_t i = 0; i < form->count; i++)
		for (char *p = form->fields[i].value;
		     strcmp(form->fields[i].name, "options") == 0 &&
		     *p != '\0'; p++)
			if (*p == ';')
				*p = '\n';
}

/* A question that is being written. */
struct writing {
	const struct service *service;
	const struct question *before;	/* NULL = it is a new one */
};

/* Reads what was given; 0, or -1 with *why. */
static int form_of(struct ctl *ctl, const struct writing *w,
		   struct question_form *out, struct fault *why)
{
	struct form form;

	if (ctl_form(ctl, options, &form, why) < 0)
		return -1;
	options_split(&form);
	question_form_read(&form, w->service->questions, w->before, out);
	form_release(&form);
	if (out->fields.error_count == 0)
		return 0;
	(void)ctl_refuse(ctl, options, &out->fields, why);
	question_form_release(out);
	return -1;
}

/* The service of --service with its questions; 0, or -1. */
static int service_open(struct ctl *ctl, struct service *out,
			struct fault *why)
{
	if (ctl_service_find(ctl, cli_text(ctl->call, "service"), out,
			     why) < 0)
		return -1;
	if (store_service_questions(ctl->store, out, why) == 0)
		return 0;
	service_release(out);
	return -1;
}

/* The question of --name: one that is asked, or also one that once was. */
static const struct question *question_find(struct ctl *ctl, bool once,
					    const struct service *service,
					    struct fault *why)
{
	const char *name = cli_text(ctl->call, "name");
	const struct question *q = questions_named(service->questions, name);

	if (!q || (q->retired && !once)) {
		(void)fault_set(why, FAULT_REJECT,
				"\"%s\" asks no question \"%s\"",
				service->slug, name);
		return NULL;
	}
	return q;
}

static int add(struct ctl *ctl, const struct service *service,
	       struct question_form *form, struct fault *why)
{
	const struct question_change c = { service, &form->question, &ctl->by };
	int r = question_add(ctl->store, &c, &form->fields, why);

	return r == 0 ? ctl_refuse(ctl, options, &form->fields, why) : r;
}

/* Ends a command that made or changed a question (r < 0: it did not). */
static int tell(const struct ctl *ctl, const struct question *q, int r)
{
	return r < 0 ? CLI_BY_FAULT : ctl_tell(ctl, question_json(q), NULL);
}

int ctl_question_add(struct ctl *ctl, struct fault *why)
{
	struct question_form form;
	struct service service;
	const struct writing new = { .service = &service };
	int status = CLI_BY_FAULT;

	if (service_open(ctl, &service, why) < 0)
		return CLI_BY_FAULT;
	if (form_of(ctl, &new, &form, why) == 0) {
		status = tell(ctl, &form.question,
			      add(ctl, &service, &form, why));
		question_form_release(&form);
	}
	service_release(&service);
	return status;
}

int ctl_question_change(struct ctl *ctl, struct fault *why)
{
	struct question_form form;
	struct service service;
	struct writing w = { .service = &service };
	int status = CLI_BY_FAULT;

	if (service_open(ctl, &service, why) < 0)
		return CLI_BY_FAULT;
	w.before = question_find(ctl, false, &service, why);
	if (w.before && form_of(ctl, &w, &form, why) == 0) {
		const struct question_change c = { &service, &form.question,
						   &ctl->by };

		status = tell(ctl, &form.question,
			      store_question_alter(ctl->store, &c, why));
		question_form_release(&form);
	}
	service_release(&service);
	return status;
}

int ctl_question_retire(struct ctl *ctl, struct fault *why)
{
	const struct question *q;
	struct json_object *answer;
	struct service service;
	int r = -1;

	if (service_open(ctl, &service, why) < 0)
		return CLI_BY_FAULT;
	q = question_find(ctl, false, &service, why);
	if (q) {
		const struct question_change c = { &service, q, &ctl->by };

		r = store_question_retire(ctl->store, &c, why);
	}
	service_release(&service);
	if (r < 0)
		return CLI_BY_FAULT;
	answer = put_new();
	put_text(answer, "name", cli_text(ctl->call, "name"));
	put_flag(answer, "retired", true);
	return ctl_tell(ctl, answer, NULL);
}

int ctl_question_restore(struct ctl *ctl, struct fault *why)
{
	const struct question *q;
	struct fields wrong = { .error_count = 0 };
	struct json_object *now = NULL;
	struct service service;
	int r = -1;

	if (service_open(ctl, &service, why) < 0)
		return CLI_BY_FAULT;
	q = question_find(ctl, true, &service, why);
	if (q) {
		const struct question_change c = { &service, q, &ctl->by };

		r = question_restore(ctl->store, &c, &wrong, why);
		if (r == 0)
			r = ctl_refuse(ctl, options, &wrong, why);
	}
	if (r == 1) {
		now = question_json(q);
		put_flag(now, "retired", false);
	}
	service_release(&service);
	return r < 0 ? CLI_BY_FAULT : ctl_tell(ctl, now, NULL);
}

static void print_line(struct json_object *q)
{
	struct json_object *list = get_value(q, "options");

	printf("%s: %s (%s%s%s%s)\n", get_text(q, "name"),
	       get_text(q, "label"), get_text(q, "kind"),
	       get_flag(q, "required") ? ", required" : "",
	       get_flag(q, "per_seat") ? ", for each seat" : "",
	       get_flag(q, "retired") ? ", retired" : "");
	for (size_t i = 0; i < get_count(list); i++)
		printf("  %s\n", json_object_get_string(get_at(list, i)));
}

int ctl_question_list(struct ctl *ctl, struct fault *why)
{
	struct service service;
	struct json_object *all;

	if (service_open(ctl, &service, why) < 0)
		return CLI_BY_FAULT;
	all = put_new_list();
	for (size_t i = 0; service.questions && i < service.questions->count;
	     i++)
		put_append(all, question_json(&service.questions->list[i]));
	service_release(&service);
	return ctl_tell(ctl, all, print_line);
}
