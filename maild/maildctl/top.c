/* SPDX-License-Identifier: MIT */
/* maildctl top: the picture of status, updated every second. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/snapshot.h"

#include "base/fdio.h"
#include "base/ticks.h"
#include "json/get.h"
#include "maildctl/table.h"

#include <json-c/json.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define REFRESH_MS 1000

/* Another screen without a cursor; and back. */
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[?25h\033[?1049l"
#define HOME "\033[H"
#define LINE_END "\033[K\n"	/* the terminal adds the CR */
#define REST_END "\033[K\033[J"

static volatile sig_atomic_t stopped;
static volatile sig_atomic_t resized;

static void on_stop(int number)
{
	stopped = number;
}

static void on_resize(int number)
{
	resized = number;
}

struct terminal {
	struct termios before;
	sigset_t waiting;	/* signals that are let in only while polling */
};

/* Writes all; false when nobody reads any more. */
static bool show(const void *bytes, size_t len)
{
	return fdio_write_all(STDOUT_FILENO, bytes, len) == 0;
}

static bool terminal_open(struct terminal *t)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction stop = { .sa_handler = on_stop };
	struct sigaction resize = { .sa_handler = on_resize };
	struct termios raw;
	sigset_t blocked;

	if (tcgetattr(STDIN_FILENO, &t->before) == -1)
		return false;
	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		(void)sigaction(ends[i], &stop, NULL);
		(void)sigaddset(&blocked, ends[i]);
	}
	(void)sigaction(SIGWINCH, &resize, NULL);
	(void)sigaddset(&blocked, SIGWINCH);
	(void)sigprocmask(SIG_BLOCK, &blocked, &t->waiting);
	raw = t->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	/* A suspended top would leave its screen to the shell. */
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) == -1)
		return false;
	return show(ENTER, strlen(ENTER));
}

static void terminal_close(const struct terminal *t)
{
	/* If the terminal is gone there is nothing left to restore. */
	(void)show(LEAVE, strlen(LEAVE));
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
	(void)sigprocmask(SIG_SETMASK, &t->waiting, NULL);
}

/* Waits for the next refresh, a key or a signal.  False = it is over. */
static bool wait_for_more(const struct terminal *t, int64_t until_ms)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char keys[16];

	while (!stopped && !resized) {
		int64_t left_ms = until_ms - ticks_ms();
		struct timespec left = { left_ms / 1000,
					 left_ms % 1000 * 1000000 };
		ssize_t count;

		if (left_ms <= 0)
			break;
		if (ppoll(&in, 1, &left, &t->waiting) <= 0)
			continue;
		count = read(STDIN_FILENO, keys, sizeof(keys));
		if (count == 0 || (count == -1 && errno != EINTR) ||
		    (count > 0 && (memchr(keys, 'q', (size_t)count) ||
				   memchr(keys, 'Q', (size_t)count))))
			return false;
	}
	return !stopped;
}

/* What the counters say of the last refresh: mails a second. */
struct rates {
	int64_t at_ms;		/* 0 = nothing counted yet */
	int64_t sent, admitted, dead;
};

static void add_rates(struct rates *last, struct json_object *snapshot,
		      const struct ctl_screen *screen, struct buf *out)
{
	struct json_object *counters = get_value(snapshot, "counters");
	struct rates now = {
		.at_ms = ticks_ms(),
		.sent = get_int(counters, "sent"),
		.admitted = get_int(counters, "admitted"),
		.dead = get_int(counters, "dead"),
	};
	double s = (double)(now.at_ms - last->at_ms) / 1000;
	struct buf line = BUF_INIT;

	buf_addstr(&line, "q quits");
	if (last->at_ms && s > 0)
		buf_addf(&line, "   a second: %.1f admitted, %.1f sent, "
			 "%.1f dead",
			 (double)(now.admitted - last->admitted) / s,
			 (double)(now.sent - last->sent) / s,
			 (double)(now.dead - last->dead) / s);
	*last = now;
	ctl_text_add(out, line.data, screen->width);
	buf_addch(out, '\n');
	buf_release(&line);
}

/* Puts text on the screen, as many lines as it has. */
static bool frame_show(const struct ctl_screen *screen, const char *text)
{
	struct buf out = BUF_INIT;
	bool shown;

	buf_addstr(&out, HOME);
	for (size_t line = 1; *text && line < screen->height; line++) {
		size_t len = strcspn(text, "\n");

		buf_add(&out, text, len);
		buf_addstr(&out, LINE_END);
		text += len + (text[len] == '\n');
	}
	buf_addstr(&out, REST_END);
	shown = show(out.data, out.len);
	buf_release(&out);
	return shown;
}

/* Reads and shows one frame.  An absent Redis is a frame, too. */
static int frame(struct ctl *ctl, struct rates *rates, struct fault *why)
{
	struct json_object *snapshot = ctl_snapshot(ctl, why);
	struct buf text = BUF_INIT;
	int status = 0;

	if (snapshot) {
		add_rates(rates, snapshot, &ctl->screen, &text);
		ctl_status_render(snapshot, &ctl->screen, &text);
	} else if (why->class == FAULT_RETRY) {
		buf_addstr(&text, "q quits\n\n");
		ctl_text_add(&text, why->text, ctl->screen.width);
		why->text[0] = '\0';
	} else {
		status = CLI_BY_FAULT;
	}
	if (status == 0 && !frame_show(&ctl->screen, text.data))
		stopped = SIGPIPE;
	json_object_put(snapshot);
	buf_release(&text);
	return status;
}

int ctl_top(struct ctl *ctl, struct fault *why)
{
	struct terminal terminal;
	struct rates rates = { .at_ms = 0 };
	int status;

	if (ctl->json || !ctl->screen.is_terminal ||
	    !isatty(STDIN_FILENO))
		return ctl_status(ctl, why);
	if (!terminal_open(&terminal))
		return fault_set_errno(why, FAULT_RETRY, errno, "terminal");
	do {
		int64_t until_ms = ticks_ms() + REFRESH_MS;

		if (resized) {
			resized = 0;
			ctl->screen = ctl_screen_read();
		}
		status = frame(ctl, &rates, why);
		if (status == 0 && !wait_for_more(&terminal, until_ms))
			break;
	} while (status == 0 && !stopped);
	terminal_close(&terminal);
	return status;
}
