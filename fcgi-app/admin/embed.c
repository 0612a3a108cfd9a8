/* SPDX-License-Identifier: MIT */
/* What to copy to put a service on another site: a frame, or a form. */
#include "config.h"

#include "admin/embed.h"

#include "answer/render.h"
#include "base/logger.h"
#include "json/put.h"
#include "store/days.h"
#include "store/keys.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <stdlib.h>

struct row {
	const struct call *call;
	const struct service *service;
	struct json_object *list;
};

static void put_key(void *arg, const struct formkey *k)
{
	const struct row *r = arg;
	const char *base = r->call->site->conf.base_url;
	struct json_object *row;

	if (k->revoked)
		return;
	row = put_row(r->list);
	put_text(row, "key", k->key);
	put_text(row, "key_name", *k->name != '\0' ? k->name : k->key);
	put_text(row, "origins", k->origins);
	put_format(row, "action", "%s/f/%s%s", base, k->key,
		   r->call->site->cell);
	put_format(row, "frame", "%s/f/%s?service=%s%s", base, k->key,
		   r->service->slug, r->call->site->cell_too);
}

/* The time that a form is made for: the next with room. */
static int put_next(const struct call *call, struct json_object *embed,
		    const struct service *service, struct fault *why)
{
	struct slot *next = store_slots_next(call->site->store, service, 1,
					     why);

	put_text(embed, "slot", "");
	if (next == NULL)
		return -1;
	if (next->id != 0) {
		put_int(embed, "slot", next->id);
		page_put_when(call, embed, "when", next);
		put_flag(embed, "many", next->capacity > 1);
	}
	free(next);
	return 0;
}

void admin_put_embed(const struct call *call, struct json_object *values,
		     const struct service *service)
{
	struct json_object *embed = put_object(values, "embed");
	struct row r = { call, service, put_list(embed, "keys") };
	struct fault why;

	put_text(embed, "embedded", service->slug);
	put_text(embed, "title", service->name);
	put_text(embed, "speaks", *service->language != '\0' ?
		 service->language : call->site->conf.default_locale);
	if (put_next(call, embed, service, &why) < 0 ||
	    store_formkey_each(call->site->store, put_key, &r, &why) < 0) {
		log_warning("could not read what a form needs why=\"%s\"",
			    why.text);
		put_value(values, "embed", NULL);
		return;
	}
	put_flag(embed, "keyless", json_object_array_length(r.list) == 0);
}
