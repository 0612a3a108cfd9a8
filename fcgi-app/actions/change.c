/* SPDX-License-Identifier: MIT */
/* Decides on a change to a booking, and makes it. */
#include "config.h"

#include "actions/change.h"

#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "base/utext.h"
#include "domain/idempotency.h"
#include "domain/offer.h"
#include "domain/token.h"
#include "http/request.h"
#include "metrics/metrics.h"
#include "outbox/mailstate.h"
#include "outbox/publish.h"
#include "outbox/quota.h"
#include "queue/operate.h"
#include "queue/queue.h"
#include "redis/rconn.h"
#include "store/answers.h"
#include "store/change.h"
#include "store/due.h"
#include "store/mails.h"
#include "store/questions.h"
#include "store/slot.h"
#include "store/waiting.h"
#include "text/lang.h"

#define RETRY_LIMIT_MS 1000
#define AGAIN_MS INT64_C(86400000)	/* the same form sends no link again */

/* ---- what more than the booking itself may keep from it ------------------ */

static enum fail_kind unread(struct change *c, const char *what)
{
	log_warning("could not read %s why=\"%s\"", what, c->why.text);
	return fail_of_fault(&c->why);
}

/* The slot first: moves to its own slot are never limited. */
static enum fail_kind move_may(struct change *c)
{
	int64_t most = c->call->site->conf.moves_max;
	struct fault ignored;

	if (c->slot_id > 0) {
		int found;

		c->to.id = c->slot_id;
		found = store_slot(c->store, &c->to, NULL, &c->why);
		if (found != 1)
			c->to.id = 0;
		if (found < 0)
			return unread(c, "a slot");
		if (found == 0 || c->to.service_id != c->v->service.id)
			return FAIL_NO_SLOT;
		if (c->to.starts_at_s <= wall_ms() / 1000)
			return FAIL_BEGUN;
		if (c->to.id == c->v->slot.id)
			return FAIL_NONE;
	}
	/* What cannot be read now is left to the transaction. */
	return most > 0 && store_moves(c->store, c->v->id, &ignored) >= most ?
		FAIL_MOVES : FAIL_NONE;
}

/* Is it neither accepted nor given up?  As on the booking's page: the queue may
 * know the end before the outbox does. */
static bool is_on_its_way(const struct call *call,
			  const struct notification *mail)
{
	struct notification now = *mail;
	struct publish_seen seen;

	if (now.state == NOTIFICATION_OPEN &&
	    publish_look(call->site->publish, now.envelope_id, &seen))
		mailstate_hear(&now, &seen);
	return now.state == NOTIFICATION_OPEN;
}

/* A mail that is on its way need not be sent again, and one that was sent just
 * now may be about to arrive.  Organisers need not wait. */
static enum fail_kind resend_may(struct change *c)
{
	struct notification list[STORE_SHOWN_MAX];
	struct notifications mails = { .list = list, .max = STORE_SHOWN_MAX };

	if (c->by.organiser)
		return FAIL_NONE;
	if (store_notifications(c->store, c->v->id, &mails, &c->why) < 0)
		return unread(c, "a booking");

	const struct notification *last = mailstate_latest(
		list, mails.count, wall_ms());

	if (last && is_on_its_way(c->call, last))
		return FAIL_ON_ITS_WAY;
	if (c->v->resends >= STORE_RESENDS_MAX)
		return FAIL_TOO_OFTEN;
	c->again_at_ms = mailstate_again_ms(
		last, c->call->site->conf.resend_pause, wall_ms());
	return c->again_at_ms > 0 ? FAIL_TOO_SOON : FAIL_NONE;
}

static enum fail_kind mail_may(struct change *c)
{
	if (!str_starts_with(c->mail, c->v->ref))
		return FAIL_NOT_FOUND;
	return c->verb == CHANGE_RETRY && c->v->erased ? FAIL_MEANWHILE :
							 FAIL_NONE;
}

/* ---- how each is done ---------------------------------------------------- */

static struct booking_order order_of(const struct change *c)
{
	return (struct booking_order){ .v = c->v, .by = &c->by };
}

static int cancel(struct change *c)
{
	const struct booking_order order = order_of(c);

	return store_cancel(c->store, &order, &c->why);
}

static int move(struct change *c)
{
	struct booking_order order = order_of(c);

	order.to = &c->to;
	return store_move(c->store, &order, &c->why);
}

static int readdress(struct change *c)
{
	struct booking_order order = order_of(c);

	order.email = c->email;
	return store_readdress(c->store, &order, &c->why);
}

static int resend(struct change *c)
{
	const struct booking_order order = order_of(c);

	return store_resend(c->store, &order, &c->why);
}

