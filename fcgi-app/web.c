/* SPDX-License-Identifier: MIT */
/* Our addresses, and the way of a request to its handler. */
#include "config.h"

#include "web.h"

#include "admin/admin.h"
#include "answer/fail.h"
#include "answer/render.h"
#include "api/access.h"
#include "api/api.h"
#include "base/str.h"
#include "base/ticks.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "metrics/health.h"
#include "metrics/metrics.h"
#include "metrics/page.h"
#include "pages/pages.h"
#include "site/site.h"
#include "text/lang.h"

/* Programs may send JSON to the address of the form, too. */
static void book(struct call *call)
{
	call->json = form_media(call->rq->content_type) == FORM_MEDIA_JSON;
	if (call->json)
		api_book(call);
	else
		pages_book_post(call);
}

static const struct route rows[] = {
	{ "GET", "/", pages_services },
	{ "GET", "/s/{service}", pages_service },
	{ "GET", "/s/{service}/{slot}", pages_book },
	{ "POST", "/bookings", book },
	{ "GET", "/b/{cap}", pages_booking },
	{ "GET", "/b/{cap}/calendar.ics", pages_calendar },
	{ "GET", "/b/{cap}/cancel", pages_change },
	{ "POST", "/b/{cap}/cancel", pages_change_post },
	{ "GET", "/b/{cap}/move", pages_move },
	{ "POST", "/b/{cap}/move", pages_move_post },
	{ "GET", "/b/{cap}/email", pages_change },
	{ "POST", "/b/{cap}/email", pages_change_post },
	{ "GET", "/b/{cap}/resend", pages_change },
	{ "POST", "/b/{cap}/resend", pages_change_post },
	{ "GET", "/b/{cap}/erase", pages_change },
	{ "POST", "/b/{cap}/erase", pages_change_post },
	{ "GET", "/s/{service}/{slot}/wait", pages_waiting_join },
	{ "POST", "/s/{service}/{slot}/wait", pages_waiting_join_post },
	{ "GET", "/w/{cap}", pages_waiting },
	{ "GET", "/w/{cap}/again", pages_held_again },
	{ "POST", "/w/{cap}/take", pages_waiting_post },
	{ "POST", "/w/{cap}/leave", pages_waiting_post },
	{ "GET", "/find", pages_find },
	{ "POST", "/find", pages_find_post },
	{ "GET", "/done/{what}", pages_done },
	{ "GET", "/f/{formkey}", pages_foreign_form },
	{ "POST", "/f/{formkey}", pages_foreign_post },
	{ "OPTIONS", "/f/{formkey}", pages_foreign_preflight },
	{ "GET", "/f/{formkey}/done", pages_foreign_done },
	{ "GET", "/feed/{file}", pages_feed },
	{ "GET", "/colours/{file}", pages_colours },
	{ "GET", "/privacy", pages_privacy },
	{ "GET", "/.well-known/security.txt", pages_security },
	{ "GET", "/problems", pages_problems },
	{ "GET", "/problems/{type}", pages_problem },
	{ "GET", "/healthz", health_live },
	{ "GET", "/readyz", health_ready },
	{ "GET", "/metrics", metrics_page },
	{ "GET", "/api/v1/services", api_services },
	{ "GET", "/api/v1/services/{service}/slots", api_slots },
	{ "GET", "/api/v1/openapi.json", api_doc },
	{ "POST", "/api/v1/bookings", api_book },
	{ "GET", "/api/v1/bookings/{cap}", api_booking },
	{ "POST", "/api/v1/bookings/{cap}/cancel", api_change },
	{ "POST", "/api/v1/bookings/{cap}/move", api_change },
	{ "POST", "/api/v1/bookings/{cap}/email", api_change },
	{ "POST", "/api/v1/waiting", api_waiting_join },
	{ "GET", "/api/v1/waiting/{cap}", api_waiting },
	{ "POST", "/api/v1/waiting/{cap}/take", api_waiting_take },
	{ "POST", "/api/v1/waiting/{cap}/leave", api_waiting_leave },
	{ "GET", "/api/v1/admin/bookings", api_admin_bookings },
	{ "GET", "/api/v1/admin/bookings/{ref}", api_admin_booking },
	{ "POST", "/api/v1/admin/bookings/{ref}/cancel", api_change },
	{ "POST", "/api/v1/admin/bookings/{ref}/email", api_change },
	{ "POST", "/api/v1/admin/bookings/{ref}/resend", api_change },
	{ "POST", "/api/v1/admin/bookings/{ref}/mails/{id}/retry",
	  api_change },
	{ "POST", "/api/v1/admin/bookings/{ref}/mails/{id}/abort",
	  api_change },
	{ "GET", "/api/v1/admin/outbox", api_admin_outbox },
	{ "GET", "/api/v1/admin/services", api_admin_services },
	{ "POST", "/api/v1/admin/services", api_admin_service_add },
	{ "GET", "/api/v1/admin/services/{service}", api_admin_service },
	{ "PATCH", "/api/v1/admin/services/{service}",
	  api_admin_service_change },
	{ "GET", "/api/v1/admin/services/{service}/questions",
	  api_admin_questions },
	{ "POST", "/api/v1/admin/services/{service}/questions",
	  api_admin_question_add },
	{ "GET", "/api/v1/admin/services/{service}/questions/{question}",
	  api_admin_question },
	{ "PATCH", "/api/v1/admin/services/{service}/questions/{question}",
	  api_admin_question_change },
	{ "DELETE", "/api/v1/admin/services/{service}/questions/{question}",
	  api_admin_question_retire },
	{ "POST",
	  "/api/v1/admin/services/{service}/questions/{question}/restore",
	  api_admin_question_restore },
	{ "GET", "/api/v1/admin/services/{service}/slots", api_admin_slots },
	{ "POST", "/api/v1/admin/services/{service}/slots",
	  api_admin_slots_add },
	{ "POST", "/api/v1/admin/services/{service}/slots/plan",
	  api_admin_slots_plan },
	{ "GET", "/api/v1/admin/services/{service}/waiting",
	  api_admin_waiting },
	{ "GET", "/api/v1/admin/slots/{slot}", api_admin_slot },
	{ "GET", "/api/v1/admin/slots/{slot}/waiting",
	  api_admin_slot_waiting },
	{ "POST", "/api/v1/admin/slots/{slot}/waiting",
	  api_admin_waiting_add },
	{ "DELETE", "/api/v1/admin/slots/{slot}/waiting/{ref}",
	  api_admin_waiting_remove },
	{ "PATCH", "/api/v1/admin/slots/{slot}", api_admin_slot_change },
	{ "DELETE", "/api/v1/admin/slots/{slot}", api_admin_slot_remove },
	{ "GET", "/api/v1/admin/stats", api_admin_stats },
	{ "GET", "/admin", admin_today },
	{ "GET", "/admin/", admin_today },	/* as people type it */
	{ "GET", "/admin/search", admin_search },
	{ "GET", "/admin/b/{ref}", admin_booking },
	{ "POST", "/admin/b/{ref}/resend", admin_change_post },
	{ "POST", "/admin/b/{ref}/retry", admin_change_post },
	{ "POST", "/admin/b/{ref}/abort", admin_change_post },
	{ "POST", "/admin/b/{ref}/email", admin_change_post },
	{ "GET", "/admin/b/{ref}/cancel", admin_change_ask },
	{ "POST", "/admin/b/{ref}/cancel", admin_change_post },
	{ "GET", "/admin/b/{ref}/erase", admin_change_ask },
	{ "POST", "/admin/b/{ref}/erase", admin_change_post },
	{ "GET", "/admin/services", admin_services },
	{ "GET", "/admin/services/new", admin_service_new },
	{ "POST", "/admin/services/new", admin_service_new_post },
	{ "GET", "/admin/services/{service}", admin_service },
	{ "POST", "/admin/services/{service}", admin_service_post },
	{ "GET", "/admin/services/{service}/question", admin_question },
	{ "POST", "/admin/services/{service}/question", admin_question_post },
	{ "GET", "/admin/services/{service}/questions/{question}",
	  admin_question },
	{ "POST", "/admin/services/{service}/questions/{question}",
	  admin_question_post },
	{ "POST", "/admin/services/{service}/questions/{question}/raise",
	  admin_question_raise },
	{ "GET", "/admin/services/{service}/questions/{question}/retire",
	  admin_question_retire },
	{ "POST", "/admin/services/{service}/questions/{question}/retire",
	  admin_question_retire_post },
	{ "POST", "/admin/services/{service}/questions/{question}/restore",
	  admin_question_restore },
	{ "GET", "/admin/services/{service}/slots", admin_slots },
	{ "GET", "/admin/services/{service}/slots/new", admin_slot_new },
	{ "POST", "/admin/services/{service}/slots/new",
	  admin_slot_new_post },
	{ "GET", "/admin/services/{service}/slots/plan", admin_plan },
	{ "POST", "/admin/services/{service}/slots/plan", admin_plan_post },
	{ "GET", "/admin/slots/{slot}", admin_slot },
	{ "POST", "/admin/slots/{slot}/capacity", admin_slot_post },
	{ "POST", "/admin/slots/{slot}/close", admin_slot_post },
	{ "POST", "/admin/slots/{slot}/open", admin_slot_post },
	{ "GET", "/admin/slots/{slot}/remove", admin_slot_remove },
	{ "POST", "/admin/slots/{slot}/remove", admin_slot_remove_post },
	{ "GET", "/admin/slots/{slot}/wait", admin_wait_new },
	{ "POST", "/admin/slots/{slot}/wait", admin_wait_new_post },
	{ "POST", "/admin/slots/{slot}/wait/again", admin_wait_again },
	{ "GET", "/admin/slots/{slot}/wait/{ref}/remove", admin_wait_remove },
	{ "POST", "/admin/slots/{slot}/wait/{ref}/remove",
	  admin_wait_remove_post },
	{ "GET", "/admin/mails", admin_mails },
	{ "GET", "/admin/log", admin_log },
	{ "GET", "/admin/export", admin_export },
	{ "GET", "/admin/export.csv", admin_export_csv },
	{ "GET", "/admin/feeds", admin_feeds },
	{ "POST", "/admin/feeds", admin_feeds_post },
	{ "GET", "/admin/feeds/rotate", admin_feeds_ask },
	{ "POST", "/admin/feeds/rotate", admin_feeds_post },
	{ "GET", "/admin/feeds/revoke", admin_feeds_ask },
	{ "POST", "/admin/feeds/revoke", admin_feeds_post },
	{ "GET", "/admin/templates", admin_templates },
	{ "GET", "/admin/templates/{language}/{kind}", admin_template },
	{ "GET", "/admin/templates/{language}/{kind}/html",
	  admin_template_html },
};
static const struct routes routes = { rows, ARRAY_COUNT(rows) };

