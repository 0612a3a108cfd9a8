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

static const struct {
	int status;
	const char *type;
} kinds[FAIL_KINDS] = {
	[FAIL_BAD_REQUEST] = { 400, "bad-request" },
	[FAIL_NO_KEY] = { 401, "key-needed" },
	[FAIL_READ_ONLY] = { 403, "key-read-only" },
	[FAIL_FORBIDDEN] = { 403, "forbidden" },
	[FAIL_RETURN] = { 400, "form-return" },
	[FAIL_ORIGIN] = { 403, "form-origin" },
	[FAIL_NOT_FOUND] = { 404, "not-found" },
	[FAIL_NO_SLOT] = { 404, "no-such-slot" },
	[FAIL_METHOD] = { 405, "method-not-allowed" },
	[FAIL_FULL] = { 409, "slot-full" },
	[FAIL_BEGUN] = { 409, "slot-begun" },
	[FAIL_LATE] = { 409, "too-late" },
	[FAIL_OVER] = { 409, "already-begun" },
	[FAIL_MOVES] = { 409, "moved-too-often" },
	[FAIL_CANCELLED] = { 409, "booking-cancelled" },
	[FAIL_ERASED] = { 409, "booking-erased" },
	[FAIL_MEANWHILE] = { 409, "changed-meanwhile" },
	[FAIL_LAPSED] = { 409, "offer-lapsed" },
	[FAIL_IN_USE] = { 409, "slot-in-use" },
	[FAIL_ON_ITS_WAY] = { 409, "on-its-way" },
	[FAIL_PAST] = { 410, "slot-past" },
	[FAIL_TOO_LARGE] = { 413, "too-large" },
	[FAIL_MEDIA_TYPE] = { 415, "unsupported-media-type" },
	[FAIL_FIELDS] = { 422, "invalid-fields" },
	[FAIL_KEY_REUSED] = { 422, "key-reused" },
	[FAIL_TOO_OFTEN] = { 429, "too-many-requests" },
	[FAIL_TOO_SOON] = { 429, "sent-just-now" },
	[FAIL_INTERNAL] = { 500, "internal" },
	[FAIL_UNAVAILABLE] = { 503, "unavailable" },
	[FAIL_UNSURE] = { 503, "unsure" },
};

int fail_status(enum fail_kind kind)
{
	return kinds[kind].status;
}

const char *fail_type(enum fail_kind kind)
{
	return kinds[kind].type;
}

enum fail_kind fail_find(const char *type)
{
	int kind = 0;

	while (kind < FAIL_KINDS && strcmp(kinds[kind].type, type) != 0)
		kind++;
	return (enum fail_kind)kind;
}

enum fail_kind fail_of_fault(const struct fault *why)
{
	return why->class == FAULT_UNSURE ? FAIL_UNSURE : FAIL_UNAVAILABLE;
}

void fail_headers(struct call *call, enum fail_kind kind)
{
	if (kinds[kind].status == 503)
		reply_header(call->rp, "Retry-After", RETRY_AFTER_S);
	if (kinds[kind].status == 429)
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
	char *key = alloc_printf("problem.%s.%s", kinds[kind].type, part);
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

	if (kinds[kind].status != 503 || strcmp(rq->method, "POST") != 0)
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
	page_send(call, kinds[kind].status, "message", values);
}

void fail_json(struct call *call, enum fail_kind kind,
	       const struct problem_error *errors, size_t count)
{
	char *type = alloc_printf("%s/problems/%s", call->site->root,
				  kinds[kind].type);
	const struct problem problem = {
		.status = kinds[kind].status,
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
