/* SPDX-License-Identifier: MIT */
/* A program of commands, from one table: what may be typed, what helps, what is
 * refused.  Manuals and bash completion are checked against the same table. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/compiler.h"
#include "base/fault.h"
#include "cli/synopsis.h"

#include <stdbool.h>
#include <stddef.h>

struct ctl;	/* what a program hands its commands; each has its own */

/*
 * Runs a command.  Returns the program's exit status: 0, one of sysexits.h or
 * of its own, with *why if there is something to say; CLI_BY_FAULT: *why's
 * class decides.  EX_USAGE without a word in *why prints how it is called.
 */
#define CLI_BY_FAULT (-1)
typedef int cli_run(struct ctl *ctl, struct fault *why);

/*
 * One way to call a command; rows of the same name are of one command, and the
 * first of them tells what it needs and runs it.  Without a summary it is read,
 * but not told of; if run is NULL, too, the name is an old one, and synopsis
 * the new one.
 */
struct cli_command {
	const char *name;	/* "trace", or "slots add" */
	const char *synopsis;	/* what follows: see cli_synopsis_add() */
	const char *summary;
	int needs;		/* what is opened before: the program's enum */
	cli_run *run;
};

/* What a value's name in a synopsis stands for, for bash to complete. */
struct cli_value {
	const char *name;
	const char *words;	/* "open sent", "$(cmd)"; "" = files */
};

struct cli_call;

struct cli {
	const char *name;
	const char *conf_path;		/* of -c */
	const char *common;		/* options of all commands */
	bool is_strict;			/* no option may be given twice */
	const struct cli_command *commands;
	size_t command_count;
	const struct cli_value *values;
	size_t value_count;

	/* Opens what the command needs and runs it; returns as cli_run. */
	int (*run)(const struct cli_call *call, struct fault *why);

	/*
	 * NULL, or looks at how a command failed, or was refused: a status
	 * other than the one given is final, and nothing more is said.
	 */
	int (*ended)(const struct cli_call *call, int status,
		     const struct fault *why);
};

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
 * That no command of the program has such an option is a bug. */
const char *cli_text(const struct cli_call *call, const char *option);

/* Was it given? */
bool cli_flag(const struct cli_call *call, const char *option);

/* The exit status for a fault: EX_DATAERR, EX_CONFIG or EX_TEMPFAIL. */
int cli_by_fault(const struct fault *why);

#endif
