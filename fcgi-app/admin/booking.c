/* SPDX-License-Identifier: MIT */
/* One booking's whole story as a page, with what can be done about it. */
#include "config.h"

#include "admin/admin.h"

#include "actions/change.h"
#include "actions/story.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "http/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "text/lang.h"

#include <json-c/json.h>

/* ---- words ----------------------------------------------------------------- */

static const char *text_of(struct json_object *from, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(from, name, &value) || value == NULL)
		return "";
	return json_object_get_string(value);
}

/* Adds {name}_show to a time {name}, without its T and its offset. */
static void show_time(struct json_object *in, const char *name)
{
	char *shown = alloc_text(text_of(in, name));
	char *key = alloc_printf("%s_show", name);

	if (strlen(shown) >= 19) {
		shown[10] = ' ';
		shown[19] = '\0';
	}
	put_text(in, key, shown);
	free(shown);
	free(key);
}

static void show_times(struct json_object *in)
{
	static const char *const names[] = {
		"at", "created_at", "changed_at", "begins_at", "final_at",
		"admitted_at", "next_at",
	};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (*text_of(in, names[i]) != '\0')
			show_time(in, names[i]);
}

static void put_word(const struct call *call, struct json_object *in,
		     const char *name, const char *group)
{
	char *key = alloc_printf("%s_text", name);

	put_text(in, key, admin_word(call, group, text_of(in, name)));
	free(key);
}

/* Calls each() for the objects of the list name. */
static void each_row(const struct call *call, struct json_object *in,
		     const char *name,
		     void (*each)(const struct call *call,
				  struct json_object *row))
{
	struct json_object *list = NULL;

	if (!json_object_object_get_ex(in, name, &list))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		each(call, json_object_array_get_idx(list, i));
}

static void show_attempt(const struct call *call, struct json_object *row)
{
	show_times(row);
	put_word(call, row, "verdict", "verdict");
	put_flag(row, "again", strcmp(text_of(row, "times"), "1") != 0 &&
			       *text_of(row, "times") != '\0');
}

static void show_event(const struct call *call, struct json_object *row)
{
	show_times(row);
	put_word(call, row, "action", "action");
	put_word(call, row, "actor", "actor");
}

static void show_mail(const struct call *call, struct json_object *row)
{
	struct json_object *job = NULL;
	int state = story_state_find(text_of(row, "state"));

	show_times(row);
	put_word(call, row, "kind", "kind");
	put_word(call, row, "state", "state");
	put_flag(row, "open", state == NOTIFICATION_OPEN);
	put_flag(row, "good", state == NOTIFICATION_SENT);
	put_flag(row, "bad", state == NOTIFICATION_DEAD ||
			     state == NOTIFICATION_EXPIRED);
	if (!json_object_object_get_ex(row, "job", &job) || job == NULL)
		return;
	show_times(job);
	put_word(call, job, "state", "job");
	each_row(call, job, "story", show_attempt);
}

/* ---- the page ---------------------------------------------------------------- */

static void put_freedom(struct json_object *values, const struct story *story)
{
	const struct booking_view *v = &story->view;
	int64_t now_s = wall_ms() / 1000;

	put_flag(values, "may", change_hindrance(CHANGE_CANCEL, v, true,
						 now_s) == FAIL_NONE);
	put_flag(values, "may_mail", change_hindrance(CHANGE_RESEND, v, true,
						      now_s) == FAIL_NONE);
	put_int(values, "revision", v->revision);
}

/* What was typed, and what is wrong with it. */
static void put_field(struct json_object *values, const char *name,
		      const char *value, const char *error)
{
	struct json_object *to = put_object(values, name);

	put_text(to, "value", value);
	put_text(to, "error", error);
}

/* Several bookings may be open side by side: each title names its own. */
static char *title_of(const struct call *call, const struct story *story,
		      bool error)
{
	char shown[TOKEN_REF_LEN + 2];

	token_ref_show(story->view.ref, shown);
	return alloc_printf("%s%s%s %s",
			    error ? page_text(call, "form.title_error") : "",
			    error ? " – " : "",
			    page_text(call, "admin.booking.title"), shown);
}

