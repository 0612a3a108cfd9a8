/* SPDX-License-Identifier: MIT */
/* Renders templates over json-c values. */
#include "config.h"

#include "text/mustache.h"

#include "base/alloc.h"
#include "text/mustache_code.h"

#include <json-c/json.h>

#include <stdbool.h>

#define OUTPUT_MAX_BYTES (1024 * 1024)
/* Lists in lists in lists that print nothing would go on for ever. */
#define STEPS_MAX 1000000

struct mustache {
	struct mustache_code code;
	enum mustache_form form;
};

struct mustache *mustache_new(const struct mustache_source *source,
			      struct fault *why)
{
	struct mustache *m = alloc_zeroed(1, sizeof(*m));

	m->form = source->form;
	m->code.name = alloc_text(source->name);
	m->code.source = alloc_textn(source->text, source->len);
	if (mustache_code_scan(&m->code, source->len,
			       m->form == MUSTACHE_HTML, why) == 0)
		return m;
	free(m);
	return NULL;
}

void mustache_free(struct mustache *m)
{
	if (!m)
		return;
	mustache_code_release(&m->code);
	free(m);
}

/* One open section or partial, or the template itself. */
struct frame {
	const struct mustache *m;
	size_t next;			/* operation to do next */
	size_t start;
	size_t end;
	struct json_object *list;	/* what is walked through, or NULL */
	size_t index;
	bool has_value;			/* value is a context of its own */
	struct json_object *value;	/* NULL is JSON's null */
};

struct render {
	struct frame frames[MUSTACHE_NESTED_MAX];
	size_t depth;
	const struct mustache_view *view;
	struct buf *out;
	struct fault *why;
};

/* Follows the rest of a name into value. */
static struct json_object *name_follow(struct json_object *value,
				       const char *part, const char *limit)
{
	while (part < limit) {
		if (!json_object_is_type(value, json_type_object) ||
		    !json_object_object_get_ex(value, part, &value))
			return NULL;
		part += strlen(part) + 1;
	}
	return value;
}

static struct json_object *name_value(const struct render *r,
				      const struct mustache_op *op)
{
	const char *limit = op->text + op->len;
	bool itself = op->len == 1 && op->text[0] == '.';

	for (size_t i = r->depth; i-- > 0;) {
		const struct frame *f = &r->frames[i];
		struct json_object *found;

		if (!f->has_value)
			continue;
		if (itself)
			return f->value;
		if (json_object_is_type(f->value, json_type_object) &&
		    json_object_object_get_ex(f->value, op->text, &found))
			return name_follow(found,
					   op->text + strlen(op->text) + 1,
					   limit);
	}
	return NULL;
}

/* False are: nothing, null, false, 0, "" and an empty list. */
static bool is_true(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return false;
	case json_type_array:
		return json_object_array_length(value) > 0;
	case json_type_string:
		return json_object_get_string_len(value) > 0;
	case json_type_object:
		return true;
	default:
		return json_object_get_boolean(value);
	}
}

static int render_fault(const struct render *r, const struct mustache_op *op,
			const char *what)
{
	return fault_set(r->why, FAULT_REJECT, "%s:%u: %s",
			 r->frames[r->depth - 1].m->code.name, op->line, what);
}

static struct frame *frame_push(struct render *r, const struct mustache *m)
{
	if (r->depth == MUSTACHE_NESTED_MAX)
		return NULL;
	struct frame *f = &r->frames[r->depth++];

	*f = (struct frame){ .m = m, .end = m->code.count };
	return f;
}

static int section_enter(struct render *r, const struct mustache_op *op)
{
	struct frame *outer = &r->frames[r->depth - 1];
	size_t start = outer->next;
	struct json_object *value = name_value(r, op);

	outer->next = op->end + 1;
	if (is_true(value) == (op->kind == OP_INVERTED))
		return 0;

	struct frame *f = frame_push(r, outer->m);

	if (!f)
		return render_fault(r, op, "nested too deep");
	f->start = start;
	f->next = start;
	f->end = op->end;
	if (op->kind == OP_INVERTED)
		return 0;
	f->has_value = true;
	f->value = value;
	if (json_object_is_type(value, json_type_array)) {
		f->list = value;
		f->value = json_object_array_get_idx(value, 0);
	}
	return 0;
}

