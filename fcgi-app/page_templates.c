/* SPDX-License-Identifier: MIT */
/* Loads and checks the page templates. */
#include "config.h"

#include "page_templates.h"

#include "alloc.h"
#include "buf.h"
#include "mustache.h"
#include "str.h"

#include <dirent.h>
#include <errno.h>

#define TEMPLATE_BYTES_MAX 262144
#define PARTIAL "{{>"

struct page_template {
	char *name;		/* "form", without ".html" */
	char *path;
	struct buf text;	/* kept for the check of partials */
	struct mustache *compiled;
};

struct page_templates {
	struct page_template *list;
	size_t count;
};

static int is_template(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       str_ends_with(entry->d_name, ".html");
}

static int load_one(struct page_template *t, const char *dir,
		    const char *file, struct fault *why)
{
	buf_init(&t->text);
	t->name = alloc_textn(file, strlen(file) - strlen(".html"));
	t->path = alloc_printf("%s/%s", dir, file);
	if (buf_add_file(&t->text, t->path, TEMPLATE_BYTES_MAX) < 0)
		return fault_set_errno(why, FAULT_CONFIG, errno, "%s",
				       t->path);
	t->compiled = mustache_new(t->path, t->text.data, t->text.len,
				   MUSTACHE_HTML, why);
	if (t->compiled == NULL)
		return fault_set(why, FAULT_CONFIG, "%s", why->text);
	return 0;
}

/* A name that is not known would only show when the page is asked for. */
static int check_partials(struct page_templates *set,
			  const struct page_template *t, struct fault *why)
{
	const char *at = t->text.data;

	while ((at = strstr(at, PARTIAL)) != NULL) {
		int line = 1;
		size_t skip = strlen(PARTIAL);

		for (const char *p = t->text.data; p < at; p++)
			line += *p == '\n';
		at += skip + strspn(at + skip, " ");
		char *name = alloc_textn(at, strcspn(at, " }"));
		int known = page_templates_find(set, name) != NULL;

		if (!known)
			(void)fault_set(why, FAULT_CONFIG,
					"%s:%d: there is no template \"%s\"",
					t->path, line, name);
		free(name);
		if (!known)
			return -1;
	}
	return 0;
}

struct page_templates *page_templates_new(const char *dir, struct fault *why)
{
	struct page_templates *set = NULL;
	struct dirent **entries = NULL;
	int result = 0;
	int n = scandir(dir, &entries, is_template, alphasort);

	if (n < 0) {
		(void)fault_set_errno(why, FAULT_CONFIG, errno, "%s", dir);
		return NULL;
	}
	set = alloc_zeroed(1, sizeof(*set));
	set->list = alloc_zeroed((size_t)n + 1, sizeof(*set->list));
	for (int i = 0; i < n; i++) {
		if (result == 0)
			result = load_one(&set->list[set->count++], dir,
					  entries[i]->d_name, why);
		free(entries[i]);
	}
	free(entries);
	for (size_t i = 0; i < set->count && result == 0; i++)
		result = check_partials(set, &set->list[i], why);
	if (result == 0)
		return set;
	page_templates_free(set);
	return NULL;
}

void page_templates_free(struct page_templates *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++) {
		free(set->list[i].name);
		free(set->list[i].path);
		buf_release(&set->list[i].text);
		mustache_free(set->list[i].compiled);
	}
	free(set->list);
	free(set);
}

const struct mustache *page_templates_find(void *arg, const char *name)
{
	const struct page_templates *set = arg;

	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->list[i].name, name) == 0)
			return set->list[i].compiled;
	return NULL;
}
