/* SPDX-License-Identifier: MIT */
/* A program of commands, from one table: what may be typed, what helps, what is
 * refused.  Manuals and bash completion are checked against the same table. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/compiler.h"
#include "base/fault.h"
#include "cli/synopsis.h"
#include "cli/table.h"

#include <stdbool.h>
#include <stddef.h>

/* What was typed; all is borrowed from argv and the table. */
struct cli_call {
	const struct cli *cli;
	const struct cli_command *command;
	const char *conf_path;
	int argc;			/* from the command's name on; not */
	char **argv;			/* always in the order typed */
	struct cli_synopsis synopsis;
	struct cli_given {		/* in the order typed */
		const char *option;
		const char *text;	/* "yes" where it takes no value */
	} *given;
	size_t given_count;
	char **words;			/* no options; NULL ends them */
	int word_count;
};

/* main(): reads argv, runs a command and says what is wrong.  The exit
 * status. */
int cli_main(const struct cli *cli, int argc, char **argv) MUST_USE;

/* The value of an option, the last one if it was given several times, or NULL.
 * An option that no command has is a bug. */
const char *cli_text(const struct cli_call *call, const char *option);

/* Was it given? */
bool cli_flag(const struct cli_call *call, const char *option);

/* Was all written to standard output?  EX_OK, or EX_IOERR with *why; asked
 * after each command anyway. */
int cli_flush(struct fault *why);

#endif