static int erase(struct change *c)
{
	struct booking_order order = order_of(c);

	order.cancels = !c->v->cancelled &&
			c->v->slot.starts_at_s > wall_ms() / 1000;
	return store_erase(c->store, &order, &c->why);
}

static int retry(struct change *c)
{
	struct rconn *redis = NULL;
	const struct mail_order order = { c->v->id, c->mail, &c->by };
	struct queue *q = c->queue ? c->queue :
		site_queue(c->call->site, RETRY_LIMIT_MS, &redis, &c->why);
	int r = -1;

	/* The queue first: a row that is open while its job is a dead letter
	 * would be closed again by the relay.  That there is no such job (the
	 * relay then makes it anew) is no fault. */
	if (q && queue_requeue(q, c->mail, &c->why) >= 0)
		r = store_mail_retry(c->store, &order, &c->why);
	if (q != c->queue)
		queue_free(q);
	rconn_free(redis);
	return r;
}

static int abort_mail(struct change *c)
{
	const struct mail_order order = { c->v->id, c->mail, &c->by };

	return store_mail_abort(c->store, &order, &c->why);
}

/* ---- the verbs ----------------------------------------------------------- */

static const struct verb {
	struct change_words words;
	bool notice;	/* visitors keep the service's notice */
	bool mails;	/* the visitor gets a mail, unless it is over */
	bool counted;	/* and visitors are counted for it */
	bool any;	/* also if it is over, cancelled or erased */
	enum fail_kind (*may)(struct change *c);	/* more; or NULL */
	int (*run)(struct change *c);	/* a store_changed, or -1 */
} verbs[CHANGE_VERBS] = {
	[CHANGE_CANCEL] = {
		.words = { "cancel", "cancelled", "reason" },
		.notice = true, .counted = true, .run = cancel,
	},
	[CHANGE_MOVE] = {
		.words = { "move", "moved", "slot" },
		.notice = true, .mails = true, .counted = true,
		.may = move_may, .run = move,
	},
	[CHANGE_EMAIL] = {
		.words = { "email", "readdressed", "email" },
		.mails = true, .counted = true, .run = readdress,
	},
	[CHANGE_RESEND] = {
		.words = { "resend", "resent", NULL },
		.mails = true, .counted = true,
		.may = resend_may, .run = resend,
	},
	/* Erasing what is still ahead cancels it, so it has the same notice. */
	[CHANGE_ERASE] = {
		.words = { "erase", "erased", NULL },
		.notice = true, .any = true, .run = erase,
	},
	[CHANGE_RETRY] = {
		.words = { "retry", "retried", NULL },
		.any = true, .may = mail_may, .run = retry,
	},
	[CHANGE_ABORT] = {
		.words = { "abort", "aborted", NULL },
		.any = true, .may = mail_may, .run = abort_mail,
	},
};

const struct change_words *change_words(enum change_verb verb)
{
	return &verbs[verb].words;
}

enum change_verb change_named(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t verb = 0;

	while (verb < CHANGE_VERBS &&
	       strcmp(verbs[verb].words.name, name) != 0)
		verb++;
	must(verb < CHANGE_VERBS);
	return (enum change_verb)verb;
}

/* ---- judging and doing --------------------------------------------------- */

struct change change_begin(const struct call *call, enum change_verb verb,
			   struct booking_view *v,
			   const struct store_actor *organiser)
{
	const struct store_actor visitor = {
		.name = "visitor",
		.request_id = call->rq->id,
		.moves_max = call->site->conf.moves_max,
	};

	return (struct change){
		.verb = verb,
		.call = call,
		.store = call->site->store,
		.by = organiser ? *organiser : visitor,
		.v = v,
		.revision = CHANGE_ANY,
	};
}

enum fail_kind change_hindrance(enum change_verb verb,
				const struct booking_view *v, bool organiser,
				int64_t now_s)
{
	const struct verb *row = &verbs[verb];
	enum booking_freedom freedom = booking_freedom(v, now_s);

	if (!organiser && freedom == BOOKING_LATE && row->notice)
		return FAIL_LATE;
	if (row->any)
		return FAIL_NONE;
	if (organiser && v->erased)
		return FAIL_ERASED;
	if (v->cancelled)
		return FAIL_CANCELLED;
	if (organiser ? row->mails && v->slot.ends_at_s <= now_s :
			freedom == BOOKING_BEGUN)
		return FAIL_OVER;
	return FAIL_NONE;
}

enum fail_kind change_may(struct change *c)
{
	const struct verb *row = &verbs[c->verb];
	enum fail_kind kind;

