/* SPDX-License-Identifier: MIT */
/*
 * The handlers of what programs see, which web.c routes to, by file; and the
 * parts of answers that they share.  JSON, errors as RFC 9457.
 *
 * Those of the admin interface, api_admin_*, are only called for a request with
 * a key that is in use (access.h), and with one that may write unless the
 * method is GET or HEAD.  admin_actor() is then "key:NAME".
 */
#ifndef API_API_H
#define API_API_H

#include "base/compiler.h"

struct booking_view;
struct call;

/* book.c */
void api_services(struct call *call);	/* GET /api/v1/services */
void api_slots(struct call *call);	/* GET /api/v1/services/{}/slots */
void api_book(struct call *call);	/* POST /api/v1/bookings */
void api_booking(struct call *call);	/* GET /api/v1/bookings/{cap} */
/* The answer: the whole booking. */
void api_send_booking(struct call *call, struct booking_view *view);
/* Notes in b a language that there is not: a page may guess a visitor's, but a
 * program has said one. */
struct booking_form;
struct form;
void api_check_lang(const struct call *call, const struct form *f,
		    struct booking_form *b);

/* change.c: POST /api/v1/bookings/{cap}/VERB: cancel, move {"slot": 7}, email
 * {"email": "..."}; and, with a key, .../admin/bookings/{ref}/VERB: resend,
 * email {"email": "..."}, cancel {"reason": "..."}, mails/{id}/retry and
 * mails/{id}/abort */
void api_change(struct call *call);

/* waiting.c: POST /api/v1/waiting joins, .../{cap} a place in line */
void api_waiting_join(struct call *call);
void api_waiting(struct call *call);		/* GET */
void api_waiting_take(struct call *call);	/* POST .../take */
void api_waiting_leave(struct call *call);	/* POST .../leave */
void api_admin_waiting(struct call *call);	/* GET .../{slug}/waiting */
void api_admin_slot_waiting(struct call *call);	/* GET .../{id}/waiting */
void api_admin_waiting_add(struct call *call);	/* POST .../{id}/waiting */
/* DELETE .../{id}/waiting/{ref} */
void api_admin_waiting_remove(struct call *call);

/* lists.c */
void api_doc(struct call *call);	/* GET /api/v1/openapi.json */
void api_admin_bookings(struct call *call);	/* GET .../bookings */
void api_admin_booking(struct call *call);	/* GET .../bookings/{ref} */
void api_admin_outbox(struct call *call);	/* GET .../outbox */
void api_admin_stats(struct call *call);	/* GET .../stats */
/* The answer: the whole story of that booking, as it is now. */
void api_admin_send_story(struct call *call, const char *ref);

/* services.c: .../services... */
void api_admin_services(struct call *call);		/* GET */
void api_admin_service_add(struct call *call);		/* POST */
void api_admin_service(struct call *call);		/* GET .../{slug} */
void api_admin_service_change(struct call *call);	/* PATCH */

/* questions.c: .../services/{slug}/questions... */
void api_admin_questions(struct call *call);		/* GET */
void api_admin_question_add(struct call *call);		/* POST */
void api_admin_question(struct call *call);		/* GET .../{name} */
void api_admin_question_change(struct call *call);	/* PATCH */
void api_admin_question_retire(struct call *call);	/* DELETE */
void api_admin_question_restore(struct call *call);	/* POST .../restore */

/* slots.c: .../services/{slug}/slots..., .../slots/{id} */
void api_admin_slots(struct call *call);		/* GET */
void api_admin_slots_add(struct call *call);		/* POST */
void api_admin_slots_plan(struct call *call);		/* POST .../plan */
void api_admin_slot(struct call *call);			/* GET .../{id} */
void api_admin_slot_change(struct call *call);		/* PATCH */
void api_admin_slot_remove(struct call *call);		/* DELETE */

#endif
