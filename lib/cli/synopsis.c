/* SPDX-License-Identifier: MIT */
/* Reads how a command is called. */
#include "config.h"

#include "cli/synopsis.h"

#include "base/fault.h"

#include <string.h>

/* Where the reader stands. */
struct reader {
	struct cli_synopsis *s;
	struct cli_item *last;
	bool value_follows;	/* the next word is the value of last */
	bool is_optional;	/* a '|' stands in front, or all is */
	char letter;		/* of the option that comes next */
	int depth;		/* of brackets */
};

/* The item of that name; a new one if no other way has named it. */
static struct cli_item *item_of(struct cli_synopsis *s, const char *text,
				size_t len, bool is_option)
{
	struct cli_item *item = s->items;

	must(len > 0 && len < sizeof(item->name));
	for (; item < s->items + s->count; item++)
		if (item->is_option == is_option && !item->name[len] &&
		    strncmp(item->name, text, len) == 0)
			return item;
	must(s->count++ < CLI_ITEMS_MAX);
	memcpy(item->name, text, len);
	item->is_option = is_option;
	return item;
}

static void word_take(struct reader *r, const char *text, size_t len,
		      bool is_only_way)
{
	bool is_option = len > 2 && strncmp(text, "--", 2) == 0;

	if (len == 1 && text[0] == '|') {
		r->is_optional = true;
		if (r->last && !r->letter)
			r->last->is_required = false;
	} else if (len == 3 && strncmp(text, "...", len) == 0) {
		r->last->is_repeated = true;
	} else if (len == 2 && text[0] == '-') {
		r->letter = text[1];
	} else if (r->value_follows && !is_option) {
		r->last->has_value = true;
	} else {
		r->last = item_of(r->s, text + 2 * is_option,
				  len - 2 * is_option, is_option);
		r->last->letter = r->letter;
		r->last->is_required = is_only_way && r->depth == 0 &&
				       !r->is_optional;
		r->letter = 0;
		r->is_optional = false;
		r->value_follows = is_option;
		return;
	}
	r->value_follows = false;
}

void cli_synopsis_add(struct cli_synopsis *s, const char *text,
		      bool is_only_way)
{
	struct reader r = { .s = s };

	while (*text) {
		size_t len = strcspn(text, " []");

		if (len > 0)
			word_take(&r, text, len, is_only_way);
		else if (*text != ' ')
			r.value_follows = false;
		r.depth += (*text == '[') - (*text == ']');
		text += len > 0 ? len : 1;
	}
	must(r.depth == 0 && r.letter == 0);
}