static enum fail_kind kind_of(int status)
{
	switch (status) {
	case 404: return FAIL_NOT_FOUND;
	case 413: return FAIL_TOO_LARGE;
	default: return FAIL_BAD_REQUEST;
	}
}

/* Is it that path, or one below it? */
static bool lies_below(const char *path, const char *root)
{
	size_t len = strlen(root);

	return strncmp(path, root, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/');
}

/*
 * An address that only takes a form: a browser opens it when it brings back a
 * tab whose form came back with an error.  It is led to the page above, without
 * what the address says besides.  False for programs.
 */
static bool leads_above(struct call *call)
{
	const struct request *rq = call->rq;

	if (call->json || (strcmp(rq->method, "GET") != 0 &&
			   strcmp(rq->method, "HEAD") != 0))
		return false;

	size_t len = route_above(&routes, rq->path);

	reply_see_other(call->rp, "%s%.*s%s%s", call->site->root,
			len > 0 ? (int)len : 1, len > 0 ? rq->path : "/",
			call->lang_chosen ? "?lang=" : "",
			call->lang_chosen ? lang_tag(call->lang) : "");
	return true;
}

static void dispatch(struct call *call, struct request *rq,
		     struct route_match *match, struct FCGX_Request *fcgi)
{
	enum fail_kind kind = FAIL_NONE;

	/* Before anything else, so that no page can forget to ask. */
	if (lies_below(rq->path, "/admin"))
		kind = admin_hindrance(call);
	if (kind != FAIL_NONE) {
		fail(call, kind);
		return;
	}
	if (lies_below(rq->path, "/api/v1/admin") && !api_admin_allows(call))
		return;
	switch (route_find(&routes, rq->method, rq->path, match)) {
	case ROUTE_NO_PATH:
		fail(call, FAIL_NOT_FOUND);
		return;
	case ROUTE_NO_METHOD:
		if (leads_above(call))
			return;
		reply_header(call->rp, "Allow", "%s", match->allow);
		fail(call, FAIL_METHOD);
		return;
	case ROUTE_FOUND:
		break;
	}
	int status = request_read_body(rq, fcgi);

	if (status != 0)
		fail(call, kind_of(status));
	else
		match->handler(call);
}

void web_answer(struct site *site, char *const *params,
		struct FCGX_Request *fcgi)
{
	int64_t begun_us = ticks_us();
	struct request rq;
	struct reply rp;
	struct route_match match;
	int status = request_read_head(&rq, params, site->root);
	struct call call = {
		.site = site,
		.rq = &rq,
		.match = &match,
		.lang = lang_negotiate(site->langs, rq.accept_language),
		.json = str_starts_with(rq.path, "/api/"),
		.rp = &rp,
	};

	reply_init(&rp);
	rp.no_body = strcmp(rq.method, "HEAD") == 0;
	page_lang_from(&call, &rq.query);
	if (status != 0)
		fail(&call, kind_of(status));
	else
		dispatch(&call, &rq, &match, fcgi);
	/* Counted first: whoever has the answer finds it counted. */
	metrics_answer(site->metrics, rp.status);
	if (strcmp(rq.method, "POST") == 0)
		metrics_post(site->metrics, ticks_us() - begun_us);
	reply_send(&rp, fcgi);
	reply_release(&rp);
	request_release(&rq);
}
