/* SPDX-License-Identifier: MIT */
/* bookctl service: adds, changes, lists and shows services. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/json.h"
#include "domain/service.h"
#include "form/form.h"
#include "json/put.h"
#include "store/service.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define OPTION(type, kind, member, column, field, option, ...) \
	{ option, field, SERVICE_##kind == SERVICE_MINUTES || \
			 SERVICE_##kind == SERVICE_CONFIRM },

static const struct ctl_field options[] = {
	SERVICE_MEMBERS(OPTION)
	{ "lang", "text_lang", false },
	{ .option = NULL },
};

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
	char host[ZONE_NAME_MAX + 1];
	struct form form;

	if (ctl_form(ctl, options, &form, why) < 0)
		return -1;
	service_form_read(&form, before, appconf_zone(&ctl->conf, host), out);
	form_release(&form);
	if (out->fields.error_count == 0)
		return 0;
	(void)ctl_refuse(ctl, options, &out->fields, why);
	service_form_release(out);
	return -1;
}

static void print_id(struct json_object *service)
{
	puts(ctl_text(service, "id"));
}

int ctl_service_add(struct ctl *ctl, struct fault *why)
{
	struct json_object *made;
	struct service_form form;
	struct service_offer offer = { .service = &form.service,
				       .by = &ctl->by };
	int r;

	if (form_of(ctl, NULL, &form, why) < 0)
		return CLI_BY_FAULT;
	r = store_offer_service(ctl->store, &offer, why);
	if (r == 0)
		r = fault_set(why, FAULT_REJECT,
			      "there is a service \"%s\" already, id %" PRId64,
			      form.service.slug, offer.id);
	form.service.id = offer.id;
	made = r < 0 ? NULL : service_json(&form.service);
	service_form_release(&form);
	return made ? ctl_tell(ctl, made, print_id) : CLI_BY_FAULT;
}

/* Whoever did not ask for it reads that it can be asked for. */
static void print_told(struct json_object *service)
{
	const char *booked = ctl_text(service, "booked_ahead");

	if (strcmp(booked, "0") == 0)
		return;
	if (strcmp(ctl_text(service, "told"), "0") == 0)
		printf("bookings ahead: %s; their people are not told "
		       "(--tell)\n", booked);
	else
		printf("bookings ahead: %s; their people are told by e-mail\n",
		       booked);
}

int ctl_service_change(struct ctl *ctl, struct fault *why)
{
	struct service_alteration a = { .by = &ctl->by,
					.tell = cli_flag(ctl->call, "tell") };
	struct json_object *made = NULL;
	struct service_form form;
	struct service before;
	int r;

	if (ctl_service_find(ctl, cli_text(ctl->call, "slug"), &before,
			     why) < 0)
		return CLI_BY_FAULT;
	r = form_of(ctl, &before, &form, why);
	service_release(&before);
	if (r < 0)
		return CLI_BY_FAULT;
	a.service = &form.service;
	if (store_alter_service(ctl->store, &a, why) == 0)
		made = alteration_json(&a);
	service_form_release(&form);
	return made ? ctl_tell(ctl, made, print_told) : CLI_BY_FAULT;
}

static void print_line(struct json_object *service)
{
	printf("%s: %s (%s)\n", ctl_text(service, "slug"),
	       ctl_text(service, "name"), ctl_text(service, "time_zone"));
}

int ctl_service_list(struct ctl *ctl, struct fault *why)
{
	struct service *services;
	struct json_object *all;
	size_t count;

	if (store_services(ctl->store, &services, &count, why) < 0)
		return CLI_BY_FAULT;
	all = put_new_list();
	for (size_t i = 0; i < count; i++)
		put_append(all, service_json(&services[i]));
	store_services_free(services, count);
	return ctl_tell(ctl, all, print_line);
}

static void print_all(struct json_object *service)
{
	json_object_object_foreach(service, name, value)
		printf("%s: %s\n", name, json_object_get_string(value));
}

int ctl_service_show(struct ctl *ctl, struct fault *why)
{
	struct service service;
	struct json_object *one;

	if (ctl_service_find(ctl, ctl->call->words[0], &service, why) < 0)
		return CLI_BY_FAULT;
	one = service_json(&service);
	service_release(&service);
	return ctl_tell(ctl, one, print_all);
}
