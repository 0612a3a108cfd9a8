/* SPDX-License-Identifier: MIT */
/* A booking, the state of its mail, and the booking for calendars. */
#include "config.h"

#include "pages/pages.h"

#include "answer/asked.h"
#include "answer/fail.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/when.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "json/put.h"
#include "outbox/calendar.h"
#include "outbox/mailstate.h"
#include "outbox/publish.h"
#include "pages/visit.h"
#include "store/answers.h"
#include "store/audit.h"
#include "store/due.h"
#include "text/ics.h"
#include "text/lang.h"

#include <json-c/json.h>



/* Seconds to the next look: often at first, while somebody is watching. */
static int refresh_s(int64_t age_ms)
{
	if (age_ms < 30000)
		return 2;
	if (age_ms < 300000)
		return 10;
	return 60;
}

/* When it became so, in the service's zone: time, and date if another.
 * "when" says the same in a sentence: "at 17:05". */
static void put_since(const struct call *call, struct json_object *vars,
		      int64_t at_ms, const char *zone)
{
	struct tm at;
	struct tm now;
	struct buf text = BUF_INIT;
	const char *words = "mail.at_time";
	struct json_object *parts = page_put_instant(
		call, put_object(vars, "at"), at_ms / 1000, zone);

	(void)zone_local(zone, at_ms / 1000, &at, NULL);
	(void)zone_local(zone, wall_ms() / 1000, &now, NULL);
	if (at.tm_yday != now.tm_yday || at.tm_year != now.tm_year) {
		lang_date(call->lang, &at, &text);
		buf_addstr(&text, ", ");
		words = "mail.on_date";
	}
	when_time(call->lang, zone, at_ms / 1000, &text);
	put_text(vars, "time", text.data);
	put_value(vars, "when", page_format(call, words, parts));
	buf_release(&text);
}

/* Which mail it is: its heading. */
static const char *heading_of(const struct notification *n)
{
	if (strcmp(n->kind, KIND_MOVED) == 0)
		return "mail.heading_moved";
	if (strcmp(n->kind, KIND_CHANGED) == 0)
		return "mail.heading_changed";
	if (strcmp(n->kind, KIND_CANCELLED) == 0)
		return "mail.heading_cancelled";
	if (strcmp(n->kind, KIND_REMINDER) == 0)
		return "mail.heading_reminder";
	return "mail.heading";
}

/* Adds the mail's state in words, and when to look again. */
static void put_mail(const struct call *call, struct json_object *values,
		     const struct booking_view *view,
		     const struct notification *row)
{
	struct notification n = *row;
	struct json_object *mail = put_object(values, "mail");
	struct json_object *vars = put_new();
	struct publish_seen seen = { .reply = "" };

	if (n.state == NOTIFICATION_OPEN &&
	    publish_look(call->site->publish, n.envelope_id, &seen)) {
		mailstate_hear(&n, &seen);
		if (seen.next_at_ms > wall_ms())
			page_put_instant(call, put_object(mail, "next"),
					 seen.next_at_ms / 1000,
					 view->slot.zone);
	}
	enum mailstate state = mailstate_of(&n, view->email);
	bool open = n.state == NOTIFICATION_OPEN;
	char *key = alloc_printf("mail.%s", mailstate_word(state));

	put_text(vars, "email", view->email);
	put_since(call, vars, mailstate_since_ms(&n, state), view->slot.zone);
	put_text(mail, "heading", page_text(call, "%s", heading_of(&n)));
	put_text(mail, "state", mailstate_word(state));
	put_value(mail, "text", page_format(call, key, vars));
	put_text(mail, "reply",
		 mailstate_is_good(state) ? "" : mailstate_reply(&n));
	put_flag(mail, "open", open);
	put_flag(mail, "good", mailstate_is_good(state));
	put_flag(mail, "bad", mailstate_is_bad(state));
	/* A forged report may say so: it is told and hinders nothing. */
	put_flag(mail, "correct", mailstate_is_bad(state) ||
				  state == MAILSTATE_MAYBE_RETURNED);
	put_flag(mail, "anew", mailstate_is_good(state) ||
			       state == MAILSTATE_MAYBE_RETURNED ||
			       state == MAILSTATE_RETURNED);
	put_flag(mail, "wrong_address", state == MAILSTATE_ADDRESS ||
					state == MAILSTATE_MAILBOX_FULL);
	/* Whoever reads slowly can stop it (WCAG 2.2.2). */
	bool still = *form_text(&call->rq->query, "still") != '\0';

	put_flag(mail, "refreshes", open && !still);
	put_flag(mail, "rests", open && still);
	if (open && !still)
		put_int(values, "refresh",
			refresh_s(wall_ms() - n.begins_at_ms));
	free(key);
	json_object_put(vars);
}

/* What may still be done with it, and until when. */
static void put_freedom(const struct call *call, struct json_object *values,
			const struct booking_view *v)
{
	int64_t now_s = wall_ms() / 1000;
	enum booking_freedom freedom = booking_freedom(v, now_s);
	struct json_object *may = put_object(values, "may");
	bool ahead = freedom == BOOKING_FREE || freedom == BOOKING_LATE;

	put_flag(may, "change", freedom == BOOKING_FREE);
	put_flag(may, "mail", ahead);
	put_flag(may, "calendar", ahead);
	put_flag(may, "late", freedom == BOOKING_LATE);
	put_flag(may, "erase", freedom != BOOKING_LATE);
	if (ahead && v->service.notice_min > 0)
		page_put_instant(call, put_object(values, "until"),
				 booking_until_s(v), v->slot.zone);
}

