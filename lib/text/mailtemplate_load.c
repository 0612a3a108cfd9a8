/* SPDX-License-Identifier: MIT */
/* Loads mail templates, the shipped and the edited ones. */
#include "config.h"

#include "text/mailtemplate_impl.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>

static struct mailtemplate *find_or_add(struct mailtemplates *set,
					const char *language, const char *name)
{
	struct mailtemplate *t = mailtemplate_named(set, language,
						    strlen(language), name);

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
static bool file_name_read(const char *file, char name[MAILTEMPLATE_NAME_MAX + 1],
			   bool *html)
{
	const char *suffix = strrchr(file, '.');

	if (!suffix || file[0] == '.')
		return false;
	*html = strcmp(suffix, ".html") == 0;
	if ((!*html && strcmp(suffix, ".txt") != 0) ||
	    suffix - file > MAILTEMPLATE_NAME_MAX)
		return false;
	memcpy(name, file, (size_t)(suffix - file));
	name[suffix - file] = '\0';
	return true;
}

static int file_load(struct mailtemplates *set, const char *path,
		     const char *language, enum mailtemplate_origin origin,
		     struct fault *why)
{
	const char *file = strrchr(path, '/') + 1;
	char name[MAILTEMPLATE_NAME_MAX + 1];
	struct mailtemplate *t;
	struct mailtemplate_form *form;
	bool html;

	if (!file_name_read(file, name, &html))
		return 0;
	t = find_or_add(set, language, name);
	form = html ? &t->html : &t->text;
	if (templatefile_load(&form->sources[origin], path,
			      html ? TEMPLATEFILE_HTML :
			      name[0] == '_' ? TEMPLATEFILE_TEXT :
					       TEMPLATEFILE_MAIL, why) == 0)
		return 0;
	if (origin == ORIGIN_SHIPPED)
		return -1;
	free(form->broken);
	form->broken = alloc_text(why->text);
	return 0;
}

/* Calls each entry of dir, but those that begin with a dot, with its path. */
typedef int (*entry_load)(struct mailtemplates *set, const char *path,
			  const char *language, enum mailtemplate_origin origin,
			  struct fault *why);

static int dir_load(struct mailtemplates *set, const char *dir,
		    const char *language, enum mailtemplate_origin origin, entry_load each,
		    struct fault *why)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, NULL, alphasort);
	int rc = 0;

	if (n < 0 && (errno == ENOTDIR || (errno == ENOENT &&
					   origin == ORIGIN_EDITED)))
		return 0;
	if (n < 0)
		return fault_set_errno(why, FAULT_CONFIG, errno, "%s", dir);
	for (int i = 0; i < n; i++) {
		char *path = alloc_printf("%s/%s", dir, entries[i]->d_name);

		if (rc == 0 && entries[i]->d_name[0] != '.')
			rc = each(set, path, language, origin, why);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* Other entries than languages, as sample.json, are passed over. */
static int language_load(struct mailtemplates *set, const char *path,
			 const char *language, enum mailtemplate_origin origin,
			 struct fault *why)
{
	language = strrchr(path, '/') + 1;
	if (!templatefile_is_language(language))
		return 0;
	return dir_load(set, path, language, origin, file_load, why);
}

struct mailtemplates *mailtemplates_new(const char *shipped,
					const char *edited, struct fault *why)
{
	struct mailtemplates *set = alloc_zeroed(1, sizeof(*set));
	struct fault local;

	if (!why)
		why = &local;
	if (dir_load(set, shipped, NULL, ORIGIN_SHIPPED, language_load,
		     why) == 0 &&
	    (!edited || !*edited ||
	     dir_load(set, edited, NULL, ORIGIN_EDITED, language_load,
		      why) == 0))
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
