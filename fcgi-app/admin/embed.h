/* SPDX-License-Identifier: MIT */
/* What to copy to put a service on another site. */
#ifndef ADMIN_EMBED_H
#define ADMIN_EMBED_H

struct call;
struct json_object;
struct service;

/* Adds "embed" for the part admin_embed: a frame and a form for each key of
 * forms, and the form's time, the next with room; null if the database is
 * away. */
void admin_put_embed(const struct call *call, struct json_object *values,
		     const struct service *service);

#endif