/* At a frame's end: the next of its list, or back to the outer one. */
static void frame_leave(struct render *r, struct frame *f)
{
	if (f->list && ++f->index < json_object_array_length(f->list)) {
		f->value = json_object_array_get_idx(f->list, f->index);
		f->next = f->start;
	} else {
		r->depth--;
	}
}

static int partial_enter(struct render *r, const struct mustache_op *op)
{
	const struct mustache_view *v = r->view;
	const struct mustache *m = v->find ? v->find(v->arg, op->text) : NULL;

	if (!m)
		return render_fault(r, op, "a partial that is not there");
	if (!frame_push(r, m))
		return render_fault(r, op, "nested too deep");
	return 0;
}

static void value_render(const struct render *r, struct json_object *value,
			 enum mustache_form form)
{
	enum json_type type = json_object_get_type(value);

	if (type == json_type_null || type == json_type_object ||
	    type == json_type_array)
		return;

	const char *text = json_object_get_string(value);
	size_t len = type == json_type_string ?
		(size_t)json_object_get_string_len(value) : strlen(text);

	if (form == MUSTACHE_HTML)
		mustache_escape_html(r->out, text, len);
	else
		buf_add(r->out, text, len);
}

static int json_render(const struct render *r, const struct mustache_op *op,
		       struct json_object *value)
{
	if (!json_object_is_type(value, json_type_object) &&
	    !json_object_is_type(value, json_type_array))
		return render_fault(r, op,
				    "{{{ }}} of what is no object or list");

	const char *text = json_object_to_json_string_ext(value,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	for (;;) {
		size_t plain = strcspn(text, "<>&");

		buf_add(r->out, text, plain);
		if (text[plain] == 0)
			return 0;
		buf_addf(r->out, "\\u%04x", (unsigned)text[plain]);
		text += plain + 1;
	}
}

static int op_render(struct render *r, const struct mustache_op *op)
{
	switch (op->kind) {
	case OP_TEXT:
		buf_add(r->out, op->text, op->len);
		return 0;
	case OP_VALUE:
		value_render(r, name_value(r, op),
			     r->frames[r->depth - 1].m->form);
		return 0;
	case OP_JSON:
		return json_render(r, op, name_value(r, op));
	case OP_SECTION:
	case OP_INVERTED:
		return section_enter(r, op);
	case OP_PARTIAL:
		return partial_enter(r, op);
	case OP_END:
	case OP_COMMENT:
		break;
	}
	return 0;
}

int mustache_render(const struct mustache *m, const struct mustache_view *view,
		    struct buf *out, struct fault *why)
{
	struct render r = { .view = view, .out = out, .why = why };
	size_t before = out->len;
	struct frame *f = frame_push(&r, m);

	must(f);
	f->has_value = true;
	f->value = view->values;
	for (unsigned long steps = 0; r.depth > 0; steps++) {
		f = &r.frames[r.depth - 1];
		if (f->next == f->end) {
			frame_leave(&r, f);
			continue;
		}
		const struct mustache_op *op = &f->m->code.ops[f->next++];

		if (steps > STEPS_MAX)
			return render_fault(&r, op,
					    "more than a million steps");
		if (op_render(&r, op) < 0)
			return -1;
		if (out->len - before > OUTPUT_MAX_BYTES)
			return render_fault(&r, op, "more than 1 MiB of text");
	}
	return 0;
}

static const char *html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void mustache_escape_html(struct buf *out, const char *text, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		const char *entity = html_entity(text[i]);

		if (!entity)
			continue;
		buf_add(out, text + from, i - from);
		buf_addstr(out, entity);
		from = i + 1;
	}
	buf_add(out, text + from, len - from);
}
