/* SPDX-License-Identifier: MIT */
/* Loads, chooses, renders and checks mail templates. */
#include "config.h"

#include "text/mailtemplate.h"

#include "base/alloc.h"
#include "base/dir.h"
#include "daemon/alert.h"
#include "text/mailsample.h"
#include "text/mustache.h"
#include "text/templatefile.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 64	/* bytes of a kind */

enum origin { ORIGIN_SHIPPED, ORIGIN_EDITED, ORIGIN_COUNT };

/* One kind or partial in one language, as text or as HTML. */
struct form {
	struct templatefile sources[ORIGIN_COUNT];
	char *broken;		/* why the edited file is not used, or NULL */
	bool alerted;		/* its failure was told */
};

struct mailtemplate {
	struct mailtemplates *set;
	char *language;
	char *name;		/* the kind, or '_' and a partial's */
	struct form text;
	struct form html;
};

struct mailtemplates {
	struct mailtemplate **items;
	size_t count;
};

/* The template of a name, of the first len bytes of language; or NULL. */
static struct mailtemplate *named(const struct mailtemplates *set,
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

/* The key of an alert about one file; the caller frees it. */
static char *alert_key(const struct mailtemplate *t, bool html)
{
	return alloc_printf("template-broken:%s/%s.%s", t->language, t->name,
			    html ? "html" : "txt");
}

/* Can it be sent: has it a text? */
static bool has_text(const struct mailtemplate *t)
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
		struct mailtemplate *t = named(set, languages[i], lens[i],
					       kind);

		if (has_text(t))
			return t;
	}
	return NULL;
}

