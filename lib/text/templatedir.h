/* SPDX-License-Identifier: MIT */
/* Looks for files among your templates that maild would never read. */
#ifndef TEXT_TEMPLATEDIR_H
#define TEXT_TEMPLATEDIR_H

#include "text/reporter.h"

/*
 * Reports, a sentence each, the files and folders in dir that are no templates:
 * misplaced, of an unknown suffix, an HTML part without a text there or in
 * shipped.  What editors and packages leave behind (hidden, "~", ".bak",
 * ".dpkg-old", README), sample.json and the pages' folder are passed over.  A
 * directory that is not there has none.
 */
void templatedir_check(const char *dir, const char *shipped,
		       struct reporter *r);

#endif
