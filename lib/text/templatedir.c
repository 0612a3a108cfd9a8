/* SPDX-License-Identifier: MIT */
/* Looks for files among your templates that maild would never read. */
#include "config.h"

#include "text/templatedir.h"

#include "base/alloc.h"
#include "base/str.h"
#include "text/templatefile.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct reporter {
	void (*report)(void *arg, const char *sentence);
	void *arg;
	size_t count;
};

static void say(struct reporter *r, const char *path, const char *why)
{
	char *sentence = alloc_printf("%s: ignored: %s", path, why);

	r->report(r->arg, sentence);
	r->count++;
	free(sentence);
}

static bool is_passed_over(const char *name)
{
	static const char *const ends[] = {
		"~", ".bak", ".orig", ".rej", ".swp", ".md", ".dpkg-old",
		".dpkg-new", ".dpkg-dist", ".rpmsave", ".rpmnew",
	};

	if (name[0] == '.' || str_starts_with(name, "README") ||
	    strcmp(name, "sample.json") == 0 ||
	    strcmp(name, TEMPLATEFILE_PAGES) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(ends); i++)
		if (str_ends_with(name, ends[i]))
			return true;
	return false;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* An HTML part is sent beside a text, which may be the shipped one. */
static bool has_text(const char *shipped, const char *dir, const char *name)
{
	int stem = (int)(strlen(name) - strlen(".html"));
	const char *slash = strrchr(dir, '/');
	char *own = alloc_printf("%s/%.*s.txt", dir, stem, name);
	char *ours = alloc_printf("%s%s/%.*s.txt", shipped, slash, stem, name);
	bool found = access(own, F_OK) == 0 || access(ours, F_OK) == 0;

	free(own);
	free(ours);
	return found;
}

static void file_check(struct reporter *r, const char *shipped,
		       const char *dir, const char *path, const char *name)
{
	bool html = str_ends_with(name, ".html");

	if (is_dir(path))
		say(r, path, "a folder within a language");
	else if (!html && !str_ends_with(name, ".txt"))
		say(r, path, "the name ends neither in .txt nor in .html");
	else if (html && name[0] != '_' && !has_text(shipped, dir, name))
		say(r, path, "there is no .txt of that name");
}

static void entry_check(struct reporter *r, const char *path,
			const char *name)
{
	if (!is_dir(path))
		say(r, path, "not in the folder of a language, such as fr");
	else if (!templatefile_is_language(name))
		say(r, path, "its name is not that of a language, such as fr");
}

/* Looks at dir, or with a language at its folder in dir. */
static void dir_check(struct reporter *r, const char *shipped,
		      const char *dir, bool is_language)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char *path = alloc_printf("%s/%s", dir, name);

		if (is_passed_over(name))
			;
		else if (is_language)
			file_check(r, shipped, dir, path, name);
		else
			entry_check(r, path, name);
		if (!is_language && !is_passed_over(name) && is_dir(path) &&
		    templatefile_is_language(name))
			dir_check(r, shipped, path, true);
		free(path);
		free(entries[i]);
	}
	free(entries);
}

size_t templatedir_check(const char *dir, const char *shipped,
			 void (*report)(void *arg, const char *sentence),
			 void *arg)
{
	struct reporter r = { report, arg, 0 };

	if (dir && dir[0])
		dir_check(&r, shipped, dir, false);
	return r.count;
}
