/* SPDX-License-Identifier: MIT */
/*
 * What organisers say of a service, from a page, from JSON or from the shell:
 * which values are accepted.  No I/O but looking whether a time zone exists.
 *
 * Nothing is locked: who changes a service last wins.  All of it is written, as
 * it was read a moment before with what was sent put in.
 */
#ifndef DOMAIN_SERVICE_H
#define DOMAIN_SERVICE_H

#include "base/compiler.h"
#include "domain/fields.h"
#include "domain/model.h"

#define SERVICE_SLUG_MAX 64
#define SERVICE_TEXT_MAX 200		/* characters, as the columns */
#define SERVICE_DESCRIPTION_MAX 2000
#define SERVICE_MINUTES_MAX (60 * 24 * 60)

/* service_form_read(), then service_form_release(). */
struct service_form {
	struct fields fields;	/* its errors; none: service is fit to keep */
	struct service service;	/* its own texts */
};

/*
 * Reads the fields slug, name, description, place, time_zone, language,
 * notice_minutes, reminder_minutes, offer_minutes, organiser_name,
 * organiser_email and organiser_mails.  What is absent stays as in before; with
 * before == NULL it is a new service: slug, name and time_zone must be there,
 * the reminder goes out a day before, a place is kept for two hours.
 */
void service_form_read(const struct form *f, const struct service *before,
		       struct service_form *out);

/* *form may be read again. */
void service_form_release(struct service_form *form);

#endif