/* By its own name, as in the page's head; its tag if it is not there. */
static void show_language(const struct call *call, struct json_object *s,
			  const char *tag)
{
	const struct lang *l = lang_find(call->site->langs, tag);

	if (l)
		put_text(s, "language", lang_text(l, "name"));
}

static const char *const done_words[] = {
	"resend", "retry", "abort", "email", "cancel", "meanwhile",
};

/* error is the sentence about the field ("email", "reason"; NULL = none), which
 * keeps what was typed. */
static void show(struct call *call, const char *error, const char *field,
		 const char *typed)
{
	char ref[TOKEN_REF_LEN + 1];
	struct story story;
	struct fault why;
	int found = 0;

	if (token_ref_parse(call->match->args[0], ref))
		found = story_open(call->site, ref, &story, &why);
	if (!open_found(call, found, "a booking", &why))
		return;

	char *base = alloc_printf("/admin/b/%s", ref);
	char *title = title_of(call, &story, error != NULL);
	struct json_object *values = admin_page(call, base, title);
	struct json_object *s = story_json(&story);

	put_value(values, "s", s);
	put_text(values, "base", base);
	free(base);
	free(title);
	show_times(s);
	show_language(call, s, story.view.locale);
	each_row(call, s, "messages", show_mail);
	each_row(call, s, "history", show_event);
	page_put_service(call, values, "service", &story.view.service);
	page_put_when(call, values, "when", &story.view.slot);
	page_put_count(call, values, "seats", "seats", story.view.seats);
	put_field(values, "email", story.view.email, "");
	put_field(values, "reason", "", "");
	put_text(values, "error", "");
	put_text(values, "wrong_field", field);
	put_freedom(values, &story);
	if (error) {
		put_text(values, "error", error);
		put_field(values, field, typed, error);
	} else {
		admin_put_done(call, values, done_words,
			       ARRAY_COUNT(done_words));
	}
	story_release(&story);
	page_send(call, error ? 422 : 200, "admin_booking", values);
}

void admin_booking(struct call *call)
{
	show(call, NULL, "", "");
}

/* ---- one POST each, then 303 to the story -------------------------------- */

/* Only what the organiser looked at is changed: a button pressed twice does its
 * work once.  The mails' buttons name no revision. */
static int64_t revision_seen(const struct form *f, enum change_verb verb)
{
	int64_t revision;

	if (verb == CHANGE_RETRY || verb == CHANGE_ABORT)
		return CHANGE_ANY;
	return str_to_int(form_text(f, "revision"), 0, INT32_MAX, &revision) ?
		revision : INT64_MAX;
}

/* Says what was done, or that something else was meanwhile; what is wrong with
 * a field beside it. */
static void answer(struct call *call, const struct change *c,
		   enum fail_kind kind, const struct form *f)
{
	const struct change_words *words = change_words(c->verb);
	struct buf text = BUF_INIT;
	char *path = alloc_printf("/admin/b/%s", c->v->ref);

	if (kind == FAIL_FIELDS) {
		page_error_text(call, c->wrong, 0, &text);
		show(call, text.data, words->field,
		     form_text(f, words->field));
	} else if (kind != FAIL_NONE && fail_status(kind) == 503) {
		fail(call, kind);
	} else {
		admin_see(call, path, c->changed ? words->name : "meanwhile");
	}
	buf_release(&text);
	free(path);
}

void admin_change_post(struct call *call)
{
	const enum change_verb verb = change_named(call->rq->path);
	const struct store_actor by = admin_actor(call);
	struct form form = { .count = 0 };
	struct booking_view v;
	struct change c;
	char *reason;

	if (!open_form(call, &form))
		return;
	reason = alloc_text(form_text(&form, "reason"));
	if (open_booking_by_ref(call, &v)) {
		c = change_begin(call, verb, &v, &by);
		c.revision = revision_seen(&form, verb);
		c.mail = form_text(&form, "mail");
		c.by.reason = change_reason(reason);
		if (verb == CHANGE_EMAIL)
			c.wrong = booking_email_read(&form, c.email);
		else if (verb == CHANGE_CANCEL && !c.by.reason)
			c.wrong = "reason_text";
		answer(call, &c, change_do(&c), &form);
		booking_view_release(&v);
	}
	free(reason);
	form_release(&form);
}
