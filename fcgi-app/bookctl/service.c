/* SPDX-License-Identifier: MIT */
/* bookctl service: adds, changes, lists and shows services. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/json.h"
#include "domain/service.h"
#include "http/form.h"
#include "json/put.h"
#include "store/service.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define OPTION(type, kind, member, column, field, option, ...) \
	{ option, field, SERVICE_##kind == SERVICE_MINUTES },

static const struct ctl_field options[] = { SERVICE_MEMBERS(OPTION) };

#define OPTIONS ARRAY_COUNT(options)

int ctl_service_find(struct ctl *ctl, const char *slug, struct service *out,
		     struct fault *why)
{
	int r = store_service_by_slug(ctl->store, slug, out, why);

	if (r == 0)
		return fault_set(why, FAULT_REJECT,
				 "there is no service \"%s\"", slug);
	return r < 0 ? -1 : 0;
}

/* Reads what was given; 0, or -1 with *why. */
static int form_of(struct ctl *ctl, const struct service *before,
		   struct service_form *out, struct fault *why)
{
	struct form form;

	if (ctl_form(ctl, options, OPTIONS, &form, why) < 0)
		return -1;
	service_form_read(&form, before, out);
	form_release(&form);
	if (out->fields.error_count == 0)
		return 0;
	(void)ctl_refuse(ctl, options, OPTIONS, &out->fields, why);
	service_form_release(out);
	return -1;
}

int ctl_service_add(struct ctl *ctl, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct service_form form;
	int64_t id;

	if (form_of(ctl, NULL, &form, why) < 0)
		return ctl_status(why);

	int r = store_offer_service(ctl->store, &form.service, &by, &id, why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT,
			      "there is a service \"%s\" already, id %" PRId64,
			      form.service.slug, id);
	form.service.id = id;

	struct json_object *made =
		r < 0 || !cli_flag(ctl->call, "json") ? NULL :
		service_json(&form.service);

	service_form_release(&form);
	if (r < 0)
		return ctl_status(why);
	if (made)
		return ctl_print_json(made, why);
	printf("%" PRId64 "\n", id);
	return EX_OK;
}

int ctl_service_change(struct ctl *ctl, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct service_form form;
	struct service before;
	int r;

	if (ctl_service_find(ctl, cli_text(ctl->call, "slug"), &before,
			     why) < 0)
		return ctl_status(why);
	r = form_of(ctl, &before, &form, why);
	service_release(&before);
	if (r < 0)
		return ctl_status(why);
	r = store_alter_service(ctl->store, &form.service, &by, why);

	struct json_object *made =
		r < 0 || !cli_flag(ctl->call, "json") ? NULL :
		service_json(&form.service);

	service_form_release(&form);
	if (r < 0)
		return ctl_status(why);
	return made ? ctl_print_json(made, why) : EX_OK;
}

int ctl_service_list(struct ctl *ctl, struct fault *why)
{
	bool json = cli_flag(ctl->call, "json");
	struct service *services;
	struct json_object *all;
	size_t count;

	if (store_services(ctl->store, &services, &count, why) < 0)
		return ctl_status(why);
	all = json_object_new_array();
	must(all != NULL);
	for (size_t i = 0; i < count; i++) {
		must(json_object_array_add(all, service_json(&services[i])) ==
		     0);
		if (!json)
			printf("%s: %s (%s)\n", services[i].slug,
			       services[i].name, services[i].zone);
	}
	store_services_free(services, count);
	if (json)
		return ctl_print_json(all, why);
	json_object_put(all);
	return EX_OK;
}

int ctl_service_show(struct ctl *ctl, struct fault *why)
{
	struct service service;
	struct json_object *one;

	if (ctl_service_find(ctl, ctl->call->words[0], &service, why) < 0)
		return ctl_status(why);
	one = service_json(&service);
	service_release(&service);
	if (cli_flag(ctl->call, "json"))
		return ctl_print_json(one, why);
	json_object_object_foreach(one, name, value)
		printf("%s: %s\n", name, json_object_get_string(value));
	json_object_put(one);
	return EX_OK;
}
