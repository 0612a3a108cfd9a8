/* SPDX-License-Identifier: MIT */
/* Services: which there are, and changing them. */
#ifndef STORE_SERVICE_H
#define STORE_SERVICE_H

#include "domain/model.h"
#include "domain/words.h"
#include "store/store.h"

/* Lists are heap arrays; free with store_services_free() / free(). */
int store_services(struct store *s, struct service **out, size_t *count_out,
		   struct fault *why) MUST_USE;

/* 1 found, 0 not, -1 fault. */
int store_service_by_slug(struct store *s, const char *slug,
			  struct service *out, struct fault *why) MUST_USE;

/* Adds a service (its texts, zone and slug checked before; id is ignored).
 * 1 added, 0 a service has that slug already (*id_out is its id), -1. */
int store_service_add(struct store *s, const struct service *service,
		      int64_t *id_out, struct fault *why) MUST_USE;

struct service_offer {
	const struct service *service;
	const struct store_actor *by;

	int64_t id;		/* the result; also of the one that was there */
};

/* The same by an organiser, with the line in the record of who did what. */
int store_offer_service(struct store *s, struct service_offer *offer,
			struct fault *why) MUST_USE;

struct service_alteration {
	const struct service *service;	/* as it is to be */
	const struct store_actor *by;
	bool tell;		/* everybody who has booked what is ahead, if
				   calendars show another name or place */

	/* The result. */
	struct service_seen seen;	/* in what they differ, for whom */
	int64_t booked;		/* so many bookings that do are ahead */
};

/* Writes all of a service but its id.  Other processes may show the old values
 * for a minute, and book by the new ones; those who are to be told get their
 * mails from the relay.  0, or -1. */
int store_alter_service(struct store *s, struct service_alteration *a,
			struct fault *why) MUST_USE;

/* How many bookings of a service are ahead, in these languages: see struct
 * service_seen.  Or -1. */
int64_t store_service_booked(struct store *s, int64_t id, const char *langs,
			     struct fault *why) MUST_USE;

/* What is ahead of one service. */
struct service_numbers {
	int64_t service_id;
	int64_t slots;
	int64_t capacity;	/* in closed slots, those booked */
	int64_t booked;
	int64_t next_at_s;	/* the next beginning */
	char next_zone[STORE_ZONE_MAX + 1];	/* of that slot */
};

/* Of each service that has a slot ahead, by service_id; a heap array for
 * free().  0, or -1. */
int store_service_numbers(struct store *s, struct service_numbers **out,
			  size_t *count_out, struct fault *why) MUST_USE;

#endif
