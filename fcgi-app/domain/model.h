/* SPDX-License-Identifier: MIT */
/*
 * The nouns: a service, its slots, a booking of one, a place in its waiting
 * list, a notification about either, and who changes them.
 */
#ifndef DOMAIN_MODEL_H
#define DOMAIN_MODEL_H

#include "domain/answers.h"
#include "domain/token.h"
#include "queue/fate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_REF_LEN 8		/* Crockford base32 */
#define STORE_ENVELOPE_ID_MAX 64
#define STORE_ZONE_MAX 64

#define STORE_RESENDS_MAX 3
#define STORE_CORRECTIONS_MAX 5

/* Kinds of notifications; the name in the mail templates' paths. */
#define KIND_CONFIRM "booking.confirm"	/* it counts only then */
#define KIND_CONFIRMED "booking.confirmed"
#define KIND_MOVED "booking.moved"
#define KIND_CHANGED "booking.changed"
#define KIND_CANCELLED "booking.cancelled"
#define KIND_REMINDER "booking.reminder"
#define KIND_PLACE_FREE "place.free"
#define KIND_PLACE_WAITING "place.waiting"
#define KIND_PLACE_REMOVED "place.removed"
#define KIND_ORGANISER "organiser.notice"
#define KIND_DIGEST "operators.digest"	/* about no booking */

#define SERVICE_LANG_MAX 16

/* A service's texts in another language than its own; "" = as in that. */
struct service_words {
	char lang[SERVICE_LANG_MAX + 1];
	char *name;
	char *description;
	char *place;
};

struct service {
	int64_t id;
	int64_t changes;	/* of what calendars show: name and place */
	int64_t changed_at_s;	/* the last of them; 0 = none yet */
	int64_t edition;	/* counts all changes, of its questions, too */
	char *slug;		/* [a-z0-9-]{1,64} */
	char *name;
	char *description;
	char *place;
	char *zone;		/* IANA name; of slots that are made now */
	char *organiser_name;
	char *organiser_email;
	char *language;		/* of its own texts; "" = the site's */
	char *noun;		/* what its bookings are called; "" = that */
	int64_t notice_min;	/* changes end so many minutes before */
	int64_t reminder_min;	/* reminder so many before; 0 = none */
	int64_t offer_min;	/* so long a freed place is kept */
	int64_t confirm_min;	/* and one whose address is to be confirmed;
				   0 = a booking counts at once */
	bool organiser_mails;	/* the organiser hears of each booking */
	struct service_words *others;	/* see domain/words.h; on the heap */
	size_t other_count;
	/* What it asks; NULL = nothing, or it was not read. */
	struct questions *questions;
};

/*
 * What organisers set of it, in the order of their page: type (text, int, flag)
 * and kind (see service.h), member, column, field in forms and JSON, bookctl's
 * option; the least and the most of it (minutes; of a text characters, and one
 * of which the least is 1 must be given); what a new one has, if not "".
 */
#define SERVICE_MEMBERS(X) \
	X(text, NAME, name, "name", "name", "name", 1, SERVICE_TEXT_MAX, 0) \
	X(text, SLUG, slug, "slug", "slug", "slug", 1, SERVICE_SLUG_MAX, 0) \
	X(text, LINES, description, "description", "description", \
	  "description", 0, SERVICE_DESCRIPTION_MAX, 0) \
	X(text, LINE, place, "place", "place", "place", \
	  0, SERVICE_TEXT_MAX, 0) \
	X(text, ZONE, zone, "zone", "time_zone", "zone", \
	  1, STORE_ZONE_MAX, 0) \
	X(text, LANGUAGE, language, "language", "language", "language", \
	  0, SERVICE_LANG_MAX, 0) \
	X(int, MINUTES, notice_min, "notice_minutes", "notice_minutes", \
	  "notice", 0, SERVICE_MINUTES_MAX, 0) \
	X(int, MINUTES, reminder_min, "reminder_minutes", "reminder_minutes", \
	  "reminder", 0, SERVICE_MINUTES_MAX, 1440) \
	X(int, MINUTES, offer_min, "offer_minutes", "offer_minutes", \
	  "offer", 1, SERVICE_MINUTES_MAX, 120) \
	X(int, CONFIRM, confirm_min, "confirm_minutes", "confirm_minutes", \
	  "confirm", SERVICE_CONFIRM_MIN, SERVICE_CONFIRM_MAX, 0) \
	X(text, LINE, organiser_name, "organiser_name", "organiser_name", \
	  "organiser-name", 0, SERVICE_TEXT_MAX, 0) \
	X(text, ADDRESS, organiser_email, "organiser_email", \
	  "organiser_email", "organiser-email", 0, 254, 0) \
	X(flag, YES_NO, organiser_mails, "organiser_mails", \
	  "organiser_mails", "organiser-mails", 0, 1, 0) \
	X(text, NOUN, noun, "noun", "noun", "noun", 0, 16, 0)

