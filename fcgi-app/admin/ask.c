/* SPDX-License-Identifier: MIT */
/* Makes the values of a page that asks. */
#include "config.h"

#include "admin/ask.h"

#include "admin/admin.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "json/get.h"
#include "json/put.h"

#include <stdlib.h>

struct json_object *admin_ask(struct call *call, const struct admin_ask *a)
{
	static const char *const texts[] = { "lead", "submit" };
	const char *heading = page_text(call, "admin.ask.%s.title", a->word);
	/* Several may be open side by side: each title names its own. */
	char *title = alloc_printf("%s – %s", a->wrong ?
				   page_text(call, "form.title_error") :
				   heading, a->what);
	struct json_object *values = admin_page(call, a->self, title);

	put_text(values, "heading", heading);
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		put_text(values, texts[i], page_text(call, "admin.ask.%s.%s",
						     a->word, texts[i]));
	put_text(values, "action", a->action);
	put_text(values, "back", a->back);
	put_text(values, "what", a->what);
	(void)put_list(values, "facts");
	(void)put_list(values, "kept");
	free(title);
	return values;
}

void admin_ask_fact(struct json_object *values, const char *label,
		    const char *value)
{
	struct json_object *row = put_row(get_value(values, "facts"));

	put_text(row, "label", label);
	put_text(row, "value", value);
}

void admin_ask_keep(struct json_object *values, const char *name,
		    const char *value)
{
	struct json_object *row = put_row(get_value(values, "kept"));

	put_text(row, "name", name);
	put_text(row, "value", value);
}
