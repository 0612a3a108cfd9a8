/* SPDX-License-Identifier: MIT */
/* Services for organisers' programs: listed, added, shown, changed. */
#include "config.h"

#include "api/api.h"

#include "actions/json.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "domain/service.h"
#include "form/form.h"
#include "http/reply.h"
#include "json/put.h"
#include "store/service.h"

#include <stdlib.h>

/* ---- the list --------------------------------------------------------- */

/* What is ahead of it; zeros if numbers has nothing of it. */
static void put_ahead(struct json_object *row, int64_t id,
		      const struct service_numbers *numbers, size_t count)
{
	struct service_numbers n = { .service_id = id };

	for (size_t i = 0; i < count; i++)
		if (numbers[i].service_id == id)
			n = numbers[i];
	put_int(row, "slots_ahead", n.slots);
	put_int(row, "places_ahead", n.capacity);
	put_int(row, "places_booked", n.booked);
}

void api_admin_services(struct call *call)
{
	struct store *store = call->site->store;
	struct service_numbers *numbers = NULL;
	struct service *services = NULL;
	struct json_object *doc = put_new();
	struct json_object *list = put_list(doc, "services");
	struct fault why;
	size_t known = 0;
	size_t count = 0;
	int r = store_services(store, &services, &count, &why);

	if (r == 0)
		r = store_service_numbers(store, &numbers, &known, &why);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct json_object *row = service_json(&services[i]);

		put_ahead(row, services[i].id, numbers, known);
		put_append(list, row);
	}
	free(numbers);
	store_services_free(services, count);
	if (r == 0)
		reply_json(call->rp, 200, doc);
	else
		page_fail(call, doc, "services", &why);
}

/* ---- one -------------------------------------------------------------- */

void api_admin_service(struct call *call)
{
	struct service service;

	if (!open_service(call, &service))
		return;
	reply_json(call->rp, 200, service_json(&service));
	service_release(&service);
}

/* Reads the body; false if it has been answered, and nothing is to be
 * released. */
static bool body_read(struct call *call, const struct service *before,
		      struct service_form *out)
{
	char host[ZONE_NAME_MAX + 1];
	struct form form = { .count = 0 };
	bool good = open_json(call, true, &form);

	if (good) {
		service_form_read(&form, before,
				  appconf_zone(&call->site->conf, host), out);
		good = out->fields.error_count == 0;
		if (!good) {
			fail_fields(call, &out->fields);
			service_form_release(out);
		}
	}
	form_release(&form);
	return good;
}

void api_admin_service_add(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct service_form form;
	struct service_offer offer = { .service = &form.service, .by = &by };
	struct fault why;
	int r;

	if (!body_read(call, NULL, &form))
		return;
	r = store_offer_service(call->site->store, &offer, &why);
	if (r < 0) {
		fail_store(call, "a service", &why);
	} else if (r == 0) {
		fields_fail(&form.fields, "slug", "slug_taken", 0);
		fail_fields(call, &form.fields);
	} else {
		reply_header(call->rp, "Location",
			     "%s/api/v1/admin/services/%s", call->site->root,
			     form.service.slug);
		reply_json(call->rp, 201, service_json(&form.service));
	}
	service_form_release(&form);
}

void api_admin_service_change(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct service before;
	struct service_form form;
	struct fault why;

	if (!open_service(call, &before))
		return;
	if (body_read(call, &before, &form)) {
		struct service_alteration a = {
			.service = &form.service,
			.by = &by,
			.tell = form.tell,
		};

		if (store_alter_service(call->site->store, &a, &why) < 0)
			fail_store(call, "a service", &why);
		else
			reply_json(call->rp, 200, alteration_json(&a));
		service_form_release(&form);
	}
	service_release(&before);
}
