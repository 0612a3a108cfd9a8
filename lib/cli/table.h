/* SPDX-License-Identifier: MIT */
/* The table of a program of commands. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>

struct ctl;	/* what a program hands its commands; each has its own */

/*
 * Runs a command.  Returns the program's exit status: 0, one of sysexits.h or
 * of its own, with *why if there is something to say.  CLI_BY_FAULT, which is
 * also what fault_set() returns: EX_DATAERR, EX_CONFIG or EX_TEMPFAIL by *why's
 * class.  EX_USAGE without a word in *why prints how it is called.
 */
#define CLI_BY_FAULT (-1)
typedef int cli_run(struct ctl *ctl, struct fault *why);

/*
 * One way to call a command.  Rows of the same name are of one command: they
 * stand together, and the first of them says what it needs and runs it.  A row
 * without a summary, at the table's end, is understood but not shown; if its
 * run is NULL, too, its name is an old one, and its synopsis the new one.
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

/* A program: its main() hands it to cli_main(). */
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

#endif
