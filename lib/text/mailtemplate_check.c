/* SPDX-License-Identifier: MIT */
/* What is wrong with mail templates, and what they look like. */
#include "config.h"

#include "text/mailtemplate_impl.h"

#include "text/mailsample.h"

#include <json-c/json.h>

#include <string.h>

struct reporter {
	void (*report)(void *arg, const char *sentence);
	void *arg;
	size_t count;
};

static void say(struct reporter *r, const char *sentence)
{
	r->report(r->arg, sentence);
	r->count++;
}

static void check_part(const struct mailtemplate *t,
		       enum mailtemplate_part part,
		       struct json_object *sample, struct reporter *r)
{
	struct buf out = BUF_INIT;
	struct fault edited = { 0 };
	struct fault shipped = { 0 };

	if (mailtemplate_render_from(t, part, ORIGIN_EDITED, sample, &out,
				     &edited) < 0)
		say(r, edited.text);
	if (mailtemplate_render_from(t, part, ORIGIN_SHIPPED, sample, &out,
				     &shipped) < 0 &&
	    strcmp(edited.text, shipped.text) != 0)
		say(r, shipped.text);
	buf_release(&out);
}

size_t mailtemplate_check(const struct mailtemplate *t,
			  struct json_object *sample,
			  void (*report)(void *arg, const char *sentence),
			  void *arg)
{
	struct reporter r = { report, arg, 0 };

	if (t->text.broken)
		say(&r, t->text.broken);
	if (t->html.broken)
		say(&r, t->html.broken);
	if (sample) {
		check_part(t, MAILTEMPLATE_SUBJECT, sample, &r);
		check_part(t, MAILTEMPLATE_TEXT, sample, &r);
		check_part(t, MAILTEMPLATE_HTML, sample, &r);
	}
	return r.count;
}

size_t mailtemplates_check(struct mailtemplates *set,
			   const struct mailsample *samples,
			   void (*report)(void *arg, const char *sentence),
			   void *arg)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct mailtemplate *t = set->items[i];
		struct json_object *sample =
			mailsample_of(samples, t->language, t->name);

		count += mailtemplate_check(t, sample, report, arg);
		json_object_put(sample);
	}
	return count;
}

/* ---- what there is ------------------------------------------------------- */

const struct mailtemplate *mailtemplates_at(const struct mailtemplates *set,
					    size_t i)
{
	return i < set->count ? set->items[i] : NULL;
}

static struct mailtemplate_file file_of(const struct mailtemplate_form *form)
{
	return (struct mailtemplate_file){
		.shipped = form->sources[ORIGIN_SHIPPED].body != NULL,
		.edited = form->sources[ORIGIN_EDITED].body != NULL,
		.broken = form->broken,
	};
}

struct mailtemplate_about mailtemplate_about(const struct mailtemplate *t)
{
	return (struct mailtemplate_about){
		.language = t->language,
		.name = t->name,
		.text = file_of(&t->text),
		.html = file_of(&t->html),
		.is_partial = t->name[0] == '_',
		.is_whole = mailtemplate_has_text(t),
	};
}

int mailtemplate_preview(const struct mailtemplate *t,
			 enum mailtemplate_part part,
			 struct json_object *data, struct buf *out,
			 struct fault *why)
{
	struct fault broken;
	int rc = mailtemplate_render_from(t, part, ORIGIN_EDITED, data, out,
					  &broken);

	return rc < 0 ? mailtemplate_render_from(t, part, ORIGIN_SHIPPED, data,
						 out, why) : rc;
}