#define SERVICE_SLUG_MAX 64
#define SERVICE_TEXT_MAX 200
#define SERVICE_DESCRIPTION_MAX 2000
#define SERVICE_MINUTES_MAX (60 * 24 * 60)
#define SERVICE_CONFIRM_MIN 5	/* mails are not instant */
#define SERVICE_CONFIRM_MAX (24 * 60)

struct slot {
	int64_t id;
	int64_t service_id;
	int64_t starts_at_s;	/* Unix time */
	int64_t ends_at_s;
	/* In which its times are shown: its service's when it was made. */
	char zone[STORE_ZONE_MAX + 1];
	int64_t capacity;	/* capacity and booked: as last seen */
	int64_t booked;
	bool closed;		/* takes no more bookings; as last seen */
};

struct slots {
	struct slot *list;	/* on the heap */
	size_t count;
};

void service_release(struct service *service);

/* Deep copy; *to is released by service_release(). */
void service_copy(struct service *to, const struct service *from);

/* Frees a heap array of services. */
void store_services_free(struct service *services, size_t count);

/* What a visitor asks for; all texts checked before, borrowed. */
struct booking_request {
	int64_t slot_id;
	int64_t seats;
	const char *name;
	const char *email;
	const char *locale;	/* "fr", "en" */
	const char *notes;	/* "" = none; for the organiser only */
	uint8_t idem_key[16];
	uint8_t req_hash[32];	/* over all that was asked for */
	const char *request_id;	/* nginx's, "" = none */
	int64_t due_in_ms;	/* the relay's first look at its mail */
	const struct answers *answers;	/* NULL = none */
	int64_t edition;	/* of the service that it was checked by */
	bool steady;		/* the service may not change before the
				   booking is written; organisers wait */
};

enum cancelled_by { CANCELLED_BY_NOBODY, CANCELLED_BY_VISITOR,
		    CANCELLED_BY_ORGANISER };

/* Under which names calendars know a booking. */
struct calendar_names {
	char domain[201];	/* right of the '@' in its UID */
	char sender[255];	/* address that it is from; "" = maild's */
};

/* One booking and all that its pages and mails say. */
struct booking_view {
	int64_t id;
	char ref[STORE_REF_LEN + 1];
	struct token_seed link;	/* of its capability */
	int revision;		/* counts all changes */
	int sequence;		/* counts those that calendars must hear of */
	int resends;
	int corrections;	/* of the address */
	bool cancelled;
	bool erased;		/* no personal data are left */
	enum cancelled_by cancelled_by;
	char *cancel_reason;	/* the organiser's; "" = none */
	int64_t changed_at_s;	/* the last change; 0 = none yet */
	int64_t seats;
	char *name;
	char *email;
	char *locale;
	char *notes;
	int64_t created_at_s;
	struct calendar_names calendar;
	/* Set only for a place in the waiting list that is shown as if it were
	 * a booking (its id is then negative): since when and until when it is
	 * kept. */
	int64_t offered_at_s;
	int64_t offer_until_s;
	int64_t told_at_s;	/* when the mail server took the mail about it;
				   0 = not known yet */
	bool held;		/* it is a booking that is to be confirmed */
	int64_t line_position;	/* of such a place: 1 = next; 0 = not in line */
	struct answers answers;	/* only if store_answers() was called */
	struct slot slot;
	struct service service;
};
void booking_view_release(struct booking_view *v);

