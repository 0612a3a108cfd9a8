/* SPDX-License-Identifier: MIT */
/* One booking's whole story as a page, with what can be done about it. */
#include "config.h"

#include "admin/admin.h"

#include "actions/change.h"
#include "actions/story.h"
#include "admin/ask.h"
#include "answer/asked.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "form/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/get.h"
#include "json/put.h"
#include "outbox/mailstate.h"
#include "store/fate.h"
#include "text/lang.h"

#include <json-c/json.h>

/* So long ago a mailbox that did not exist may have been made since. */
#define RETURNED_MS (INT64_C(30) * 86400 * 1000)

/* ---- words -------------------------------------------------------------- */

/* Adds {name}_show to a time {name}, without its T and its offset. */
static void show_time(struct json_object *in, const char *name)
{
	char *shown = alloc_text(get_text(in, name));
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
		"admitted_at", "next_at", "fate_at",
	};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (*get_text(in, names[i]) != '\0')
			show_time(in, names[i]);
}

static void put_word(const struct call *call, struct json_object *in,
		     const char *name, const char *group)
{
	char *key = alloc_printf("%s_text", name);

	put_text(in, key, admin_word(call, group, get_text(in, name)));
	free(key);
}

/* Calls each() for the objects of the list name. */
static void each_row(const struct call *call, struct json_object *in,
		     const char *name,
		     void (*each)(const struct call *call,
				  struct json_object *row))
{
	struct json_object *list = get_value(in, name);

	for (size_t i = 0; i < get_count(list); i++)
		each(call, get_at(list, i));
}

static void show_attempt(const struct call *call, struct json_object *row)
{
	show_times(row);
	put_word(call, row, "verdict", "verdict");
	admin_say(call, row, "text");
	put_flag(row, "again", strcmp(get_text(row, "times"), "1") != 0 &&
			       *get_text(row, "times") != '\0');
}

static void show_event(const struct call *call, struct json_object *row)
{
	show_times(row);
	put_word(call, row, "action", "action");
	put_word(call, row, "actor", "actor");
	admin_say_detail(call, row);
}

static void show_mail(const struct call *call, struct json_object *row)
{
	struct json_object *job = get_value(row, "job");
	int state = story_state_find(get_text(row, "state"));
	const struct notification n = {
		.state = (enum notification_state)state,
		.fate = queue_fate_of(get_text(row, "fate")),
		.fate_sure = get_flag(row, "fate_sure"),
	};
	bool lost = mailstate_lost(&n);

	show_times(row);
	admin_say(call, row, "reply");
	put_word(call, row, "kind", "kind");
	put_word(call, row, "state", "state");
	put_text(row, "fate_word",
		 n.fate != QUEUE_FATE_NONE ?
		 admin_word(call, "cause", get_text(row, "fate")) : "");
	put_flag(row, "likely", !n.fate_sure);
	put_flag(row, "open", state == NOTIFICATION_OPEN);
	put_flag(row, "good", state == NOTIFICATION_SENT && !lost &&
			      n.fate != QUEUE_FATE_RETURNED);
	put_flag(row, "bad", lost);
	/* What was sent cannot be tried again, only sent anew. */
	put_flag(row, "may_retry", lost && state != NOTIFICATION_SENT);
	if (job == NULL)
		return;
	show_times(job);
	put_word(call, job, "state", "job");
	each_row(call, job, "story", show_attempt);
}

/* ---- the page ----------------------------------------------------------- */