	/* Organisers get back what they typed, whatever else bars the change:
	 * their page then shows the booking as it is now. */
	if (c->wrong && c->by.organiser)
		return FAIL_FIELDS;
	if (c->revision != CHANGE_ANY && c->revision != c->v->revision)
		return FAIL_MEANWHILE;
	kind = change_hindrance(c->verb, c->v, c->by.organiser,
				wall_ms() / 1000);
	if (kind != FAIL_NONE)
		return kind;
	if (c->wrong)
		return FAIL_FIELDS;
	return row->may ? row->may(c) : FAIL_NONE;
}

/* A mail to the address that this client asks for, and whether it may be. */
struct counted {
	struct quota *quota;
	struct quota_act act;
	enum quota_said said;
};

/* once: what makes it the same request as another one; NULL = nothing. */
static struct counted count(const struct call *call, const char *email,
			    const uint8_t *once, size_t once_bytes)
{
	struct counted c = {
		.quota = call->site->quota,
		.act = {
			.email = email,
			.client = call->rq->client,
			.once = once,
			.once_bytes = once_bytes,
		},
	};

	c.said = quota_count(c.quota, &c.act);
	return c;
}

/* Gives the count back if nothing came of it; passes the result on.  What may
 * have been done keeps its count. */
static int settle(const struct counted *c, int result,
		  const struct fault *why)
{
	if (c->said == QUOTA_COUNTED && result != STORE_CHANGED &&
	    (result >= 0 || why->class != FAULT_UNSURE))
		quota_return(c->quota, &c->act);
	return result;
}

static int run_counted(struct change *c)
{
	const struct counted mail = count(
		c->call, c->verb == CHANGE_EMAIL ? c->email : c->v->email,
		NULL, 0);

	/* Nobody is kept from cancelling: they only get no mail about it. */
	if (mail.said == QUOTA_OVER && c->verb != CHANGE_CANCEL)
		return CHANGE_OVER;
	c->by.no_mail = mail.said == QUOTA_OVER;
	return settle(&mail, verbs[c->verb].run(c), &c->why);
}

static enum fail_kind kind_of(int result, const struct fault *why)
{
	switch (result) {
	case STORE_CHANGED: return FAIL_NONE;
	case STORE_MEANWHILE: return FAIL_MEANWHILE;
	case STORE_NO_PLACE: return FAIL_FULL;
	case STORE_MOVES_OVER: return FAIL_MOVES;
	case STORE_TOO_OFTEN:
	case CHANGE_OVER: return FAIL_TOO_OFTEN;
	default: return fail_of_fault(why);
	}
}

static const char *request_of(const struct call *call)
{
	return *call->rq->id != '\0' ? call->rq->id : "-";
}

static void tell(const struct change *c, int result)
{
	const char *name = verbs[c->verb].words.name;

	if (!c->call)
		return;
	if (result < 0)
		log_warning("could not change a booking how=%s why=\"%s\"",
			    name, c->why.text);
	else if (result == STORE_CHANGED)
		log_info("changed ref=%s how=%s%s request=%s", c->v->ref,
			 c->by.organiser ? "organiser-" : "", name,
			 request_of(c->call));
}

/* Doing it again changes nothing. */
static bool is_so_already(const struct change *c)
{
	if (c->by.organiser)
		return false;
	return (c->verb == CHANGE_MOVE && c->to.id == c->v->slot.id) ||
	       (c->verb == CHANGE_EMAIL && strcmp(c->email, c->v->email) == 0);
}

enum fail_kind change_do(struct change *c)
{
	enum fail_kind kind = change_may(c);
	bool counted = verbs[c->verb].counted && !c->by.organiser &&
		       !c->is_counted;
	int result;

	if (kind == FAIL_CANCELLED && c->verb == CHANGE_CANCEL)
		return FAIL_NONE;
	if (kind != FAIL_NONE || is_so_already(c))
		return kind;
	result = counted ? run_counted(c) : verbs[c->verb].run(c);
	c->changed = result == STORE_CHANGED;
	c->later = result == CHANGE_OVER;
	tell(c, result);
	return kind_of(result, &c->why);
}

const char *change_reason(char *text)
{
	const char *reason = utext_trim(text);
	size_t len = strlen(reason);

	if (!str_is_utf8(reason, len) ||
	    utext_has_invisible(reason) ||
	    str_utf8_count(reason, len) > CHANGE_REASON_MAX)
		return NULL;
	return reason;
}

/* ---- the waiting list ---------------------------------------------------- */