enum store_booked {
	STORE_BOOKED,		/* new; *view and envelope_id are filled */
	STORE_REPLAYED,		/* the same was booked before; filled, too */
	STORE_KEY_REUSED,	/* the key belongs to another request */
	STORE_FULL,
	STORE_NO_SLOT,
	STORE_PAST,		/* it has begun already */
	STORE_HELD,		/* it counts once its address is confirmed; new,
				   *view is the place that is kept for it */
	STORE_HELD_BEFORE,	/* the same was asked for before; filled, too */
	STORE_UNCONFIRMED,	/* OFFER_CHECKS_MAX of this address wait so */
	STORE_OUTDATED,		/* its service is of another edition: it is to
				   be checked again */
	STORE_BOOKED_LAST = STORE_OUTDATED,
};

enum notification_state { NOTIFICATION_OPEN, NOTIFICATION_SENT,
			  NOTIFICATION_DEAD, NOTIFICATION_EXPIRED,
			  NOTIFICATION_ABORTED };

/* Is its job in the queue to be forgotten, because its person was erased? */
enum notification_forget { FORGET_NOT, FORGET_NOW, FORGET_AGAIN, FORGET_DONE };

struct notification {		/* one row of the outbox */
	int64_t id;
	int64_t booking_id;	/* 0 if it is about the waiting list */
	int64_t waiting_id;	/* 0 if it is about a booking */
	char envelope_id[STORE_ENVELOPE_ID_MAX + 1];
	char kind[65];
	enum notification_state state;
	int attempts;
	int checks;		/* audits so far */
	int64_t created_at_ms;
	int64_t begins_at_ms;	/* not sent before; created_at_ms if at once */
	int64_t final_at_ms;	/* 0 while open */
	int64_t was_at_s;	/* of a moved booking; 0 = it was not moved */
	char was_zone[STORE_ZONE_MAX + 1]; /* of that; "" = the slot's */
	char detail[65];	/* one word for the template, or "" */
	enum notification_forget forget;
	char reply[129];	/* the relay's last words, "" if none */
	/* What was heard of it after that; no state of its own, since that the
	 * relay took it stays a fact. */
	enum queue_fate fate;
	bool fate_sure;		/* else a forger may have written the report */
	int64_t fate_at_ms;	/* 0 = nothing was heard */
	char fate_text[129];	/* the server's words, without addresses */
};

/* Who does it; all borrowed. */
struct store_actor {
	const char *name;	/* "visitor", "system", an organiser's */
	const char *request_id;	/* "" = none */
	bool organiser;
	bool no_mail;		/* no mail to a visitor who cancels */
	int64_t moves_max;	/* of one booking; 0 = any number */
	const char *reason;	/* told to the visitor; NULL or "" = none */
};

enum store_changed {
	STORE_CHANGED,
	STORE_MEANWHILE,	/* it is no longer as the caller saw it */
	STORE_NO_PLACE,		/* the other slot is full */
	STORE_TOO_OFTEN,	/* STORE_RESENDS_MAX, STORE_CORRECTIONS_MAX */
	STORE_MOVES_OVER,	/* moves_max */
	STORE_CHANGED_LAST = STORE_MOVES_OVER,
};

/* What of a service is meant. */
struct span {
	int64_t service_id;	/* 0 = all, where that can be */
	int64_t from_s;		/* what begins from there, Unix time, */
	int64_t until_s;	/* and before this */
	size_t max;		/* at most so many; 0 = all */
};
#define SPAN_EVER_S INT64_C(253402300799)	/* the year 9999 */

enum waiting_state { WAITING_IN_LINE, WAITING_OFFERED, WAITING_BOOKED,
		     WAITING_LAPSED, WAITING_REMOVED };

/*
 * A place in the waiting list, or a booking whose address is to be confirmed: a
 * place that was offered at once (as_booking.held).  as_booking has its people,
 * seats, slot and service; its id is the place's, negated.
 */
struct waiting_view {
	int64_t id;
	enum waiting_state state;
	int64_t booking_id;	/* 0 = none */
	bool has_key;		/* of a held one: idem_key is set */
	uint8_t idem_key[16];	/* of the request, as is req_hash */
	uint8_t req_hash[32];
	struct booking_view as_booking;
};
void waiting_view_release(struct waiting_view *w);

#endif
