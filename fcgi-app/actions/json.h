/* SPDX-License-Identifier: MIT */
/* Services, slots, plans and rows of organisers' lists as JSON: the same from
 * the admin interface and from bookctl, as doc/openapi.json has them. */
#ifndef ACTIONS_JSON_H
#define ACTIONS_JSON_H

#include "base/compiler.h"
#include "domain/model.h"
#include "domain/plan.h"

struct audit_row;
struct booking_row;
struct json_object;
struct mail_row;

/* Each adds one object to list.  Times are RFC 3339, a booking's in its slot's
 * zone, others in UTC. */
void rows_put_booking(struct json_object *list, const struct booking_row *b);
struct line_row;
void rows_put_waiting(struct json_object *list, const struct line_row *w);
void rows_put_mail(struct json_object *list, const struct mail_row *m);
void rows_put_audit(struct json_object *list, const struct audit_row *a);

/* Adds fate, fate_sure, fate_at and fate_text: what was heard of a mail after
 * it was sent. */
void fate_put(struct json_object *to, const char *zone,
	      const struct notification *n);

/* All that a service_form reads, by the same names.  The caller frees it. */
struct json_object *service_json(const struct service *service)
	MUST_USE RETURNS_NONNULL;

/* The same of a service that was changed, with how many bookings are ahead that
 * calendars show otherwise now, and how many of these people are told. */
struct service_alteration;
struct json_object *alteration_json(const struct service_alteration *a)
	MUST_USE RETURNS_NONNULL;

/* id, starts_at, ends_at (RFC 3339 in the slot's zone), time_zone, capacity,
 * booked, closed. */
struct json_object *slot_json(const struct slot *slot)
	MUST_USE RETURNS_NONNULL;

/* added, there, skipped: how many; dry_run. */
struct json_object *plan_json(const struct slot_plan *plan)
	MUST_USE RETURNS_NONNULL;

/* A question as organisers see it, the caller's. */
struct question;
struct json_object *question_json(const struct question *q)
	MUST_USE RETURNS_NONNULL;

/* Adds "answers" of a booking whose answers were read: for each question's name
 * a text, true for a box, or a list with a text for each seat. */
struct booking_view;
void answers_put(struct json_object *to, const struct booking_view *v);

#endif
