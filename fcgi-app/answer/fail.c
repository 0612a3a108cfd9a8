/* SPDX-License-Identifier: MIT */
/* Says no, as a page or as a problem document. */
#include "config.h"

#include "answer/fail.h"

#include "answer/render.h"
#include "base/logger.h"
#include "base/str.h"
#include "domain/fields.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "json/put.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <string.h>

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

const char *fail_title(const struct call *call, enum fail_kind kind)
{
	return page_text(call, "problem.%s.title", fail_type(kind));
}

const char *fail_detail(const struct call *call, enum fail_kind kind)
{
	return page_text(call, "problem.%s.detail", fail_type(kind));
}

static bool is_desk(const struct call *call)
{
	return *call->rq->user != '\0' &&
	       str_starts_with(call->rq->path, "/admin");
}

/* What people read beside that field; its name for one that is in no
 * catalogue. */
static const char *label_of(const struct call *call, const char *name)
{
	const char *label = is_desk(call) ?
		page_text(call, "admin.field.%s", name) :
		page_text(call, "form.%s", name);

	return *label != '\0' ? label : name;
}

/* What was sent, as a form of one button: one press sends it again, with all
 * that was typed.  letters: what may hold wrong ones is seen. */
static void put_again(const struct call *call, struct json_object *values,
		      const struct form *f, bool letters)
{
	struct json_object *again = put_object(values, "again");
	struct json_object *fields = put_list(again, "fields");

	put_text(again, "path", call->rq->path);
	put_flag(again, "bare", !letters);
	for (size_t i = 0; i < f->count; i++) {
		const struct form_field *one = &f->fields[i];
		bool shown = letters && !str_is_ascii(one->value,
						      strlen(one->value));
		struct json_object *row;

		if (*one->name == '\0')
			continue;	/* nobody reads it */
		row = put_row(fields);
		put_text(row, "name", one->name);
		put_text(row, "value", one->value);
		put_text(row, "label", shown ? label_of(call, one->name) : "");
		put_int(row, "number", (int64_t)i);
		put_flag(row, "lines", strpbrk(one->value, "\r\n") != NULL);
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

static bool only_looks(const struct request *rq)
{
	return strcmp(rq->method, "GET") == 0 ||
	       strcmp(rq->method, "HEAD") == 0;
}

/* Whoever only looks has typed nothing, and wants nothing done. */
static bool is_look(const struct call *call, enum fail_kind kind)
{
	return fail_status(kind) == 503 && only_looks(call->rq);
}

/* A link that opens nothing; it may be one from before a correction. */
static bool is_dead_link(const struct call *call, enum fail_kind kind)
{
	return kind == FAIL_NOT_FOUND &&
	       (str_starts_with(call->rq->path, "/b/") ||
		str_starts_with(call->rq->path, "/w/"));
}

static const char *detail_of(const struct call *call, enum fail_kind kind)
{
	if (is_look(call, kind))
		return page_text(call, "look_again");
	/* Who corrects an address, leaves a line or has all erased ends the
	 * link.  A form that comes twice finds nothing, but it was done. */
	if (is_dead_link(call, kind) && !only_looks(call->rq))
		return page_text(call, "sent_twice");
	return fail_detail(call, kind);
}

static void fail_page(struct call *call, enum fail_kind kind)
{
	struct form posted = { .count = 0 };
	bool again = read_again(call, kind, &posted);
	struct json_object *values;

	page_lang_from(call, &posted);
	values = page_new(call, "/", fail_title(call, kind));
	put_text(values, "detail", detail_of(call, kind));
	put_flag(values, "look", is_look(call, kind));
	put_flag(values, "find", is_dead_link(call, kind));
	put_flag(values, "noindex", true);
	put_flag(values, "desk", is_desk(call));
	if (again)
		put_again(call, values, &posted, false);
	form_release(&posted);
	fail_headers(call, kind);
	page_send(call, fail_status(kind), "message", values);
}

/* Takes errors over: NULL, or a list of {pointer: "/email", code:
 * "email_required", detail: a sentence in the client's language}. */
static void fail_json(struct call *call, enum fail_kind kind,
		      struct json_object *errors)
{
	struct json_object *doc = put_new();

	put_format(doc, "type", "%s/problems/%s", call->site->root,
		   fail_type(kind));
	put_text(doc, "title", fail_title(call, kind));
	put_int(doc, "status", fail_status(kind));
	if (*detail_of(call, kind) != '\0')
		put_text(doc, "detail", detail_of(call, kind));
	if (errors != NULL)
		put_value(doc, "errors", errors);
	fail_headers(call, kind);
	reply_header(call->rp, "Content-Language", "%s",
		     lang_tag(call->lang));
	reply_problem(call->rp, fail_status(kind), doc);
}

void fail(struct call *call, enum fail_kind kind)
{
	if (call->json)
		fail_json(call, kind, NULL);
	else
		fail_page(call, kind);
}

void fail_letters(struct call *call, const struct form *f)
{
	struct json_object *values;

	page_lang_from(call, f);
	values = page_new(call, "/", page_text(call, "letters.title"));
	put_text(values, "detail", page_text(call, "letters.detail"));
	put_flag(values, "noindex", true);
	put_flag(values, "desk", is_desk(call));
	put_again(call, values, f, true);
	page_send(call, fail_status(FAIL_BAD_REQUEST), "message", values);
}

void fail_store(struct call *call, const char *what, const struct fault *why)
{
	log_warning("could not %s %s why=\"%s\"",
		    only_looks(call->rq) ? "read" : "change", what, why->text);
	fail(call, fail_of_fault(why));
}

void page_fail(struct call *call, struct json_object *values, const char *what,
	       const struct fault *why)
{
	json_object_put(values);
	fail_store(call, what, why);
}

/* RFC 6901; a field "answers.age" is the member of an object. */
static void put_pointer(struct json_object *row, const char *field)
{
	const char *dot = strchr(field, '.');

	if (dot != NULL)
		put_format(row, "pointer", "/%.*s/%s", (int)(dot - field),
			   field, dot + 1);
	else
		put_format(row, "pointer", "/%s", field);
}

void fail_fields(struct call *call, const struct fields *wrong)
{
	struct json_object *list = put_new_list();

	for (size_t i = 0; i < wrong->error_count; i++) {
		const struct field_error *e = &wrong->errors[i];
		struct json_object *row = put_row(list);

		put_pointer(row, e->field);
		put_text(row, "code", e->code);
		page_put_error(call, row, "detail", e);
	}
	fail_json(call, FAIL_FIELDS, list);
}

void fail_field(struct call *call, const char *field, const char *code)
{
	struct fields wrong = { .error_count = 0 };

	fields_fail(&wrong, field, code, 0);
	fail_fields(call, &wrong);
}
