/* SPDX-License-Identifier: MIT */
/* Says no, as a page or as a problem document. */
#include "config.h"

#include "answer/fail.h"

#include "answer/render.h"
#include "base/alloc.h"
#include "base/str.h"
#include "http/form.h"
#include "http/request.h"
#include "json/put.h"
#include "text/lang.h"

#define RETRY_AFTER_S "10"
#define LIMIT_AFTER_S "3600"
#define CHALLENGE "Bearer realm=\"Reservoir\""

void fail_headers(struct call *call, enum fail_kind kind)
{
	if (fail_status(kind) == 503)
		reply_header(call->rp, "Retry-After", RETRY_AFTER_S);
	if (fail_status(kind) == 429)
		reply_header(call->rp, "Retry-After", LIMIT_AFTER_S);
	/* No error code: nobody shall see what is wrong with a key. */
	if (kind == FAIL_NO_KEY)
		reply_header(call->rp, "WWW-Authenticate", CHALLENGE);
	if (kind == FAIL_READ_ONLY)
		reply_header(call->rp, "WWW-Authenticate",
			     CHALLENGE ", error=\"insufficient_scope\"");
}

static const char *text_of(const struct call *call, enum fail_kind kind,
			   const char *part)
{
	char *key = alloc_printf("problem.%s.%s", fail_type(kind), part);
	const char *text = page_text(call, key);

	free(key);
	return text;
}

const char *fail_title(const struct call *call, enum fail_kind kind)
{
	return text_of(call, kind, "title");
}

const char *fail_detail(const struct call *call, enum fail_kind kind)
{
	return text_of(call, kind, "detail");
}

/* What was sent, as a form of one button: it is one press away from being sent
 * once more, with all that was typed. */
static void put_again(const struct call *call, struct json_object *values,
		      const struct form *f)
{
	struct json_object *again = put_object(values, "again");
	struct json_object *fields = put_list(again, "fields");

	put_text(again, "path", call->rq->path);
	for (size_t i = 0; i < f->count; i++) {
		struct json_object *row = put_row(fields);

		put_text(row, "name", f->fields[i].name);
		put_text(row, "value", f->fields[i].value);
	}
}

/* A page's form that could be sent again as it is; else *f is empty. */
static bool read_again(const struct call *call, enum fail_kind kind,
		       struct form *f)
{
	const struct request *rq = call->rq;

	if (fail_status(kind) != 503 || strcmp(rq->method, "POST") != 0)
		return false;
	return rq->body.len == 0 ||
	       form_read_posted(f, rq->content_type, rq->body.data,
				rq->body.len) == FORM_READ;
}

void fail_page(struct call *call, enum fail_kind kind)
{
	struct form posted = { .count = 0 };
	bool again = read_again(call, kind, &posted);
	struct json_object *values;

	page_lang_from(call, &posted);
	values = page_new(call, "/", fail_title(call, kind));
	put_text(values, "detail", fail_detail(call, kind));
	put_flag(values, "noindex", true);
	put_flag(values, "desk", *call->rq->user != '\0' &&
				 str_starts_with(call->rq->path, "/admin"));
	if (again)
		put_again(call, values, &posted);
	form_release(&posted);
	fail_headers(call, kind);
	page_send(call, fail_status(kind), "message", values);
}

void fail_json(struct call *call, enum fail_kind kind,
	       const struct problem_error *errors, size_t count)
{
	char *type = alloc_printf("%s/problems/%s", call->site->root,
				  fail_type(kind));
	const struct problem problem = {
		.status = fail_status(kind),
		.type = type,
		.title = fail_title(call, kind),
		.detail = fail_detail(call, kind),
		.errors = errors,
		.error_count = count,
	};

	fail_headers(call, kind);
	reply_header(call->rp, "Content-Language", lang_tag(call->lang));
	reply_problem(call->rp, &problem);
	free(type);
}
