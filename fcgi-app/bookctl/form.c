/* SPDX-License-Identifier: MIT */
/* Makes a form of a command's options, as pages and JSON have one, and a
 * sentence of what is wrong with it; writes JSON. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/span.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "domain/fields.h"
#include "json/put.h"
#include "text/lang.h"

#include <errno.h>
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
	     size_t count, struct form *out, struct fault *why)
{
	enum form_result result = FORM_READ;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < count && result == FORM_READ; i++) {
		const struct ctl_field *f = &fields[i];
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

/* The sentence of the catalogue; its code where there is none to be read. */
static void sentence(const struct ctl *ctl, const struct field_error *e,
		     struct buf *out)
{
	char *dir = alloc_printf("%s/locale", ctl->conf.data_dir);
	struct fault ignored;
	struct lang_set *langs = lang_set_new(dir, NULL, LANGUAGE,
					      &ignored);
	const struct lang *lang = langs ? lang_find(langs, LANGUAGE) : NULL;
	struct json_object *vars = json_object_new_object();
	char *key = alloc_printf("web.error.%s", e->code);

	must(vars != NULL);
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
	       size_t count, const struct fields *wrong, struct fault *why)
{
	const struct field_error *e = &wrong->errors[0];
	const char *option = NULL;
	struct buf text = BUF_INIT;

	must(wrong->error_count > 0);
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].field, e->field) == 0)
			option = fields[i].option;
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
};

int ctl_span(const struct ctl *ctl, const char *zone, struct span *span,
	     struct fault *why)
{
	struct form form;
	struct fields fields = { .form = &form };
	int r = 0;

	if (ctl_form(ctl, span_options, ARRAY_COUNT(span_options), &form,
		     why) < 0)
		return -1;
	if (zone)
		span_days(&fields, zone, span);
	else
		r = span_read(ctl->store, &fields, span, why);
	if (fields.error_count > 0)
		r = ctl_refuse(ctl, span_options, ARRAY_COUNT(span_options),
			       &fields, why);
	form_release(&form);
	return r;
}

int ctl_print_json(struct json_object *value, struct fault *why)
{
	const char *text = json_object_to_json_string_ext(
		value, JSON_C_TO_STRING_PLAIN |
		JSON_C_TO_STRING_NOSLASHESCAPE);
	int r;

	must(text != NULL);
	r = puts(text) == EOF || fflush(stdout) == EOF ? EX_IOERR : EX_OK;
	if (r != EX_OK)
		(void)fault_set_errno(why, FAULT_RETRY, errno, "write");
	json_object_put(value);
	return r;
}
