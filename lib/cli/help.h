/* SPDX-License-Identifier: MIT */
/* The help of a program of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/table.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints all commands with their summaries. */
void cli_help(const struct cli *cli, FILE *out);

/* Prints the ways to call the command of that name, or those that begin with
 * that word, with their summaries on demand.  Returns how many. */
int cli_usage(const struct cli *cli, const char *name, bool has_summary,
	      FILE *out);

/* For those who check manuals and make completions: prints "= " and the common
 * options, "=NAME words" for each value, and the ways to call commands. */
void cli_table_print(const struct cli *cli);

#endif
