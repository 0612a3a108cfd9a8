/* SPDX-License-Identifier: MIT */
/* Shared by the supervisor's files: the signals that have come. */
#ifndef DAEMON_PREFORK_SIGNALS_H
#define DAEMON_PREFORK_SIGNALS_H

#include "daemon/prefork.h"

/* Handlers only set these; everything happens in the loops. */
struct prefork_flags {
	volatile sig_atomic_t term;	/* how often */
	volatile sig_atomic_t fast;	/* INT or QUIT */
	volatile sig_atomic_t hup;
	volatile sig_atomic_t usr1;
	volatile sig_atomic_t ttin;	/* how often */
	volatile sig_atomic_t ttou;	/* how often */
	volatile sig_atomic_t child;
};
extern struct prefork_flags prefork_flags;

/* Installs the handlers and blocks the signals outside ppoll(). */
void prefork_signals_catch(void);

void prefork_handler_set(int sig, void (*handler)(int));

/* Reopens the log if USR1 has come. */
void prefork_log_tend(void);

#endif
