/* SPDX-License-Identifier: MIT */
/* Reads how a command is called, as manuals write it, so that people and the
 * program read the same line. */
#ifndef CLI_SYNOPSIS_H
#define CLI_SYNOPSIS_H

#include <stdbool.h>
#include <stddef.h>

#define CLI_ITEMS_MAX 24
#define CLI_NAME_SIZE 24

/* One option, or one word that is no option. */
struct cli_item {
	char name[CLI_NAME_SIZE];	/* "service" of --service; "ID" */
	char letter;			/* 'l' of "-l | --long"; 0 = none */
	bool is_option;
	bool has_value;
	bool is_required;
	bool is_repeated;		/* "..." stands behind it */
};

/* All zero is one without items. */
struct cli_synopsis {
	struct cli_item items[CLI_ITEMS_MAX];
	size_t count;
};

/*
 * Adds what text names, such as
 *
 *	ID ... | --all [--service SLUG] [-l | --long]
 *
 * The word behind an option is its value.  All is required that stands neither
 * in brackets nor beside a '|', unless this is only one of several ways to
 * call the command.  A text that makes no sense is a bug.
 */
void cli_synopsis_add(struct cli_synopsis *s, const char *text,
		      bool is_only_way);

#endif
