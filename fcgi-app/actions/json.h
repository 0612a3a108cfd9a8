/* SPDX-License-Identifier: MIT */
/* Rows of organisers' lists as JSON: the same from the admin interface and from
 * bookctl, as doc/openapi.json has them. */
#ifndef ACTIONS_JSON_H
#define ACTIONS_JSON_H

struct audit_row;
struct booking_row;
struct json_object;
struct mail_row;

/* Each adds one object to list.  Times are RFC 3339, a booking's in its slot's
 * zone, others in UTC. */
void rows_put_booking(struct json_object *list, const struct booking_row *b);
void rows_put_mail(struct json_object *list, const struct mail_row *m);
void rows_put_audit(struct json_object *list, const struct audit_row *a);

#endif
