/* SPDX-License-Identifier: MIT */
/* What a service asks, for organisers' programs: listed, added, changed, asked
 * no more, asked again. */
#include "config.h"

#include "api/api.h"

#include "actions/json.h"
#include "actions/question.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "domain/model.h"
#include "domain/question.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/routes.h"
#include "json/put.h"
#include "store/questions.h"

#include <stddef.h>

/* The service with its questions; false if the call has been answered. */
static bool asking_open(struct call *call, struct service *out)
{
	struct fault why;

	if (!open_service(call, out))
		return false;
	if (store_service_questions(call->site->store, out, &why) == 0)
		return true;
	service_release(out);
	fail_store(call, "questions", &why);
	return false;
}

/* The same, and the question that the address names: one that is asked, or
 * also one that once was. */
static const struct question *question_open(struct call *call, bool once,
					    struct service *out)
{
	const struct question *q;

	if (!asking_open(call, out))
		return NULL;
	q = questions_named(out->questions, call->match->args[1]);
	if (q && (once || !q->retired))
		return q;
	service_release(out);
	fail(call, FAIL_NOT_FOUND);
	return NULL;
}

void api_admin_questions(struct call *call)
{
	struct json_object *doc;
	struct json_object *list;
	struct service service;

	if (!asking_open(call, &service))
		return;
	doc = put_new();
	list = put_list(doc, "questions");
	for (size_t i = 0; service.questions && i < service.questions->count;
	     i++)
		put_append(list, question_json(&service.questions->list[i]));
	reply_json(call->rp, 200, doc);
	service_release(&service);
}

void api_admin_question(struct call *call)
{
	struct service service;
	const struct question *q = question_open(call, true, &service);

	if (!q)
		return;
	reply_json(call->rp, 200, question_json(q));
	service_release(&service);
}

/* Reads the body; false if it has been answered, and nothing is to be
 * released. */
static bool body_read(struct call *call, const struct service *service,
		      const struct question *before, struct question_form *out)
{
	struct form form = { .count = 0 };
	bool good = open_json(call, true, &form);

	if (good) {
		question_form_read(&form, service->questions, before, out);
		good = out->fields.error_count == 0;
		if (!good) {
			fail_fields(call, &out->fields);
			question_form_release(out);
		}
	}
	form_release(&form);
	return good;
}

/* Adds what was read. */
static void add(struct call *call, const struct service *service,
		struct question_form *form)
{
	const struct store_actor by = admin_actor(call);
	const struct question_change c = { service, &form->question, &by };
	struct fault why;
	int r = question_add(call->site->store, &c, &form->fields, &why);

	if (r < 0) {
		fail_store(call, "a question", &why);
	} else if (r == 0) {
		fail_fields(call, &form->fields);
	} else {
		reply_header(call->rp, "Location",
			     "%s/api/v1/admin/services/%s/questions/%s",
			     call->site->root, service->slug,
			     form->question.name);
		reply_json(call->rp, 201, question_json(&form->question));
	}
}

void api_admin_question_add(struct call *call)
{
	struct question_form form;
	struct service service;

	if (!asking_open(call, &service))
		return;
	if (body_read(call, &service, NULL, &form)) {
		add(call, &service, &form);
		question_form_release(&form);
	}
	service_release(&service);
}

void api_admin_question_change(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct question_form form;
	struct service service;
	const struct question *before = question_open(call, false, &service);
	struct fault why;

	if (!before)
		return;
	if (body_read(call, &service, before, &form)) {
		const struct question_change c = { &service, &form.question,
						   &by };

		if (store_question_alter(call->site->store, &c, &why) < 0)
			fail_store(call, "a question", &why);
		else
			reply_json(call->rp, 200,
				   question_json(&form.question));
		question_form_release(&form);
	}
	service_release(&service);
}

void api_admin_question_retire(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct service service;
	const struct question *q = question_open(call, true, &service);
	struct json_object *now;
	struct fault why;

	if (!q)
		return;

	const struct question_change c = { &service, q, &by };

	if (store_question_retire(call->site->store, &c, &why) < 0) {
		fail_store(call, "a question", &why);
	} else {
		now = question_json(q);
		put_flag(now, "retired", true);
		reply_json(call->rp, 200, now);
	}
	service_release(&service);
}

static void restore(struct call *call, const struct service *service,
		    const struct question *q)
{
	const struct store_actor by = admin_actor(call);
	const struct question_change c = { service, q, &by };
	struct fields wrong = { .error_count = 0 };
	struct json_object *now;
	struct fault why;
	int r = question_restore(call->site->store, &c, &wrong, &why);

	if (r < 0) {
		fail_store(call, "a question", &why);
	} else if (r == 0) {
		fail_fields(call, &wrong);
	} else {
		now = question_json(q);
		put_flag(now, "retired", false);
		reply_json(call->rp, 200, now);
	}
}

void api_admin_question_restore(struct call *call)
{
	struct form form = { .count = 0 };
	struct service service;
	const struct question *q = question_open(call, true, &service);

	if (!q)
		return;
	if (open_json(call, false, &form))
		restore(call, &service, q);
	form_release(&form);
	service_release(&service);
}
