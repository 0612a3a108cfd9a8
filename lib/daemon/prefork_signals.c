/* SPDX-License-Identifier: MIT */
/* The supervisor's signals: flags, masks, and what a child asks of them. */
#include "config.h"

#include "daemon/prefork_signals.h"

#include "base/logger.h"
#include "base/ticks.h"

#include <errno.h>
#include <time.h>

struct prefork_flags prefork_flags;

static sigset_t open_mask;	/* inside ppoll() */
static bool has_open_mask;

static void on_signal(int sig)
{
	switch (sig) {
	case SIGTERM:
		prefork_flags.term++;
		break;
	case SIGINT:
	case SIGQUIT:
		prefork_flags.fast = 1;
		break;
	case SIGHUP:
		prefork_flags.hup = 1;
		break;
	case SIGUSR1:
		prefork_flags.usr1 = 1;
		break;
	case SIGTTIN:
		prefork_flags.ttin++;
		break;
	case SIGTTOU:
		prefork_flags.ttou++;
		break;
	case SIGCHLD:
		prefork_flags.child = 1;
		break;
	default:
		break;
	}
}

static const int handled[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1,
			       SIGTTIN, SIGTTOU, SIGCHLD };

void prefork_handler_set(int sig, void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler };

	(void)sigemptyset(&sa.sa_mask);
	must(sigaction(sig, &sa, NULL) == 0);
}

void prefork_signals_catch(void)
{
	sigset_t blocked;

	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < ARRAY_COUNT(handled); i++) {
		(void)sigaddset(&blocked, handled[i]);
		prefork_handler_set(handled[i], on_signal);
	}
	prefork_handler_set(SIGPIPE, SIG_IGN);
	must(sigprocmask(SIG_BLOCK, &blocked, &open_mask) == 0);
	for (size_t i = 0; i < ARRAY_COUNT(handled); i++)
		(void)sigdelset(&open_mask, handled[i]);
	has_open_mask = true;
}

/* ---- in a child ----------------------------------------------------------- */

const sigset_t *prefork_open_mask(void)
{
	return has_open_mask ? &open_mask : NULL;
}

void prefork_log_tend(void)
{
	if (prefork_flags.usr1) {
		prefork_flags.usr1 = 0;
		log_reopen();
	}
}

bool prefork_stopping(void)
{
	static const struct timespec none = { 0, 0 };

	/* A busy child never sleeps: let pending signals in. */
	if (!prefork_flags.term && has_open_mask)
		(void)ppoll(NULL, 0, &none, &open_mask);
	prefork_log_tend();
	return prefork_flags.term != 0;
}

int prefork_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms)
{
	int64_t until_ms = ticks_ms() + timeout_ms;

	for (;;) {
		int64_t left_ms = until_ms - ticks_ms();
		struct timespec ts;
		int ready;

		if (prefork_flags.term) {
			errno = EINTR;
			return -1;
		}
		if (left_ms < 0)
			left_ms = 0;
		ts.tv_sec = left_ms / 1000;
		ts.tv_nsec = left_ms % 1000 * 1000000;
		ready = ppoll(fds, nfds, timeout_ms < 0 ? NULL : &ts,
			      prefork_open_mask());
		prefork_log_tend();
		if (ready >= 0 || errno != EINTR)
			return ready;
	}
}
