/* SPDX-License-Identifier: MIT */
/* bookctl check-templates: pages and languages, and what they lack. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "json/put.h"
#include "site/texts_check.h"

#include <json-c/json.h>
#include <stdio.h>
#include <sysexits.h>

struct reports {
	struct json_object *list;	/* NULL: for people */
	size_t count;
};

static void add(void *arg, const struct texts_report *r)
{
	struct reports *all = arg;
	struct json_object *one;

	all->count++;
	if (!all->list) {
		(void)fprintf(stderr, "%s\n", r->sentence);
		return;
	}
	one = put_row(all->list);
	put_text(one, "kind", r->kind == TEXTS_GAP ? "gap" : "fault");
	put_text(one, "language", r->language);
	put_text(one, "text", r->sentence);
}

int ctl_check_templates(struct ctl *ctl, struct fault *why)
{
	struct reports all = { NULL, 0 };
	struct json_object *json = NULL;

	if (ctl->json) {
		json = put_new();
		all.list = put_list(json, "reports");
	}
	if (texts_check(&ctl->conf, add, &all, why) < 0) {
		json_object_put(json);
		return EX_CONFIG;
	}
	if (json)
		(void)ctl_tell(ctl, json, NULL);
	else if (all.count == 0)
		(void)puts("all pages and languages are good");
	return all.count > 0 ? EX_CONFIG : EX_OK;
}