static void put_freedom(struct json_object *values, const struct story *story)
{
	const struct booking_view *v = &story->view;
	int64_t now_s = wall_ms() / 1000;

	put_flag(values, "may", change_hindrance(CHANGE_CANCEL, v, true,
						 now_s) == FAIL_NONE);
	put_flag(values, "may_mail", change_hindrance(CHANGE_RESEND, v, true,
						      now_s) == FAIL_NONE);
	put_flag(values, "may_erase", !v->erased);
	put_int(values, "revision", v->revision);
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

/* The language's own name, as in the page's head; else its tag. */
static void show_language(const struct call *call, struct json_object *s,
			  const char *tag)
{
	const struct lang *l = lang_find(call->site->langs, tag);

	if (l)
		put_text(s, "language", lang_text(l, "name"));
}

/* Mails to that address may have come back elsewhere.  Only organisers are
 * told: a visitor's form would tell whoever types an address that it was used
 * here. */
static int put_returned_before(const struct call *call,
			       struct json_object *values,
			       const struct booking_view *v, struct fault *why)
{
	struct json_object *vars;
	struct json_object *at;
	int64_t at_ms = store_returned_before(call->site->store, v,
					      wall_ms() - RETURNED_MS, why);

	if (at_ms <= 0)
		return (int)at_ms;
	vars = put_new();
	at = page_put_instant(call, put_object(vars, "at"), at_ms / 1000,
			      v->slot.zone);
	put_text(vars, "date", get_text(at, "date"));
	put_value(values, "returned_before",
		  page_format(call, "admin.booking.returned_before", vars));
	json_object_put(vars);
	return 0;
}

/* A field that is shown again with what was typed, for what is wrong with it;
 * wrong is NULL if nothing is. */
struct retyped {
	const struct field_error *wrong;
	const char *typed;
};

static const struct retyped nothing_wrong = { NULL, "" };

/* again is about the address. */
static void show(struct call *call, const struct retyped *again)
{
	const struct field_error *wrong = again->wrong;
	char ref[TOKEN_REF_LEN + 1];
	struct story story;
	struct fault why;
	int found = 0;

	if (token_ref_parse(call->match->args[0], ref))
		found = story_open(call->site, ref, &story, &why);
	if (!open_found(call, found, "a booking", &why))
		return;

	char *base = alloc_printf("/admin/b/%s", ref);
	char *title = title_of(call, &story, wrong != NULL);
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
	page_put_service_own(call, values, &story.view.service);
	page_put_when(call, values, "when", &story.view.slot);
	page_put_lost(values, story.view.slot.zone);
	put_value(values, "seats", page_count(call, "seats", story.view.seats));
	page_put_answers(call, values, &story.view);
	page_put_field(call, put_object(values, "email"), story.view.email,
		       NULL);
	page_put_error(call, values, "error", wrong);
	put_freedom(values, &story);
	/* It is only a hint: a story without it is one, too. */
	if (put_returned_before(call, values, &story.view, &why) < 0)
		log_warning("could not read what came back why=\"%s\"",
			    why.text);
	if (wrong)
		page_put_field(call, put_object(values, wrong->field),
			       again->typed, wrong);
	else
		admin_put_done(call, values, &(struct admin_acts){
			.on = ADMIN_ON_BOOKING, .booking_id = story.view.id,
		});
	story_release(&story);
	page_send(call, wrong ? 422 : 200, "admin_booking", values);
}

void admin_booking(struct call *call)
{
	show(call, &nothing_wrong);
}

/* ---- what is asked first ------------------------------------------------ */

/* again is about the reason. */
static void ask(struct call *call, enum change_verb verb,
		const struct booking_view *v, const struct retyped *again)
{
	const struct field_error *wrong = again->wrong;
	const char *word = change_words(verb)->name;
	bool ahead = !v->cancelled && v->slot.starts_at_s > wall_ms() / 1000;
	char ref[TOKEN_REF_LEN + 2];
	char revision[24];
	char *back = alloc_printf("/admin/b/%s", v->ref);
	char *self = alloc_printf("%s/%s", back, word);
	const struct admin_ask question = {
		.word = verb == CHANGE_ERASE && !ahead ? "erase_past" : word,
		.self = self, .action = self, .back = back, .what = ref,
		.wrong = wrong != NULL,
	};

	token_ref_show(v->ref, ref);
	(void)snprintf(revision, sizeof(revision), "%d", v->revision);

	struct json_object *values = admin_ask(call, &question);

	page_put_service_own(call, values, &v->service);
	page_put_when(call, values, "when", &v->slot);
	put_value(values, "seats", page_count(call, "seats", v->seats));
	admin_ask_fact(values, page_text(call, "form.name"), v->name);
	admin_ask_fact(values, page_text(call, "form.email"), v->email);
	admin_ask_keep(values, "revision", revision);
	if (verb == CHANGE_CANCEL)
		page_put_field(call, put_object(values, "reason"),
			       again->typed, wrong);
	page_send(call, wrong ? 422 : 200, "admin_ask", values);
	free(self);
	free(back);
}

void admin_change_ask(struct call *call)
{
	const enum change_verb verb = change_named(call->rq->path);
	struct booking_view v;

	if (!open_booking_by_ref(call, &v))
		return;
	if (v.erased || change_hindrance(verb, &v, true, wall_ms() / 1000) !=
				FAIL_NONE)
		admin_see(call, "meanwhile", "/admin/b/%s", v.ref);
	else
		ask(call, verb, &v, &nothing_wrong);
	booking_view_release(&v);
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

/* Says what was done, or that something changed meanwhile; errors go beside
 * their field. */
static void answer(struct call *call, const struct change *c,
		   enum fail_kind kind, const struct form *f)
{
	const struct change_words *words = change_words(c->verb);
	const struct field_error wrong = { .field = words->field,
					   .code = c->wrong };
	struct retyped again = { .wrong = &wrong };

	if (kind == FAIL_FIELDS)
		again.typed = form_text(f, words->field);
	if (kind == FAIL_FIELDS && c->verb == CHANGE_CANCEL)
		ask(call, c->verb, c->v, &again);
	else if (kind == FAIL_FIELDS)
		show(call, &again);
	else if (kind != FAIL_NONE && fail_status(kind) == 503)
		fail(call, kind);
	else
		admin_see(call, c->changed ? words->name : "meanwhile",
			  "/admin/b/%s", c->v->ref);
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
