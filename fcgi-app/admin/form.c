/* SPDX-License-Identifier: MIT */
/* Makes the values of organisers' forms. */
#include "config.h"

#include "admin/form.h"

#include "admin/admin.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "json/put.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A name that a row lacks is looked up outside: the list. */
static const char *const all_members[] = {
	"label", "hint", "error", "input", "area", "choice", "options",
	"unit", "value", "max", "optional", "required", "short", "described",
	"list",
};

/* What is wrong, as visitors read it, unless the form has words of its own:
 * whoever types somebody else's name is not asked for theirs. */
static void put_error(const struct admin_form *f, struct json_object *row,
		      const char *name, const struct field_error *e)
{
	const char *own = e ? page_text(f->call, "admin.error.%s%s", f->prefix,
					e->code) : "";

	if (*own != '\0')
		put_text(row, name, own);
	else
		page_put_error(f->call, row, name, e);
}

/* Each names its field: the hours of three days may be wrong alike. */
static void put_errors(const struct admin_form *f, struct json_object *values)
{
	struct json_object *list = put_list(values, "errors");

	for (size_t i = 0; f->wrong && i < f->wrong->error_count; i++) {
		const struct field_error *e = &f->wrong->errors[i];
		struct json_object *row = put_row(list);

		put_text(row, "field", e->field);
		put_text(row, "label",
			 page_text(f->call, "admin.field.%s%s", f->prefix,
				   e->field));
		put_error(f, row, "text", e);
	}
	put_flag(values, "wrong", f->wrong && f->wrong->error_count > 0);
}

struct admin_form admin_form_begin(const struct call *call,
				   struct json_object *values,
				   const struct form *typed,
				   const struct fields *wrong)
{
	const struct admin_form f = {
		.call = call, .prefix = "", .typed = typed, .wrong = wrong,
	};

	return admin_form_begin_as(&f, values);
}

struct admin_form admin_form_begin_as(const struct admin_form *f,
				      struct json_object *values)
{
	struct admin_form begun = *f;

	put_errors(f, values);
	begun.list = put_list(values, "fields");
	begun.folded = NULL;
	put_value(values, "more", NULL);
	return begun;
}

void admin_form_fold(struct admin_form *f, struct json_object *values)
{
	f->folded = put_object(values, "more");
	put_flag(f->folded, "open", false);
	f->list = put_list(f->folded, "fields");
}

/* What was typed, or else value. */
static const char *value_of(const struct admin_form *f, const char *name,
			    const char *value)
{
	const char *typed;

	if (!f->typed || form_get(f->typed, name, &typed) == FORM_ABSENT)
		return value;
	return typed;
}

static struct json_object *field_new(const struct admin_form *f,
				     const char *name, const char *value)
{
	const struct field_error *e = f->wrong ? fields_error(f->wrong, name) :
						 NULL;
	const char *hint = page_text(f->call, "admin.hint.%s%s", f->prefix,
				     name);
	struct json_object *row = put_row(f->list);

	for (size_t i = 0; i < ARRAY_COUNT(all_members); i++)
		put_text(row, all_members[i], "");
	put_text(row, "name", name);
	put_text(row, "label", page_text(f->call, "admin.field.%s%s",
					 f->prefix, name));
	put_text(row, "hint", hint);
	put_text(row, "value", value_of(f, name, value));
	put_error(f, row, "error", e);
	if (e && f->folded)
		put_flag(f->folded, "open", true);
	put_format(row, "described", "%s%s%s%s",
		   e ? name : "", e ? "-error " : "",
		   *hint != '\0' ? name : "", *hint != '\0' ? "-hint" : "");
	return row;
}

void admin_form_input(const struct admin_form *f,
		      const struct admin_input *input)
{
	struct json_object *row = field_new(f, input->name, input->value);

	if (input->max > 0)
		put_format(row, "max", "%d", input->max);
	put_text(row, "input", !input->type ? "" :
		 page_input_type(input->type, value_of(f, input->name,
						       input->value)));
	put_flag(row, "area", !input->type);
	put_flag(row, "required", input->must);
	put_flag(row, "optional", !input->must && !input->silent);
	put_flag(row, "short", input->is_short);
	put_text(row, "list", input->list ? input->list : "");
}

static void put_options(struct json_object *to, const char *value,
			const struct admin_options *options)
{
	struct json_object *list = put_list(to, "options");

	for (size_t i = 0; i < options->count; i++) {
		const struct admin_option *option = &options->list[i];
		struct json_object *row = put_row(list);

		put_text(row, "value", option->value);
		put_text(row, "text", option->text);
		put_flag(row, "selected", strcmp(value, option->value) == 0);
	}
}

void admin_form_minutes(const struct admin_form *f, const char *name,
			int64_t minutes)
{
	const struct admin_option options[] = {
		{ "min", admin_word(f->call, "unit", "min") },
		{ "h", admin_word(f->call, "unit", "h") },
		{ "d", admin_word(f->call, "unit", "d") },
	};
	const struct admin_options units = { options, ARRAY_COUNT(options) };
	const char *unit = "min";
	char *unit_name = alloc_printf("%s_unit", name);
	struct json_object *row;
	struct json_object *choice;
	char text[24];

	if (minutes > 0 && minutes % 1440 == 0) {
		unit = "d";
		minutes /= 1440;
	} else if (minutes > 0 && minutes % 60 == 0) {
		unit = "h";
		minutes /= 60;
	}
	(void)snprintf(text, sizeof(text), "%" PRId64, minutes);
	row = field_new(f, name, text);
	put_text(row, "input",
		 page_input_type("number", value_of(f, name, text)));
	put_flag(row, "short", true);
	choice = put_object(row, "unit");
	put_text(choice, "unit_name", unit_name);
	put_options(choice, value_of(f, unit_name, unit), &units);
	free(unit_name);
}

void admin_form_choice(const struct admin_form *f, const char *name,
		       const char *value, const struct admin_options *options)
{
	struct json_object *row = field_new(f, name, value);

	put_flag(row, "choice", true);
	put_options(row, value_of(f, name, value), options);
}

void admin_form_flag(const struct admin_form *f, const char *name, bool value)
{
	const struct admin_option options[] = {
		{ "no", admin_word(f->call, "unit", "no") },
		{ "yes", admin_word(f->call, "unit", "yes") },
	};
	const struct admin_options both = { options, ARRAY_COUNT(options) };

	admin_form_choice(f, name, value ? "yes" : "no", &both);
}
