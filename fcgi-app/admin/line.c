/* SPDX-License-Identifier: MIT */
/* Who waits, as organisers see them. */
#include "config.h"

#include "admin/admin.h"

#include "answer/render.h"
#include "base/ticks.h"
#include "json/get.h"
#include "json/put.h"
#include "store/line.h"

#include <json-c/json.h>

static void put_waiting(const struct call *call, struct json_object *list,
			const struct line_row *w, bool by_slot)
{
	struct json_object *row = put_row(list);
	char shown[TOKEN_REF_LEN + 2];

	token_ref_show(w->ref, shown);
	put_text(row, "shown", shown);
	put_text(row, "name", w->name);
	put_text(row, "email", w->email);
	put_text(row, "service_name", w->service);
	put_int(row, "slot", w->slot.id);
	put_flag(row, "by_slot", by_slot);
	put_text(row, "ref", w->ref);
	put_flag(row, "again", by_slot &&
			       w->slot.starts_at_s > wall_ms() / 1000);
	put_value(row, "seats", page_count(call, "seats", w->seats));
	page_put_when(call, row, "when", &w->slot);
	page_put_instant(call, put_object(row, "since"), w->since_s,
			 w->slot.zone);
	put_flag(row, "held", w->held);
	put_text(row, "until", "");
	if (w->offer_until_s > 0)
		page_put_instant(call, put_object(row, "until"),
				 w->offer_until_s, w->slot.zone);
}

void admin_put_waiting(const struct call *call, struct json_object *to,
		       const char *key, const struct line_count *count)
{
	struct json_object *parts = put_new();
	const char *waiting = "";
	const char *held = "";

	if (count->waiting > 0) {
		put_value(parts, "waiting",
			  page_count(call, key, count->waiting));
		waiting = get_text(parts, "waiting");
	}
	if (count->held > 0) {
		put_value(parts, "held",
			  page_count(call, "admin.line.held", count->held));
		held = get_text(parts, "held");
	}
	put_format(to, "waiting", "%s%s%s", waiting,
		   *waiting != '\0' && *held != '\0' ? " · " : "", held);
	json_object_put(parts);
}

void admin_put_line(const struct call *call, struct json_object *to,
		    const struct line_rows *rows, bool by_slot)
{
	struct json_object *list = put_list(to, "line");
	struct line_count count = { .waiting = (int64_t)rows->count };

	for (size_t i = 0; i < rows->count; i++) {
		count.held += rows->list[i].held;
		count.waiting -= rows->list[i].held;
	}
	admin_put_waiting(call, to, "admin.line.count", &count);
	put_flag(to, "cut_line", rows->cut);
	for (size_t i = 0; i < rows->count; i++)
		put_waiting(call, list, &rows->list[i], by_slot);
}
