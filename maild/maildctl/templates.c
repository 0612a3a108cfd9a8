/* SPDX-License-Identifier: MIT */
/* maildctl check-templates: what maild -t says about them. */
#include "config.h"

#include "maildctl/maildctl.h"

#include "compose/compose.h"
#include "json/put.h"

#include <stdio.h>
#include <sysexits.h>

struct report {
	bool json;
	struct json_object *faults;
};

static void add_fault(void *arg, const char *sentence)
{
	const struct report *report = arg;

	if (report->json) {
		struct json_object *one = put_row(report->faults);

		put_safe_text(one, "text", sentence);
	} else {
		(void)fprintf(stderr, "%s\n", sentence);
	}
}

int ctl_check_templates(struct ctl *ctl, struct fault *why)
{
	struct compose_opts opts = compose_opts_of(&ctl->conf);
	struct report report = { .json = ctl->json };
	struct reporter r = { .report = add_fault, .arg = &report };
	struct composer *composer = composer_new(&opts, why);

	if (!composer)
		return EX_CONFIG;
	if (report.json)
		report.faults = put_new_list();
	composer_check(composer, &r);
	composer_free(composer);
	if (report.json) {
		struct json_object *json = ctl_answer_new();
		put_value(json, "faults", report.faults);
		ctl_say_json(json);
	} else if (r.count == 0) {
		ctl_sayf("all templates are good\n");
	}
	return r.count ? EX_CONFIG : 0;
}
