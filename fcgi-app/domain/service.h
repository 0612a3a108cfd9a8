/* SPDX-License-Identifier: MIT */
/*
 * Which values organisers may give a service, from a page, from JSON or from
 * the shell.  No I/O but looking whether a time zone exists.
 *
 * Nothing is locked: the last change wins.  All of it is written, as it was
 * read a moment before with what was sent put in.
 */
#ifndef DOMAIN_SERVICE_H
#define DOMAIN_SERVICE_H

#include "base/compiler.h"
#include "domain/fields.h"
#include "domain/model.h"
#include "domain/words.h"

#include <stdint.h>

/* What a member of SERVICE_MEMBERS may be. */
enum service_kind {
	SERVICE_NAME,
	SERVICE_SLUG,		/* its place in addresses; it stays */
	SERVICE_LINE,		/* of a text that pages and mails show */
	SERVICE_LINES,
	SERVICE_ZONE,		/* a time zone that this system knows */
	SERVICE_LANGUAGE,	/* "fr", or "" */
	SERVICE_NOUN,		/* of service_noun_at(), or "" */
	SERVICE_ADDRESS,	/* of e-mail, or "" */
	SERVICE_MINUTES,
	SERVICE_CONFIRM,	/* minutes; also 0, whatever the least is */
	SERVICE_YES_NO,
};

/* A row of SERVICE_MEMBERS, as far as pages and their reader need it. */
struct service_member {
	enum service_kind kind;
	const char *field;
	int64_t least;
	int64_t most;
};
#define SERVICE_MEMBER(kind, field, least, most) \
	&(const struct service_member){ SERVICE_##kind, field, least, most }

/* What a service may call its bookings, NULL past the end: "appointment". */
const char *service_noun_at(size_t i);

/*
 * The noun for so many seats of a service, as lang_say() takes it and mails
 * are told it: of "place" the plural is "places".  NULL = a booking.  Static.
 */
const char *service_noun(const struct service *service, int64_t seats);

/* service_form_read(), then service_form_release(). */
struct service_form {
	struct fields fields;	/* its errors; none: service is fit to keep */
	struct service service;	/* its own texts */
	bool tell;		/* who has booked; false if absent */
	struct service_seen seen;	/* in what calendars differ from before;
					   of a new one nothing */
};

/*
 * Reads tell and the fields of SERVICE_MEMBERS.  What is absent stays as in
 * before; before == NULL makes a new service, where it gets its default: the
 * zone given here, and for an empty slug one that reads like the name.
 * With text_lang, name, description and place are those in another language;
 * what is empty there is shown as in the service's own.
 */
void service_form_read(const struct form *f, const struct service *before,
		       const char *zone, struct service_form *out);

/* *form may be read again. */
void service_form_release(struct service_form *form);

#endif
