/* SPDX-License-Identifier: MIT */
/* Compiles a template into a flat list of operations. */
#include "config.h"

#include "text/mustache_code.h"

#include "base/alloc.h"

#define NAME_MAX_BYTES 128	/* of a whole dotted name */

struct scan {
	struct mustache_code *code;
	bool html;
	char *at;		/* next byte to read */
	char *limit;
	unsigned line;		/* of at */
	size_t open[MUSTACHE_NESTED_MAX];
	size_t open_count;
	struct fault *why;
};

struct tag {
	enum mustache_op_kind kind;
	char *start;		/* of the braces */
	char *after;		/* behind the braces */
	char *name;
	size_t len;
};

static int scan_fault(const struct scan *s, const char *what)
{
	return fault_set(s->why, FAULT_REJECT, "%s:%u: %s", s->code->name,
			 s->line, what);
}

static struct mustache_op *op_add(const struct scan *s,
				  enum mustache_op_kind kind)
{
	struct mustache_code *code = s->code;

	code->ops = alloc_grow(code->ops, code->count, &code->room,
			       sizeof(*code->ops));
	struct mustache_op *op = &code->ops[code->count++];

	*op = (struct mustache_op){ .kind = kind };
	return op;
}

static void text_add(const struct scan *s, const char *from, const char *to)
{
	if (from == to)
		return;
	struct mustache_op *op = op_add(s, OP_TEXT);

	op->text = from;
	op->len = (size_t)(to - from);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name(const char *name, size_t len)
{
	if (len == 1 && name[0] == '.')
		return true;
	if (len == 0 || len > NAME_MAX_BYTES || name[0] == '.' ||
	    name[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (c == '.' && name[i - 1] == '.')
			return false;
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '_' && c != '-' &&
		    c != '.' && c != '@')
			return false;
	}
	return true;
}

static enum mustache_op_kind kind_of(char sigil)
{
	switch (sigil) {
	case '#':
		return OP_SECTION;
	case '^':
		return OP_INVERTED;
	case '/':
		return OP_END;
	case '>':
		return OP_PARTIAL;
	case '!':
		return OP_COMMENT;
	default:
		return OP_VALUE;
	}
}

/* Reads the tag whose braces begin at start. */
static int tag_read(const struct scan *s, char *start, struct tag *tag)
{
	bool triple = start + 2 < s->limit && start[2] == '{';
	const char *braces = triple ? "}}}" : "}}";
	size_t width = triple ? 3 : 2;
	char *from = start + width;
	char *to = memmem(from, (size_t)(s->limit - from), braces, width);

	if (!to)
		return scan_fault(s, "a tag that is never closed");
	*tag = (struct tag){ .kind = OP_JSON, .start = start,
			     .after = to + width };
	if (triple && !s->html)
		return scan_fault(s, "{{{ }}} is for HTML only");
	if (!triple) {
		tag->kind = kind_of(from < to ? *from : 0);
		if (tag->kind != OP_VALUE)
			from++;
	}
	if (tag->kind == OP_COMMENT)
		return 0;
	while (from < to && is_blank(*from))
		from++;
	while (to > from && is_blank(to[-1]))
		to--;
	tag->name = from;
	tag->len = (size_t)(to - from);
	if (!is_name(tag->name, tag->len))
		return scan_fault(s, "a tag without a name that can be used");
	return 0;
}

/*
 * If the tag is alone on its line, widens it to the whole line and returns the
 * line's start, else the start of the braces.
 */
static char *tag_widen(const struct scan *s, struct tag *tag)
{
	char *before = tag->start;
	char *after = tag->after;

	if (tag->kind == OP_VALUE || tag->kind == OP_JSON)
		return tag->start;
	while (before > s->at && is_blank(before[-1]))
		before--;
	while (after < s->limit && is_blank(*after))
		after++;
	if ((before > s->code->source && before[-1] != '\n') ||
	    (after < s->limit && *after != '\n'))
		return tag->start;
	tag->after = after < s->limit ? after + 1 : after;
	return before;
}

static int section_close(struct scan *s, const struct mustache_op *end,
			 size_t index)
{
	if (s->open_count == 0)
		return scan_fault(s, "a section's end without its start");
	struct mustache_op *start = &s->code->ops[s->open[--s->open_count]];

	if (start->len != end->len ||
	    memcmp(start->text, end->text, end->len) != 0)
		return scan_fault(s, "a section's end that is not of the last "
				     "one opened");
	start->end = index;
	return 0;
}

static int tag_add(struct scan *s, const struct tag *tag)
{
	size_t index = s->code->count;
	struct mustache_op *op = op_add(s, tag->kind);

	op->line = s->line;
	op->text = tag->name;
	op->len = tag->len;
	tag->name[tag->len] = 0;
	if (tag->len > 1 && tag->kind != OP_PARTIAL) {
		for (size_t i = 0; i < tag->len; i++)
			if (tag->name[i] == '.')
				tag->name[i] = 0;
	}
	if (tag->kind == OP_END)
		return section_close(s, op, index);
	if (tag->kind == OP_SECTION || tag->kind == OP_INVERTED) {
		if (s->open_count == MUSTACHE_NESTED_MAX - 1)
			return scan_fault(s, "sections nested too deep");
		s->open[s->open_count++] = index;
	}
	return 0;
}

static unsigned lines_in(const char *from, const char *to)
{
	unsigned n = 0;

	for (; from < to; from++)
		n += *from == '\n';
	return n;
}

static int scan_all(struct scan *s)
{
	char *start;

	while ((start = memmem(s->at, (size_t)(s->limit - s->at), "{{", 2))) {
		struct tag tag = { 0 };

		s->line += lines_in(s->at, start);
		if (tag_read(s, start, &tag) < 0)
			return -1;
		char *text_end = tag_widen(s, &tag);
		unsigned lines = lines_in(start, tag.after);

		text_add(s, s->at, text_end);
		if (tag.kind != OP_COMMENT && tag_add(s, &tag) < 0)
			return -1;
		s->line += lines;
		s->at = tag.after;
	}
	text_add(s, s->at, s->limit);
	if (s->open_count == 0)
		return 0;
	s->line = s->code->ops[s->open[s->open_count - 1]].line;
	return scan_fault(s, "a section that is never closed");
}

int mustache_code_scan(struct mustache_code *code, size_t len, bool html,
		       struct fault *why)
{
	struct scan s = { .code = code, .html = html, .at = code->source,
			  .limit = code->source + len, .line = 1, .why = why };

	if (scan_all(&s) == 0)
		return 0;
	mustache_code_release(code);
	return -1;
}

void mustache_code_release(struct mustache_code *code)
{
	free(code->ops);
	free(code->source);
	free(code->name);
	*code = (struct mustache_code){ 0 };
}
