/* SPDX-License-Identifier: MIT */
/* Loads, checks and renders the pages' templates. */
#include "config.h"

#include "site/templates.h"

#include "base/alloc.h"
#include "base/dir.h"
#include "base/str.h"
#include "daemon/alert.h"
#include "text/mustache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEMPLATE_BYTES_MAX 262144
#define PARTIAL "{{>"
#define SUFFIX ".html"

struct source {
	char *path;		/* NULL = there is no such file */
	struct buf text;	/* kept for the check of partials */
	struct mustache *compiled;
	char *broken;		/* why it is not used */
};

struct page_template {
	char *name;		/* "form", without ".html" */
	struct source shipped;
	struct source edited;
};

struct page_templates {
	struct page_template **list;
	size_t count;
};

static struct page_template *find(const struct page_templates *set,
				  const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->list[i]->name, name) == 0)
			return set->list[i];
	return NULL;
}

static struct page_template *find_or_add(struct page_templates *set,
					 const char *file)
{
	char *name = alloc_textn(file, strlen(file) - strlen(SUFFIX));
	struct page_template *t = find(set, name);

	if (t != NULL) {
		free(name);
		return t;
	}
	t = alloc_zeroed(1, sizeof(*t));
	t->name = name;
	buf_init(&t->shipped.text);
	buf_init(&t->edited.text);
	set->list = alloc_resize(set->list, set->count + 1,
				 sizeof(struct page_template *));
	set->list[set->count++] = t;
	return t;
}

/* ---- loading ------------------------------------------------------------- */

static int source_load(struct source *s, const char *path, struct fault *why)
{
	struct mustache_source source = { .name = path, .form = MUSTACHE_HTML };

	s->path = alloc_text(path);
	if (buf_add_file(&s->text, s->path, TEMPLATE_BYTES_MAX) < 0)
		return fault_set_errno(why, FAULT_CONFIG, errno, "%s",
				       s->path);
	if (!str_is_utf8(s->text.data, s->text.len))
		return fault_set(why, FAULT_CONFIG, "%s:1: this is not UTF-8",
				 s->path);
	source.text = s->text.data;
	source.len = s->text.len;
	s->compiled = mustache_new(&source, why);
	if (s->compiled != NULL)
		return 0;
	why->class = FAULT_CONFIG;
	return -1;
}

static void source_break(struct source *s, const struct fault *why)
{
	mustache_free(s->compiled);
	s->compiled = NULL;
	free(s->broken);
	s->broken = alloc_text(why->text);
}

static void source_release(struct source *s)
{
	free(s->path);
	free(s->broken);
	buf_release(&s->text);
	mustache_free(s->compiled);
}

static int shipped_load(void *arg, const char *path, const char *file,
			struct fault *why)
{
	return !str_ends_with(file, SUFFIX) ? 0 :
		source_load(&find_or_add(arg, file)->shipped, path, why);
}

static int edited_load(void *arg, const char *path, const char *file,
		       struct fault *why)
{
	struct source *s;

	if (!str_ends_with(file, SUFFIX))
		return 0;
	s = &find_or_add(arg, file)->edited;
	if (source_load(s, path, why) < 0)
		source_break(s, why);
	return 0;
}

/* The name that a partial's tag at *at gives, and *at behind it; NULL when
 * there is none any more.  The caller frees it. */
static char *next_partial(const char **at)
{
	const char *tag = strstr(*at, PARTIAL);

	if (tag == NULL)
		return NULL;
	tag += strlen(PARTIAL);
	tag += strspn(tag, " ");
	*at = tag;
	return alloc_textn(tag, strcspn(tag, " }"));
}

/* A name that is not known would only show when the page is asked for. */
static int check_partials(const struct page_templates *set,
			  const struct source *s, bool edited,
			  struct fault *why)
{
	const char *at = s->text.data;
	char *name;

	while ((name = next_partial(&at)) != NULL) {
		const struct page_template *t = find(set, name);
		int line = 1;
		bool known = t != NULL && (t->shipped.compiled != NULL ||
					   (edited &&
					    t->edited.compiled != NULL));

		for (const char *p = s->text.data; p < at; p++)
			line += *p == '\n';
		if (!known)
			(void)fault_set(why, FAULT_CONFIG,
					"%s:%d: there is no template \"%s\"",
					s->path, line, name);
		free(name);
		if (!known)
			return -1;
	}
	return 0;
}

