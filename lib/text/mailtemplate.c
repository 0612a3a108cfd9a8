/* SPDX-License-Identifier: MIT */
/* Chooses and renders mail templates. */
#include "config.h"

#include "text/mailtemplate_impl.h"

#include "base/alloc.h"
#include "daemon/alert.h"
#include "text/mustache.h"

#include <stdio.h>
#include <string.h>

struct mailtemplate *mailtemplate_named(const struct mailtemplates *set,
					const char *language, size_t len,
					const char *name)
{
	for (size_t i = 0; i < set->count; i++) {
		struct mailtemplate *t = set->items[i];

		if (strncmp(t->language, language, len) == 0 &&
		    t->language[len] == '\0' &&
		    strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

char *mailtemplate_key(const struct mailtemplate *t, bool html)
{
	return alloc_printf("template-broken:%s/%s.%s", t->language, t->name,
			    html ? "html" : "txt");
}

bool mailtemplate_has_text(const struct mailtemplate *t)
{
	return t && (t->text.sources[ORIGIN_SHIPPED].body ||
		     t->text.sources[ORIGIN_EDITED].body);
}

struct mailtemplate *mailtemplates_find(struct mailtemplates *set,
					const char *kind, const char *locale,
					const char *fallback)
{
	const char *const languages[] = { locale, locale, fallback };
	const size_t lens[] = { strlen(locale), strcspn(locale, "-"),
				strlen(fallback) };

	if (kind[0] == '_')
		return NULL;
	for (size_t i = 0; i < ARRAY_COUNT(languages); i++) {
		struct mailtemplate *t = mailtemplate_named(
			set, languages[i], lens[i], kind);

		if (mailtemplate_has_text(t))
			return t;
	}
	return NULL;
}

bool mailtemplates_have_language(const struct mailtemplates *set,
				 const char *language)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct mailtemplate *t = set->items[i];

		if (t->name[0] != '_' && mailtemplate_has_text(t) &&
		    strcmp(t->language, language) == 0)
			return true;
	}
	return false;
}

const char *mailtemplate_language(const struct mailtemplate *t)
{
	return t->language;
}

/* The edited one if it is preferred, or else what there is. */
static const struct templatefile *choose(const struct mailtemplate_form *form,
					 enum mailtemplate_origin preferred)
{
	enum mailtemplate_origin other = preferred == ORIGIN_SHIPPED ? ORIGIN_EDITED :
							  ORIGIN_SHIPPED;

	return form->sources[preferred].body ? &form->sources[preferred] :
					       &form->sources[other];
}

/* Which partials a rendering takes. */
struct wish {
	const struct mailtemplate *t;
	enum mailtemplate_origin preferred;
	bool html;
};

static const struct mustache *partial_find(void *arg, const char *name)
{
	const struct wish *wish = arg;
	char partial[MAILTEMPLATE_NAME_MAX + 2];
	const struct mailtemplate *t;
	int len = snprintf(partial, sizeof(partial), "_%s", name);

	if (len < 0 || (size_t)len >= sizeof(partial))
		return NULL;
	t = mailtemplate_named(wish->t->set, wish->t->language,
			       strlen(wish->t->language), partial);
	return t ? choose(wish->html ? &t->html : &t->text,
			  wish->preferred)->body : NULL;
}

int mailtemplate_render_from(const struct mailtemplate *t,
			     enum mailtemplate_part part,
			     enum mailtemplate_origin preferred,
			     struct json_object *data, struct buf *out,
			     struct fault *why)
{
	struct wish wish = { t, preferred, part == MAILTEMPLATE_HTML };
	const struct templatefile *file = choose(wish.html ? &t->html :
							     &t->text,
						 preferred);
	const struct mustache *m = part == MAILTEMPLATE_SUBJECT ?
		file->subject : file->body;
	size_t before = out->len;

	if (!m)
		return 0;
	if (mustache_render(m, data, partial_find, &wish, out, why) == 0)
		return 1;
	buf_truncate(out, before);
	return -1;
}

int mailtemplate_render(struct mailtemplate *t, enum mailtemplate_part part,
			struct json_object *data, struct buf *out,
			struct fault *why)
{
	struct mailtemplate_form *form = part == MAILTEMPLATE_HTML ? &t->html : &t->text;
	struct fault broken = { 0 };
	int rc = mailtemplate_render_from(t, part, ORIGIN_EDITED, data, out,
					  &broken);

	if (rc >= 0)
		return rc;
	rc = mailtemplate_render_from(t, part, ORIGIN_SHIPPED, data, out, why);
	if (rc > 0 && !form->alerted) {
		char *key = mailtemplate_key(t, form == &t->html);

		alert_raise_once(key, "left edited template: %s", broken.text);
		form->alerted = true;
		free(key);
	}
	return rc;
}

static void form_alert(const struct mailtemplate *t,
		       const struct mailtemplate_form *form)
{
	char *key;

	if (!form->broken)
		return;
	key = mailtemplate_key(t, form == &t->html);
	alert_raise_once(key, "ignored edited template: %s", form->broken);
	free(key);
}

void mailtemplates_alert(const struct mailtemplates *set)
{
	for (size_t i = 0; i < set->count; i++) {
		form_alert(set->items[i], &set->items[i]->text);
		form_alert(set->items[i], &set->items[i]->html);
	}
}
