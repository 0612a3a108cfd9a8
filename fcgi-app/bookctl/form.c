/* SPDX-License-Identifier: MIT */
/* Makes a form from a command's options, like those of pages and JSON, and a
 * sentence from its error; writes JSON. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/span.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "domain/fields.h"
#include "json/get.h"
#include "json/put.h"
#include "text/lang.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LANGUAGE "en"	/* bookctl's own */

static enum form_result add(struct form *f, const char *field,
			    const char *value, size_t len)
{
	struct buf name = BUF_INIT;
	struct buf text = BUF_INIT;
	enum form_result result;

	buf_addstr(&name, field);
	buf_add(&text, value, len);
	result = form_add(f, FORM_TEXT, &name, &text);
	buf_release(&name);
	buf_release(&text);
	return result;
}

/* "2h" is the number and, in a field of its own, the unit. */
static enum form_result add_duration(struct form *f, const char *field,
				     const char *value)
{
	size_t digits = strspn(value, "0123456789");
	char *unit = alloc_printf("%s_unit", field);
	enum form_result result = add(f, field, value, digits);

	if (result == FORM_READ && value[digits] != '\0')
		result = add(f, unit, value + digits,
			     strlen(value + digits));
	free(unit);
	return result;
}

int ctl_form(const struct ctl *ctl, const struct ctl_field *fields,
	     struct form *out, struct fault *why)
{
	enum form_result result = FORM_READ;

	memset(out, 0, sizeof(*out));
	for (const struct ctl_field *f = fields;
	     f->option && result == FORM_READ; f++) {
		const char *text = cli_text(ctl->call, f->option);

		if (!text)
			continue;
		if (f->duration)
			result = add_duration(out, f->field, text);
		else
			result = add(out, f->field, text, strlen(text));
		if (result != FORM_READ)
			(void)fault_set(why, FAULT_REJECT,
					"--%s is not UTF-8", f->option);
	}
	if (result == FORM_READ)
		return 0;
	form_release(out);
	return -1;
}

/* The catalogue's sentence; the code where none can be read. */
static void sentence(const struct ctl *ctl, const struct field_error *e,
		     struct buf *out)
{
	char *dir = alloc_printf("%s/locale", ctl->conf.data_dir);
	struct fault ignored;
	struct lang_set *langs = lang_set_new(dir, NULL, LANGUAGE,
					      &ignored);
	const struct lang *lang = langs ? lang_find(langs, LANGUAGE) : NULL;
	struct json_object *vars = put_new();
	char *key = alloc_printf("web.error.%s", e->code);

	put_int(vars, "n", e->n);
	if (lang)
		lang_format(lang, key, vars, out);
	else
		buf_addstr(out, e->code);
	free(key);
	json_object_put(vars);
	lang_set_free(langs);
	free(dir);
}

int ctl_refuse(const struct ctl *ctl, const struct ctl_field *fields,
	       const struct fields *wrong, struct fault *why)
{
	const struct field_error *e = &wrong->errors[0];
	const char *option = NULL;
	struct buf text = BUF_INIT;

	must(wrong->error_count > 0);
	for (; fields && fields->option; fields++)
		if (strcmp(fields->field, e->field) == 0)
			option = fields->option;
	sentence(ctl, e, &text);
	(void)fault_set(why, FAULT_REJECT, "%s%s: %s", option ? "--" : "",
			option ? option : e->field, text.data);
	buf_release(&text);
	return -1;
}

static const struct ctl_field span_options[] = {
	{ "service", "service", false },
	{ "from", "from", false },
	{ "until", "until", false },
	{ .option = NULL },
};

int ctl_span(const struct ctl *ctl, const char *zone, struct span *span,
	     struct fault *why)
{
	struct form form;
	struct fields fields = { .form = &form };
	int r = 0;

	if (ctl_form(ctl, span_options, &form, why) < 0)
		return -1;
	if (zone)
		span_days(&fields, zone, span);
	else
		r = span_read(ctl->store, &fields, span, why);
	if (fields.error_count > 0)
		r = ctl_refuse(ctl, span_options, &fields, why);
	form_release(&form);
	return r;
}

/* ---- what a command has to say ------------------------------------------- */

const char *ctl_text(struct json_object *from, const char *name)
{
	struct json_object *value = get_value(from, name);

	return value ? json_object_get_string(value) : "";
}

const char *ctl_day(int64_t at_ms, char out[ZONE_ISO_SIZE])
{
	zone_iso("UTC", at_ms, out);
	out[strcspn(out, "T")] = '\0';
	return out;
}

void ctl_print_json(struct json_object *value)
{
	const char *text = json_object_to_json_string_ext(
		value, JSON_C_TO_STRING_PLAIN |
		JSON_C_TO_STRING_NOSLASHESCAPE);

	must(text != NULL);
	(void)puts(text);
}

int ctl_tell(const struct ctl *ctl, struct json_object *value,
	     void (*print)(struct json_object *value))
{
	if (ctl->json)
		ctl_print_json(value);
	else if (json_object_is_type(value, json_type_array))
		for (size_t i = 0; i < get_count(value); i++)
			print(get_at(value, i));
	else if (print)
		print(value);
	json_object_put(value);
	return EX_OK;
}

int ctl_tell_secret(const struct ctl *ctl, struct json_object *value,
		    const char *name, const char *secret)
{
	if (ctl->json)
		put_text(value, name, secret);
	else
		(void)puts(secret);
	return ctl_tell(ctl, value, NULL);
}