/* What the page shows besides the booking. */
struct shown {
	const struct notification *mails;
	size_t count;
	const char *just;	/* of texts: "moved"; "" = nothing */
};

/* For so long what happened is what somebody wants to read. */
#define JUST_MS (INT64_C(10) * 60 * 1000)

/*
 * What happened last, by the booking's own history: an address that anybody can
 * write could say what is not true.  What is cancelled says so by itself.
 * "" also if it cannot be read: the page is right without it.
 */
static const char *just_now(const struct call *call,
			    const struct booking_view *view)
{
	static const char *const known[] = { "moved", "readdressed",
					     "resent" };
	struct booking_event last;
	struct fault why;

	if (view->revision == 0 || view->cancelled ||
	    store_event_last(call->site->store, view->id, &last, &why) != 1 ||
	    wall_ms() - last.at_ms > JUST_MS)
		return "";
	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (strcmp(last.action, known[i]) == 0)
			return known[i];
	return "";
}

/* "Before: ...", by the mail that tells of the same move. */
static void put_before(const struct call *call, struct json_object *just,
		       const struct booking_view *view,
		       const struct shown *shown)
{
	char *id = alloc_printf("%s.moved.%d", view->ref, view->revision);

	for (size_t i = 0; i < shown->count; i++) {
		const struct notification *n = &shown->mails[i];

		if (strcmp(n->envelope_id, id) == 0 && n->was_at_s != 0)
			page_put_instant(call, put_object(just, "before"),
					 n->was_at_s, *n->was_zone != '\0' ?
					 n->was_zone : view->slot.zone);
	}
	free(id);
}

static void put_just(const struct call *call, struct json_object *values,
		     const struct booking_view *view,
		     const struct shown *shown)
{
	struct json_object *just;
	struct json_object *vars;
	char *detail = alloc_printf("booking.just.%s.detail", shown->just);

	put_flag(values, "just", *shown->just != '\0');
	if (*shown->just != '\0') {
		just = put_object(values, "just");
		vars = put_new();
		put_text(vars, "email", view->email);
		put_text(just, "title", page_text(
			call, "booking.just.%s.title", shown->just));
		put_value(just, "detail", page_format(call, detail, vars));
		put_flag(just, "before", false);
		if (strcmp(shown->just, "moved") == 0)
			put_before(call, just, view, shown);
		json_object_put(vars);
	}
	free(detail);
}

static void show(struct call *call, const struct booking_view *view,
		 const struct shown *shown)
{
	const struct notification *mail = mailstate_latest(
		shown->mails, shown->count, wall_ms());
	const char *title = *shown->just != '\0' ?
		page_text(call, "booking.just.%s.title", shown->just) :
		page_text(call, view->cancelled ? "booking.cancelled" :
						  "booking.title");
	struct json_object *values = visit_page(call, view, "", title);

	put_flag(values, "cancelled", view->cancelled);
	put_flag(values, "by_organiser",
		 view->cancelled_by == CANCELLED_BY_ORGANISER);
	put_flag(values, "by_visitor",
		 view->cancelled_by == CANCELLED_BY_VISITOR);
	put_just(call, values, view, shown);
	put_text(values, "reason", view->cancel_reason);
	put_freedom(call, values, view);
	page_put_answers(call, values, view);
	if (mail != NULL)
		put_mail(call, values, view, mail);
	page_send(call, 200, "booking", values);
}

void pages_booking(struct call *call)
{
	struct fault why;
	struct booking_view view;
	struct notification list[STORE_SHOWN_MAX];
	struct notifications mails = { .list = list, .max = STORE_SHOWN_MAX };

	if (!visit_open(call, &view))
		return;
	if (store_notifications(call->site->store, view.id, &mails, &why) < 0 ||
	    store_answers(call->site->store, &view, &why) < 0) {
		fail_store(call, "a booking", &why);
	} else {
		show(call, &view, &(struct shown){
			list, mails.count, just_now(call, &view),
		});
	}
	booking_view_release(&view);
}

/* ---- as a calendar's file ----------------------------------------------- */

static int calendar_make(struct call *call, const struct booking_view *v,
			 struct fault *why)
{
	char *noreply = alloc_printf("noreply@%s", v->calendar.domain);
	const char *organiser = v->calendar.sender;
	struct calendar_entry entry;
	int result;

	if (*organiser == '\0')
		organiser = v->service.organiser_email;
	calendar_entry_make(v, call->lang, &entry);

	const struct ics_event event = {
		.method = "PUBLISH",
		.uid = entry.uid,
		.sequence = entry.sequence,
		.stamp = entry.stamp,
		.start = entry.start,
		.end = entry.end,
		.summary = entry.summary,
		.location = entry.location,
		.description = entry.description,
		.organiser_name = v->service.organiser_name,
		.organiser_email = *organiser != '\0' ? organiser : noreply,
	};

	result = ics_write(&event, &call->rp->body, why);
	calendar_entry_release(&entry);
	free(noreply);
	return result;
}

void pages_calendar(struct call *call)
{
	struct fault why;
	struct booking_view v;

	if (!visit_open(call, &v))
		return;
	if (v.cancelled) {
		fail(call, FAIL_CANCELLED);
	} else if (calendar_make(call, &v, &why) < 0) {
		log_error("could not make a calendar ref=%s why=\"%s\"",
			  v.ref, why.text);
		fail(call, FAIL_INTERNAL);
	} else {
		reply_header(call->rp, "Content-Type",
			     "text/calendar; charset=utf-8; method=PUBLISH");
		reply_header(call->rp, "Content-Disposition",
			     "attachment; filename=\"invitation.ics\"");
		reply_header(call->rp, "X-Content-Type-Options", "nosniff");
	}
	booking_view_release(&v);
}
