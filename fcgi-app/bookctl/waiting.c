/* SPDX-License-Identifier: MIT */
/* bookctl waiting add and remove: who has telephoned waits for a place, too, or
 * waits no more. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/change.h"
#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/token.h"
#include "form/form.h"
#include "json/put.h"
#include "text/lang.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ctl_field options[] = {
	{ "slot", "slot", false },
	{ "name", "name", false },
	{ "email", "email", false },
	{ "seats", "seats", false },
	{ .option = NULL },
};

#define TAG_SIZE 36		/* RFC 5646, 4.4.1, and the end */

/* The language in which the site has texts for that tag: "fr" for "FR-ch". */
static int lang_read(const struct ctl *ctl, const char *tag,
		     char out[TAG_SIZE], struct fault *why)
{
	char *dir = alloc_printf("%s/locale", ctl->conf.data_dir);
	struct lang_set *langs = lang_set_new(dir, ctl->conf.locale_dir,
					      ctl->conf.default_locale, why);
	const struct lang *l = langs ? lang_find(langs, tag) : NULL;
	bool known = l && str_copy(out, TAG_SIZE, lang_tag(l));

	if (langs && !known)
		(void)fault_set(why, FAULT_REJECT, "--lang: there is no "
				"language %s", tag);
	lang_set_free(langs);
	free(dir);
	return known ? 0 : -1;
}

static void print_added(struct json_object *answer)
{
	printf("%s %s\n", ctl_text(answer, "reference"),
	       strcmp(ctl_text(answer, "added"), "true") == 0 ? "added" :
	       strcmp(ctl_text(answer, "mailed"), "true") == 0 ?
	       "was there, mailed again" : "was there");
}

static int join(const struct ctl *ctl, const struct booking_form *b,
		const struct change_desk *d, struct fault *why)
{
	struct change_waited waited;
	struct json_object *answer;
	char shown[TOKEN_REF_LEN + 2];
	int r = change_wait_for(d, b, &waited, why);

	if (r == STORE_NO_PLACE)
		(void)fault_set(why, FAULT_REJECT, "the slot has just been "
				"removed");
	if (r != STORE_CHANGED)
		return CLI_BY_FAULT;
	token_ref_show(waited.ref, shown);
	answer = put_new();
	put_text(answer, "reference", shown);
	put_flag(answer, "added", waited.added);
	put_flag(answer, "mailed", waited.mailed);
	return ctl_tell(ctl, answer, print_added);
}

/* Reads and judges what was typed; b is to be released in any case. */
static int order_read(const struct ctl *ctl, const struct slot *slot,
		      struct booking_form *b, struct fault *why)
{
	struct form form;
	int r = 0;

	if (booking_wait_refusal(slot, wall_ms() / 1000) != FAIL_NONE)
		return fault_set(why, FAULT_REJECT, "the slot is closed or "
				 "has begun");
	if (ctl_form(ctl, options, &form, why) < 0)
		return -1;
	booking_form_read(&form, b);
	(void)booking_form_limit(b, slot->capacity, 0);
	if (b->fields.error_count > 0)
		r = ctl_refuse(ctl, options, &b->fields, why);
	form_release(&form);
	return r;
}

int ctl_waiting_add(struct ctl *ctl, struct fault *why)
{
	const char *lang = cli_text(ctl->call, "lang");
	char tag[TAG_SIZE] = "";
	struct booking_form *b;
	struct ctl_slot found;
	int status = CLI_BY_FAULT;

	if ((lang && lang_read(ctl, lang, tag, why) < 0) ||
	    ctl_slot_find(ctl, cli_text(ctl->call, "slot"), &found, why) < 0)
		return CLI_BY_FAULT;

	const struct change_desk d = {
		.store = ctl->store,
		.desk = { &ctl->by, found.service.slug, &found.slot },
		.locale = lang ? tag : *found.service.language != '\0' ?
			  found.service.language : ctl->conf.default_locale,
	};

	b = alloc_zeroed(1, sizeof(*b));
	if (order_read(ctl, &found.slot, b, why) == 0)
		status = join(ctl, b, &d, why);
	booking_form_release(b);
	free(b);
	service_release(&found.service);
	return status;
}

static void print_removed(struct json_object *answer)
{
	printf("%s removed\n", ctl_text(answer, "reference"));
}

int ctl_waiting_remove(struct ctl *ctl, struct fault *why)
{
	const char *typed = ctl->call->words[0];
	const struct change_place place = { .typed = typed };
	struct json_object *answer;
	struct waiting_view w;
	char shown[TOKEN_REF_LEN + 2];
	int r = change_place_find(ctl->store, &place, &w, why);

	if (r == 1) {
		r = change_wait_remove(ctl->store, &w, &ctl->by, why);
		token_ref_show(w.as_booking.ref, shown);
		waiting_view_release(&w);
	} else if (r == 0) {
		r = STORE_MEANWHILE;
	}
	if (r > STORE_CHANGED)
		return fault_set(why, FAULT_REJECT, "%s: nobody waits by that "
				 "reference", typed);
	if (r < 0)
		return CLI_BY_FAULT;
	answer = put_new();
	put_text(answer, "reference", shown);
	put_text(answer, "state", "removed");
	return ctl_tell(ctl, answer, print_removed);
}