/* One that is broken breaks those that take it in, if there is no other. */
static void check_edited(struct page_templates *set)
{
	struct fault why;
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < set->count; i++) {
			struct source *s = &set->list[i]->edited;

			if (s->compiled == NULL ||
			    check_partials(set, s, true, &why) == 0)
				continue;
			source_break(s, &why);
			again = true;
		}
	}
}

struct page_templates *page_templates_new(const char *shipped,
					  const char *edited,
					  struct fault *why)
{
	struct page_templates *set = alloc_zeroed(1, sizeof(*set));
	int result = dir_each(shipped, shipped_load, set, why);

	for (size_t i = 0; i < set->count && result == 0; i++)
		result = check_partials(set, &set->list[i]->shipped, false,
					why);
	if (result == 0 && edited != NULL && *edited != '\0')
		result = dir_each_if_any(edited, edited_load, set, why);
	if (result < 0) {
		page_templates_free(set);
		return NULL;
	}
	check_edited(set);
	return set;
}

void page_templates_free(struct page_templates *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++) {
		free(set->list[i]->name);
		source_release(&set->list[i]->shipped);
		source_release(&set->list[i]->edited);
		free(set->list[i]);
	}
	free(set->list);
	free(set);
}

/* ---- rendering ----------------------------------------------------------- */

static const struct mustache *find_shipped(const void *arg, const char *name)
{
	const struct page_template *t = find(arg, name);

	return t != NULL ? t->shipped.compiled : NULL;
}

static const struct mustache *find_best(const void *arg, const char *name)
{
	const struct page_template *t = find(arg, name);

	if (t == NULL)
		return NULL;
	return t->edited.compiled != NULL ? t->edited.compiled :
					    t->shipped.compiled;
}

static int render(const struct mustache_view *view, const char *name,
		  struct buf *out, struct fault *why)
{
	const struct mustache *m = view->find(view->arg, name);
	size_t before = out->len;

	if (m == NULL)
		return fault_set(why, FAULT_CONFIG, "no such template");
	if (mustache_render(m, view, out, why) == 0)
		return 0;
	buf_truncate(out, before);
	return -1;
}

int page_templates_render(const struct page_templates *set,
			  const struct page_filled *page, struct buf *out,
			  struct fault *why)
{
	const struct mustache_view best = { page->values, find_best, set };
	const struct mustache_view shipped = { page->values, find_shipped,
					       set };
	struct fault broken;
	char *key;

	if (render(&best, page->template, out, &broken) == 0)
		return 0;
	if (render(&shipped, page->template, out, why) < 0)
		return -1;
	key = alloc_printf("page-broken:%s.html", page->template);
	alert_raise_once(key, "left edited page: %s", broken.text);
	free(key);
	return 0;
}

/* ---- what the sysadmin has edited --------------------------------------- */

void page_templates_alert(const struct page_templates *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct page_template *t = set->list[i];
		char *key;

		if (t->edited.broken == NULL)
			continue;
		key = alloc_printf("page-broken:%s.html", t->name);
		alert_raise_once(key, "ignored edited page: %s",
				 t->edited.broken);
		free(key);
	}
}

static bool is_taken_in(const struct page_templates *set, const char *wanted)
{
	for (size_t i = 0; i < set->count; i++) {
		const char *at = set->list[i]->edited.text.data;
		char *name;

		while ((name = next_partial(&at)) != NULL) {
			bool same = strcmp(name, wanted) == 0;

			free(name);
			if (same)
				return true;
		}
	}
	return false;
}

void page_templates_edited(const struct page_templates *set,
			   void (*each)(void *arg,
					const struct page_template_about *a),
			   void *arg)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct page_template *t = set->list[i];
		const struct page_template_about about = {
			.name = t->name,
			.path = t->edited.path,
			.broken = t->edited.broken,
			.is_idle = t->shipped.path == NULL &&
				   !is_taken_in(set, t->name),
		};

		if (t->edited.path != NULL)
			each(arg, &about);
	}
}
