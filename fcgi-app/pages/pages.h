/* SPDX-License-Identifier: MIT */
/* The handlers of what people see, by file: web.c routes to them.  What the
 * room's files share is declared in headers of their own. */
#ifndef PAGES_PAGES_H
#define PAGES_PAGES_H

#include "base/compiler.h"

struct call;

/* pages.c */
void pages_services(struct call *call);		/* GET / */
void pages_service(struct call *call);		/* GET /s/{service} */
void pages_privacy(struct call *call);		/* GET /privacy */
void pages_security(struct call *call);	/* GET /.well-known/security.txt */
void pages_problems(struct call *call);		/* GET /problems */
void pages_problem(struct call *call);		/* GET /problems/{type} */
void pages_done(struct call *call);		/* GET /done/{what} */
/* 303 to there, of what has just been done. */
void pages_done_see(struct call *call, const char *what);

/* colours.c */
void pages_colours(struct call *call);		/* GET /colours/{file} */

/* book.c */
void pages_book(struct call *call);		/* GET /s/{service}/{slot} */
void pages_book_post(struct call *call);	/* POST /bookings */

/* booking.c */
void pages_booking(struct call *call);		/* GET /b/{cap} */
void pages_calendar(struct call *call);	/* GET /b/{cap}/calendar.ics */

/* change.c: /b/{cap}/VERB: cancel, email, resend, erase */
void pages_change(struct call *call);		/* GET */
void pages_change_post(struct call *call);	/* POST */

/* feed.c */
void pages_feed(struct call *call);		/* GET /feed/{token}.ics */

/* find.c */
void pages_find(struct call *call);		/* GET /find */
void pages_find_post(struct call *call);	/* POST */

/* move.c */
void pages_move(struct call *call);		/* GET /b/{cap}/move */
void pages_move_post(struct call *call);	/* POST */

/* waiting.c */
void pages_waiting_join(struct call *call);	/* GET /s/{}/{}/wait */
void pages_waiting_join_post(struct call *call);	/* POST */
void pages_waiting(struct call *call);		/* GET /w/{cap} */
void pages_held_again(struct call *call);	/* GET /w/{cap}/again; held.c */
void pages_waiting_post(struct call *call);	/* POST .../take, .../leave */

/* framed.c */
void pages_foreign_form(struct call *call);	/* GET /f/{formkey} */

/* foreign.c */
/* Where the form of that key is posted; the caller's. */
char *pages_foreign_action(const struct call *call, const char *key);
void pages_foreign_post(struct call *call);	/* POST /f/{formkey} */
void pages_foreign_preflight(struct call *call);	/* OPTIONS */
void pages_foreign_done(struct call *call);	/* GET /f/{formkey}/done */

#endif
