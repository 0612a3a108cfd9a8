/* SPDX-License-Identifier: MIT */
/* Walks through a directory. */
#include "config.h"

#include "base/dir.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Not alphasort(): the order is the same in every locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int dir_each(const char *dir, dir_entry *each, void *arg, struct fault *why)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, NULL, by_bytes);
	int result = 0;

	if (count == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "%s", dir);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (result == 0 && name[0] != '.') {
			char *path = alloc_printf("%s/%s", dir, name);

			result = each(arg, path, name, why);
			free(path);
		}
		free(entries[i]);
	}
	free(entries);
	return result;
}

int dir_each_if_any(const char *dir, dir_entry *each, void *arg,
		    struct fault *why)
{
	struct stat st;

	if (stat(dir, &st) == -1 ? errno == ENOENT || errno == ENOTDIR :
				   !S_ISDIR(st.st_mode))
		return 0;
	return dir_each(dir, each, arg, why);
}
