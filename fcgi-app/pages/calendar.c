/* SPDX-License-Identifier: MIT */
/* A booking as a file that calendars take in. */
#include "config.h"

#include "pages/pages.h"

#include "answer/fail.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "http/reply.h"
#include "json/put.h"
#include "pages/visit.h"
#include "text/ics.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <time.h>

#define INSTANT_ROOM 32

static void utc_write(char out[INSTANT_ROOM], int64_t at_s)
{
	time_t at = at_s;
	struct tm tm;

	must(gmtime_r(&at, &tm));
	must(strftime(out, INSTANT_ROOM, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
}

/* Calendars are shared, so nothing in here may open the booking. */
static void description_make(const struct call *call,
			     const struct booking_view *v, struct buf *out)
{
	struct json_object *vars = json_object_new_object();
	struct buf seats = BUF_INIT;
	char ref[TOKEN_REF_LEN + 2];

	token_ref_show(v->ref, ref);
	put_int(vars, "n", v->seats);
	lang_format(call->lang, "mail.seats", vars, &seats);
	put_text(vars, "ref", ref);
	put_text(vars, "seats", seats.data);
	lang_format(call->lang, "mail.calendar", vars, out);
	if (*v->service.description != '\0')
		buf_addf(out, "\n\n%s", v->service.description);
	buf_release(&seats);
	json_object_put(vars);
}

static int calendar_make(struct call *call, const struct booking_view *v,
			 struct fault *why)
{
	char stamp[INSTANT_ROOM];
	char start[INSTANT_ROOM];
	char end[INSTANT_ROOM];
	struct buf description = BUF_INIT;
	char *uid = alloc_printf("%s@%s", v->ref,
				 call->site->conf.message_domain);
	char *sender = alloc_printf("noreply@%s",
				    call->site->conf.message_domain);
	const char *organiser = v->service.organiser_email;
	struct ics_event event = {
		.method = "PUBLISH",
		.uid = uid,
		.sequence = v->sequence,
		.stamp = stamp,
		.start = start,
		.end = end,
		.summary = v->service.name,
		.location = v->service.place,
		.organiser_name = v->service.organiser_name,
		.organiser_email = *organiser != '\0' ? organiser : sender,
	};
	int result;

	utc_write(stamp, v->changed_at_s > 0 ? v->changed_at_s :
					       v->created_at_s);
	utc_write(start, v->slot.starts_at_s);
	utc_write(end, v->slot.ends_at_s);
	description_make(call, v, &description);
	event.description = description.data;
	result = ics_write(&event, &call->rp->body, why);
	buf_release(&description);
	free(uid);
	free(sender);
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
