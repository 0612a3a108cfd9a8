/* SPDX-License-Identifier: MIT */
/* Loads the catalogues, the shipped and the sysadmin's. */
#include "config.h"

#include "text/lang_impl.h"

#include "base/alloc.h"
#include "base/str.h"
#include "daemon/alert.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int is_catalogue(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       str_ends_with(entry->d_name, ".json");
}

/* Code points, so that the order is the same everywhere. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int by_tag(const void *a, const void *b)
{
	const struct lang *left = a;
	const struct lang *right = b;

	return strcmp(left->catalogue.tag, right->catalogue.tag);
}

static void lang_release(struct lang *l)
{
	catalogue_release(&l->catalogue);
	free(l->shipped);
	free(l->edited);
	free(l->broken);
	*l = (struct lang){ .broken = NULL };
}

static struct lang *add(struct lang_set *set)
{
	size_t all = set->count + set->broken_count;

	set->langs = alloc_resize(set->langs, all + 1, sizeof(*set->langs));
	set->langs[all] = (struct lang){ .broken = NULL };
	return &set->langs[all];
}

static struct lang *of_tag(const struct lang_set *set, const char *tag)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->langs[i].catalogue.tag, tag) == 0)
			return &set->langs[i];
	return NULL;
}

/* Takes path, which is the set's then. */
typedef int (*file_load)(struct lang_set *set, char *path, const char *tag,
			 struct fault *why);

static int shipped_load(struct lang_set *set, char *path, const char *tag,
			struct fault *why)
{
	struct lang *l = add(set);

	l->shipped = path;
	if (catalogue_load(&l->catalogue, path, tag, why) < 0) {
		lang_release(l);
		return -1;
	}
	set->count++;
	return 0;
}

/* What is wrong in it never stops the others. */
static int edited_load(struct lang_set *set, char *path, const char *tag,
		       struct fault *why)
{
	struct lang *l = of_tag(set, tag);
	bool added = !l;
	int rc;

	if (added) {
		l = add(set);
		rc = catalogue_load(&l->catalogue, path, tag, why);
	} else {
		rc = catalogue_lay_over(&l->catalogue, path, why);
	}
	l->edited = path;
	if (rc < 0)
		l->broken = alloc_text(why->text);
	if (!added)
		return 0;
	if (rc < 0) {
		set->broken_count++;
	} else {
		/* Those that cannot be used stay behind. */
		struct lang *first = &set->langs[set->count++];
		struct lang here = *l;

		*l = *first;
		*first = here;
	}
	return 0;
}

static int dir_load(struct lang_set *set, const char *dir, file_load load,
		    bool must_be_there, struct fault *why)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_catalogue, by_name);
	int rc = 0;

	if (n < 0 && !must_be_there && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (n < 0)
		return fault_set_errno(why, FAULT_CONFIG, errno, "%s", dir);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char *tag = alloc_textn(name, strlen(name) - strlen(".json"));

		if (rc == 0)
			rc = load(set, alloc_printf("%s/%s", dir, name), tag,
				  why);
		free(tag);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* The catalogues as they stand in the files; NULL with *why. */
static struct lang_set *load(const char *shipped, const char *edited,
			     const char *fallback, struct fault *why)
{
	struct lang_set *set = alloc_zeroed(1, sizeof(*set));
	const char *broken = NULL;

	if (dir_load(set, shipped, shipped_load, true, why) < 0 ||
	    (edited && *edited &&
	     dir_load(set, edited, edited_load, false, why) < 0))
		goto fail;
	if (set->count > 0)
		qsort(set->langs, set->count, sizeof(*set->langs), by_tag);
	set->fallback = lang_find(set, fallback);
	if (set->fallback)
		return set;
	for (size_t i = 0; i < set->broken_count; i++)
		broken = set->langs[set->count + i].broken;
	(void)fault_set(why, FAULT_CONFIG, "%s: there is no catalogue for "
			"\"%s\"%s%s", shipped, fallback,
			broken ? "; " : "", broken ? broken : "");
fail:
	lang_set_free(set);
	return NULL;
}

struct lang_set *lang_set_new(const char *shipped, const char *edited,
			      const char *fallback, struct fault *why)
{
	struct lang_set *set = load(shipped, edited, fallback, why);
	const struct lang *reference;

	if (!set)
		return NULL;
	reference = of_tag(set, LANG_REFERENCE);
	if (reference)
		catalogue_fill_in(set->fallback->catalogue.json,
				  reference->catalogue.json);
	for (size_t i = 0; i < set->count; i++)
		if (&set->langs[i] != set->fallback)
			catalogue_fill_in(set->langs[i].catalogue.json,
					  set->fallback->catalogue.json);
	return set;
}

struct lang_set *lang_set_raw(const char *shipped, const char *edited,
			      const char *fallback, struct fault *why)
{
	return load(shipped, edited, fallback, why);
}

void lang_set_free(struct lang_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count + set->broken_count; i++)
		lang_release(&set->langs[i]);
	free(set->langs);
	free(set);
}

void lang_set_alert(const struct lang_set *set)
{
	for (size_t i = 0; i < set->count + set->broken_count; i++) {
		const struct lang *l = &set->langs[i];
		char *key;

		if (!l->broken)
			continue;
		key = alloc_printf("catalogue-broken:%s",
				   strrchr(l->edited, '/') + 1);
		alert_raise_once(key, "ignored catalogue: %s", l->broken);
		free(key);
	}
}
