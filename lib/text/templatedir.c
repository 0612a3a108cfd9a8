/* SPDX-License-Identifier: MIT */
/* Looks for files among your templates that maild would never read. */
#include "config.h"

#include "text/templatedir.h"

#include "base/alloc.h"
#include "base/dir.h"
#include "base/str.h"
#include "text/templatefile.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct look {
	const char *shipped;
	struct reporter *reporter;
};

static void say(const struct look *look, const char *path, const char *why)
{
	char *sentence = alloc_printf("%s: ignored: %s", path, why);

	reporter_say(look->reporter, sentence);
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
static bool has_text(const char *shipped, const char *path)
{
	int stem = (int)(strlen(path) - strlen(".html"));
	const char *place = path + stem;
	char *own = alloc_printf("%.*s.txt", stem, path);
	char *ours;
	bool found;

	/* "/fr/booking.confirmed" */
	for (int slashes = 0; slashes < 2;)
		slashes += *--place == '/';
	ours = alloc_printf("%s%.*s.txt", shipped, (int)(path + stem - place),
			    place);
	found = access(own, F_OK) == 0 || access(ours, F_OK) == 0;
	free(own);
	free(ours);
	return found;
}

static int file_check(void *arg, const char *path, const char *name,
		      struct fault *why)
{
	const struct look *look = arg;
	bool html = str_ends_with(name, ".html");

	(void)why;
	if (is_passed_over(name))
		return 0;
	if (is_dir(path))
		say(look, path, "a folder within a language");
	else if (!html && !str_ends_with(name, ".txt"))
		say(look, path, "the name ends neither in .txt nor in .html");
	else if (html && name[0] != '_' && !has_text(look->shipped, path))
		say(look, path, "there is no .txt of that name");
	return 0;
}

static int entry_check(void *arg, const char *path, const char *name,
		       struct fault *why)
{
	if (is_passed_over(name))
		return 0;
	if (!is_dir(path))
		say(arg, path, "not in the folder of a language, such as fr");
	else if (!templatefile_is_language(name))
		say(arg, path,
		    "its name is not that of a language, such as fr");
	else
		(void)!dir_each(path, file_check, arg, why);
	return 0;
}

void templatedir_check(const char *dir, const char *shipped,
		       struct reporter *r)
{
	struct look look = { shipped, r };
	struct fault ignored;	/* what cannot be read is not looked at */

	if (dir && dir[0])
		(void)!dir_each_if_any(dir, entry_check, &look, &ignored);
}