bool mailtemplates_have_language(const struct mailtemplates *set,
				 const char *language)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct mailtemplate *t = set->items[i];

		if (t->name[0] != '_' && has_text(t) &&
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
static const struct templatefile *choose(const struct form *form,
					 enum origin preferred)
{
	enum origin other = preferred == ORIGIN_SHIPPED ? ORIGIN_EDITED
							: ORIGIN_SHIPPED;

	return form->sources[preferred].body ? &form->sources[preferred] :
					       &form->sources[other];
}

/* What is rendered, and the files that it takes if they are there. */
struct wish {
	const struct mailtemplate *t;
	const struct mailtemplate_fill *fill;
	enum origin preferred;
};

static const struct form *form_of(const struct mailtemplate *t,
				  enum mailtemplate_part part)
{
	return part == MAILTEMPLATE_HTML ? &t->html : &t->text;
}

static const struct mustache *partial_find(const void *arg, const char *name)
{
	const struct wish *wish = arg;
	char partial[NAME_MAX_BYTES + 2];
	const struct mailtemplate *t;
	int len = snprintf(partial, sizeof(partial), "_%s", name);

	if (len < 0 || (size_t)len >= sizeof(partial))
		return NULL;
	t = named(wish->t->set, wish->t->language,
		  strlen(wish->t->language), partial);
	return t ? choose(form_of(t, wish->fill->part),
			  wish->preferred)->body : NULL;
}

/* mailtemplate_render() from the files of one origin, as far as there are:
 * without another try, and without an alert. */
static int render_from(const struct wish *wish, struct buf *out,
		       struct fault *why)
{
	const struct mustache_view view = { wish->fill->data, partial_find,
					    wish };
	enum mailtemplate_part part = wish->fill->part;
	const struct templatefile *file = choose(form_of(wish->t, part),
						 wish->preferred);
	const struct mustache *m = part == MAILTEMPLATE_SUBJECT ?
		file->subject : file->body;
	size_t before = out->len;

	if (!m)
		return 0;
	if (mustache_render(m, &view, out, why) == 0)
		return 1;
	buf_truncate(out, before);
	return -1;
}

int mailtemplate_render(struct mailtemplate *t,
			const struct mailtemplate_fill *fill, struct buf *out,
			struct fault *why)
{
	struct form *form = fill->part == MAILTEMPLATE_HTML ? &t->html
							    : &t->text;
	struct wish wish = { t, fill, ORIGIN_EDITED };
	struct fault broken = { 0 };
	int rc = render_from(&wish, out, &broken);

	if (rc >= 0)
		return rc;
	wish.preferred = ORIGIN_SHIPPED;
	rc = render_from(&wish, out, why);
	if (rc > 0 && !form->alerted) {
		char *key = alert_key(t, form == &t->html);

		alert_raise_once(key, "left edited template: %s", broken.text);
		form->alerted = true;
		free(key);
	}
	return rc;
}

static void form_alert(const struct mailtemplate *t,
		       const struct form *form)
{
	char *key;

	if (!form->broken)
		return;
	key = alert_key(t, form == &t->html);
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

static struct mailtemplate *find_or_add(struct mailtemplates *set,
					const char *language, const char *name)
{
	struct mailtemplate *t = named(set, language, strlen(language), name);

	if (t)
		return t;
	t = alloc_zeroed(1, sizeof(*t));
	t->set = set;
	t->language = alloc_text(language);
	t->name = alloc_text(name);
	set->items = alloc_resize(set->items, set->count + 1,
				  sizeof(struct mailtemplate *));
	set->items[set->count++] = t;
	return t;
}

/* Reads "booking.confirmed.html" into name and html; false if it is no
 * template's name. */
static bool file_name_read(const char *file, char name[NAME_MAX_BYTES + 1],
			   bool *html)
{
	const char *suffix = strrchr(file, '.');

	if (!suffix || file[0] == '.')
		return false;
	*html = strcmp(suffix, ".html") == 0;
	if ((!*html && strcmp(suffix, ".txt") != 0) ||
	    suffix - file > NAME_MAX_BYTES)
		return false;
	memcpy(name, file, (size_t)(suffix - file));
	name[suffix - file] = '\0';
	return true;
}

/* One folder's files. */
struct walk {
	struct mailtemplates *set;
	enum origin origin;
	const char *language;	/* NULL: its folders are those of languages */
};

static int file_load(void *arg, const char *path, const char *file,
		     struct fault *why)
{
	const struct walk *w = arg;
	char name[NAME_MAX_BYTES + 1];
	struct mailtemplate *t;
	struct form *form;
	bool html;

	if (!file_name_read(file, name, &html))
		return 0;
	t = find_or_add(w->set, w->language, name);
	form = html ? &t->html : &t->text;
	if (templatefile_load(&form->sources[w->origin], path,
			      html ? TEMPLATEFILE_HTML :
			      name[0] == '_' ? TEMPLATEFILE_TEXT :
					       TEMPLATEFILE_MAIL, why) == 0)
		return 0;
	if (w->origin == ORIGIN_SHIPPED)
		return -1;
	free(form->broken);
	form->broken = alloc_text(why->text);
	return 0;
}

/* Other entries than languages, as sample.json, are passed over. */
static int language_load(void *arg, const char *path, const char *name,
			 struct fault *why)
{
	struct walk w = *(const struct walk *)arg;

	w.language = name;
	return templatefile_is_language(name) ?
		dir_each_if_any(path, file_load, &w, why) : 0;
}

struct mailtemplates *mailtemplates_new(const char *shipped,
					const char *edited, struct fault *why)
{
	struct mailtemplates *set = alloc_zeroed(1, sizeof(*set));
	struct walk ours = { set, ORIGIN_SHIPPED, NULL };
	struct walk theirs = { set, ORIGIN_EDITED, NULL };
	struct fault local;

	if (!why)
		why = &local;
	if (dir_each(shipped, language_load, &ours, why) == 0 &&
	    (!edited || !*edited ||
	     dir_each_if_any(edited, language_load, &theirs, why) == 0))
		return set;
	why->class = FAULT_CONFIG;
	mailtemplates_free(set);
	return NULL;
}

void mailtemplates_free(struct mailtemplates *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++) {
		struct mailtemplate *t = set->items[i];

		for (int origin = 0; origin < ORIGIN_COUNT; origin++) {
			templatefile_release(&t->text.sources[origin]);
			templatefile_release(&t->html.sources[origin]);
		}
		free(t->text.broken);
		free(t->html.broken);
		free(t->language);
		free(t->name);
		free(t);
	}
	free(set->items);
	free(set);
}

static void check_part(const struct mailtemplate *t,
		       enum mailtemplate_part part,
		       struct json_object *sample, struct reporter *r)
{
	const struct mailtemplate_fill fill = { part, sample };
	struct wish wish = { t, &fill, ORIGIN_EDITED };
	struct buf out = BUF_INIT;
	struct fault edited = { 0 };
	struct fault shipped = { 0 };

	if (render_from(&wish, &out, &edited) < 0)
		reporter_say(r, edited.text);
	wish.preferred = ORIGIN_SHIPPED;
	if (render_from(&wish, &out, &shipped) < 0 &&
	    strcmp(edited.text, shipped.text) != 0)
		reporter_say(r, shipped.text);
	buf_release(&out);
}

void mailtemplate_check(const struct mailtemplate *t,
			struct json_object *sample, struct reporter *r)
{
	if (t->text.broken)
		reporter_say(r, t->text.broken);
	if (t->html.broken)
		reporter_say(r, t->html.broken);
	if (sample) {
		check_part(t, MAILTEMPLATE_SUBJECT, sample, r);
		check_part(t, MAILTEMPLATE_TEXT, sample, r);
		check_part(t, MAILTEMPLATE_HTML, sample, r);
	}
}

void mailtemplates_check(struct mailtemplates *set,
			 const struct mailsample *samples, struct reporter *r)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct mailtemplate *t = set->items[i];
		struct json_object *sample =
			mailsample_of(samples, t->language, t->name);

		mailtemplate_check(t, sample, r);
		json_object_put(sample);
	}
}

/* ---- what there is ------------------------------------------------------- */

const struct mailtemplate *mailtemplates_at(const struct mailtemplates *set,
					    size_t i)
{
	return i < set->count ? set->items[i] : NULL;
}

static struct mailtemplate_file file_of(const struct form *form)
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
		.is_whole = has_text(t),
	};
}

int mailtemplate_preview(const struct mailtemplate *t,
			 const struct mailtemplate_fill *fill, struct buf *out,
			 struct fault *why)
{
	struct wish wish = { t, fill, ORIGIN_EDITED };
	struct fault broken;
	int rc = render_from(&wish, out, &broken);

	wish.preferred = ORIGIN_SHIPPED;
	return rc < 0 ? render_from(&wish, out, why) : rc;
}
