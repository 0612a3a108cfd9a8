/* SPDX-License-Identifier: MIT */
/* Looks for files among your templates that maild would never read. */
#ifndef TEXT_TEMPLATEDIR_H
#define TEXT_TEMPLATEDIR_H

#include "base/compiler.h"

#include <stddef.h>

/*
 * Calls report with a sentence for each file or folder in dir that is no
 * template: misplaced, of an unknown suffix, an HTML part without a text there
 * or in shipped.  What editors and packages leave behind (hidden, "~", ".bak",
 * ".dpkg-old", README), sample.json and the pages' folder are passed over.
 * Returns the number of reports; a directory that is not there has none.
 */
size_t templatedir_check(const char *dir, const char *shipped,
			 void (*report)(void *arg, const char *sentence),
			 void *arg);

#endif