int change_wait(struct call *call, const struct booking_form *b,
		const uint8_t *key, struct fault *why)
{
	const struct booking_request request = {
		.slot_id = b->slot_id,
		.seats = b->seats,
		.name = b->name,
		.email = b->email,
		.locale = lang_tag(call->lang),
	};
	uint8_t once[BOOKING_KEY_BYTES + BOOKING_HASH_BYTES];
	struct counted mail;
	struct store_joining joining = { .req = &request };
	int result;

	if (key) {
		memcpy(once, key, BOOKING_KEY_BYTES);
		booking_hash(b, request.locale, once + BOOKING_KEY_BYTES);
	}
	mail = count(call, b->email, key ? once : NULL,
		     key ? sizeof(once) : 0);
	if (mail.said == QUOTA_OVER)
		return CHANGE_OVER;
	/* The counts must not show whether a form led to a mail; but the same
	 * form again must not be free. */
	joining.pause_ms = mail.said == QUOTA_REPEATED ?
		AGAIN_MS : call->site->conf.resend_pause;
	result = store_wait(call->site->store, &joining, why);
	if (mail.said == QUOTA_REPEATED && joining.mailed)
		quota_adjust(mail.quota, &mail.act, 1);
	if (result == STORE_CHANGED)
		log_info("waiting ref=%s request=%s", joining.ref,
			 request_of(call));
	return settle(&mail, result, why);
}

int change_wait_for(const struct change_desk *d, const struct booking_form *b,
		    struct change_waited *out, struct fault *why)
{
	const struct booking_request request = {
		.slot_id = d->desk.slot->id,
		.seats = b->seats,
		.name = b->name,
		.email = b->email,
		.locale = d->locale,
	};
	struct store_joining joining = { .req = &request, .desk = &d->desk };
	int result = store_wait(d->store, &joining, why);

	*out = (struct change_waited){ .added = joining.added,
				       .mailed = joining.mailed };
	must(str_copy(out->ref, sizeof(out->ref), joining.ref));
	return result;
}

int change_place_find(struct store *s, const struct change_place *p,
		      struct waiting_view *out, struct fault *why)
{
	char ref[TOKEN_REF_LEN + 1];
	int r = 0;

	if (token_ref_parse(p->typed, ref))
		r = store_waiting_by_ref(s, ref, out, why);
	if (r == 1 && p->slot_id && out->as_booking.slot.id != p->slot_id) {
		waiting_view_release(out);
		r = 0;
	}
	return r;
}

int change_wait_remove(struct store *s, const struct waiting_view *w,
		       const struct store_actor *by, struct fault *why)
{
	const struct booking_view *v = &w->as_booking;
	const struct store_desk desk = { by, v->service.slug, &v->slot };

	return store_waiting_remove(s, w, &desk, why);
}

int change_wait_again(const struct change_again *a,
		      const struct waiting_view *w, struct fault *why)
{
	const struct booking_view *v = &w->as_booking;
	const struct store_desk desk = { a->by, v->service.slug, &v->slot };
	const struct booking_request request = {
		.slot_id = v->slot.id,
		.seats = v->seats,
		.name = v->name,
		.email = v->email,
		.locale = v->locale,
	};
	struct store_joining joining = {
		.req = &request,
		.desk = a->by ? &desk : NULL,
		.pause_ms = a->pause_ms,
		.known_only = true,
	};
	int result;

	if (w->state > WAITING_OFFERED ||
	    v->slot.starts_at_s <= wall_ms() / 1000)
		return STORE_MEANWHILE;
	if (v->held)
		return store_hold_again(a->store, &(struct store_again){
			v, joining.desk, a->pause_ms,
		}, why);
	result = store_wait(a->store, &joining, why);
	return result == STORE_CHANGED && !joining.mailed ? STORE_MEANWHILE :
							    result;
}

int change_take_begin(struct store *s, struct waiting_view *w,
		      struct fault *why)
{
	struct booking_view *v = &w->as_booking;

	if (offer_stage(w, wall_ms() / 1000) != OFFER_KEPT)
		return 0;
	return v->held ? store_answers(s, v, why) :
			 store_service_questions(s, &v->service, why);
}

int change_take(struct call *call, const struct waiting_view *w,
		char ref_out[STORE_REF_LEN + 1], struct fault *why)
{
	const struct counted mail = count(call, w->as_booking.email, NULL, 0);
	struct store_taking taking = { .w = w, .request_id = call->rq->id };
	int result = store_offer_take(call->site->store, &taking, why);

	memcpy(ref_out, taking.ref, sizeof(taking.ref));
	if (result == STORE_CHANGED && w->as_booking.held)
		metrics_book(call->site->metrics, METRICS_BOOKED);
	return settle(&mail, result, why);
}
