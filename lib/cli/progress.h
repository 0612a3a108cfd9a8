/* SPDX-License-Identifier: MIT */
/*
 * How far long work is, for whoever waits for it at a terminal: one line on
 * standard error, written anew a few times a second from the second second on,
 * and gone at the end.  Nothing where standard error is no terminal, or one
 * that cannot take a line back (TERM is dumb, empty or not set).
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* what: "erased", borrowed; lines: the work writes to standard output
 * meanwhile, so two that share a terminal would be mixed up, and nothing is
 * shown. */
void cli_progress_begin(const char *what, bool lines);

/* So many are done of so many; of is 0 if that is not known. */
void cli_progress(int64_t done, int64_t of);

/* Before anything else is said.  cli_main() does so when a command has
 * ended. */
void cli_progress_end(void);

#endif
