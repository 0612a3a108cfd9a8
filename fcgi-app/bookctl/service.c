/* SPDX-License-Identifier: MIT */
/* bookctl service: adds, changes, lists and shows services. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/service_json.h"
#include "domain/service.h"
#include "http/form.h"
#include "json/put.h"
#include "store/service.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { SLUG, NAME, ZONE, DESCRIPTION, PLACE, BY, BY_EMAIL, LANGUAGE, NOTICE,
       REMINDER, OFFER, MAILS, JSON, OPTIONS };

static const struct ctl_field options[OPTIONS] = {
	[SLUG] = { "slug", "slug", false },
	[NAME] = { "name", "name", false },
	[ZONE] = { "zone", "time_zone", false },
	[DESCRIPTION] = { "description", "description", false },
	[PLACE] = { "place", "place", false },
	[BY] = { "organiser-name", "organiser_name", false },
	[BY_EMAIL] = { "organiser-email", "organiser_email", false },
	[LANGUAGE] = { "language", "language", false },
	[NOTICE] = { "notice", "notice_minutes", true },
	[REMINDER] = { "reminder", "reminder_minutes", true },
	[OFFER] = { "offer", "offer_minutes", true },
	[MAILS] = { "organiser-mails", "organiser_mails", false },
	[JSON] = { "-json", NULL, false },
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
static int form_of(struct ctl *ctl, const char *const *texts,
		   const struct service *before, struct service_form *out,
		   struct fault *why)
{
	struct form form;

	if (ctl_form(options, OPTIONS, texts, &form, why) < 0)
		return -1;
	service_form_read(&form, before, out);
	form_release(&form);
	if (out->fields.error_count == 0)
		return 0;
	(void)ctl_refuse(ctl, options, OPTIONS, &out->fields, why);
	service_form_release(out);
	return -1;
}

int ctl_service_add(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	const char *texts[OPTIONS] = { NULL };
	struct service_form form;
	int64_t id;

	if (ctl_field_options(argc, argv, options, OPTIONS, texts, why) ||
	    !texts[SLUG] || !texts[NAME] || !texts[ZONE])
		return EX_USAGE;
	if (form_of(ctl, texts, NULL, &form, why) < 0)
		return ctl_status(why);

	int r = store_offer_service(ctl->store, &form.service, &by, &id, why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT,
			      "there is a service \"%s\" already, id %" PRId64,
			      form.service.slug, id);
	form.service.id = id;

	struct json_object *made = r < 0 || !texts[JSON] ? NULL :
					   service_json(&form.service);

	service_form_release(&form);
	if (r < 0)
		return ctl_status(why);
	if (made)
		return ctl_print_json(made, why);
	printf("%" PRId64 "\n", id);
	return EX_OK;
}

int ctl_service_change(struct ctl *ctl, int argc, char **argv,
		       struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	const char *texts[OPTIONS] = { NULL };
	struct service_form form;
	struct service before;
	int r;

	if (ctl_field_options(argc, argv, options, OPTIONS, texts, why) ||
	    !texts[SLUG])
		return EX_USAGE;
	if (ctl_service_find(ctl, texts[SLUG], &before, why) < 0)
		return ctl_status(why);
	r = form_of(ctl, texts, &before, &form, why);
	service_release(&before);
	if (r < 0)
		return ctl_status(why);
	r = store_alter_service(ctl->store, &form.service, &by, why);

	struct json_object *made = r < 0 || !texts[JSON] ? NULL :
					   service_json(&form.service);

	service_form_release(&form);
	if (r < 0)
		return ctl_status(why);
	return made ? ctl_print_json(made, why) : EX_OK;
}

int ctl_service_list(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	static const char *const names[] = { "-json" };
	const char *texts[] = { NULL };
	struct service *services;
	struct json_object *all;
	size_t count;

	if (ctl_options(argc, argv, names, ARRAY_COUNT(names), texts, why))
		return EX_USAGE;
	if (store_services(ctl->store, &services, &count, why) < 0)
		return ctl_status(why);
	all = json_object_new_array();
	must(all != NULL);
	for (size_t i = 0; i < count; i++) {
		must(json_object_array_add(all, service_json(&services[i])) ==
		     0);
		if (!texts[0])
			printf("%s: %s (%s)\n", services[i].slug,
			       services[i].name, services[i].zone);
	}
	store_services_free(services, count);
	if (texts[0])
		return ctl_print_json(all, why);
	json_object_put(all);
	return EX_OK;
}

static int show(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	enum { WHICH, AS_JSON, COUNT };
	static const char *const names[COUNT] = { "", "-json" };
	const char *texts[COUNT] = { NULL };
	struct service service;
	struct json_object *one;

	if (ctl_options(argc, argv, names, COUNT, texts, why) || !texts[WHICH])
		return EX_USAGE;
	if (ctl_service_find(ctl, texts[WHICH], &service, why) < 0)
		return ctl_status(why);
	one = service_json(&service);
	service_release(&service);
	if (texts[AS_JSON])
		return ctl_print_json(one, why);
	json_object_object_foreach(one, name, value)
		printf("%s: %s\n", name, json_object_get_string(value));
	json_object_put(one);
	return EX_OK;
}

int ctl_service(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	static const struct {
		const char *word;
		ctl_run *run;
	} verbs[] = {
		{ "add", ctl_service_add },
		{ "change", ctl_service_change },
		{ "list", ctl_service_list },
		{ "show", show },
	};

	for (size_t i = 0; argc > 1 && i < ARRAY_COUNT(verbs); i++)
		if (strcmp(argv[1], verbs[i].word) == 0)
			return verbs[i].run(ctl, argc - 1, argv + 1, why);
	return EX_USAGE;
}
