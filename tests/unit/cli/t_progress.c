/* SPDX-License-Identifier: MIT */
/* Tests what a terminal, a pipe and a simple terminal see of long work. */
#include "config.h"

#include "cli/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LONG "a word for what is being done that is longer than the window"

static int master, slave, saved[3];
static char seen[4096];

static void nap(long ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	assert_int_equal(nanosleep(&pause, NULL), 0);
}

/* Opens a terminal of so many columns, for which both outputs are changed when
 * asked for. */
static void terminal(unsigned short columns, const char *term)
{
	const struct winsize size = { .ws_row = 24, .ws_col = columns };

	master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(master != -1 && grantpt(master) == 0 &&
		    unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_int_not_equal(slave, -1);
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	assert_int_equal(term ? setenv("TERM", term, 1) : unsetenv("TERM"), 0);
}

static void put_in_place(int output, int fd)
{
	saved[output] = dup(output);
	assert_int_equal(dup2(fd, output), output);
}

static void put_back(int output)
{
	assert_int_equal(dup2(saved[output], output), output);
	assert_int_equal(close(saved[output]), 0);
}

/* Work of 1.5 s that tells 30 times; what the terminal saw is in seen. */
static void work(const char *what, bool lines, int64_t of)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	size_t len = 0;

	cli_progress_begin(what, lines);
	for (int i = 1; i <= 30; i++) {
		nap(50);
		cli_progress(i, of);
	}
	cli_progress_end();
	/* The kernel takes its time to hand over the last bytes. */
	while (poll(&p, 1, 300) == 1) {
		ssize_t n = read(master, seen + len, sizeof(seen) - 1 - len);

		assert_true(n > 0);
		len += (size_t)n;
	}
	seen[len] = '\0';
}

static void done(void)
{
	assert_int_equal(close(slave), 0);
	assert_int_equal(close(master), 0);
}

static void a_terminal_sees_one_line_that_goes(void **state)
{
	size_t lines = 0;

	(void)state;
	terminal(80, "xterm");
	put_in_place(STDERR_FILENO, slave);
	work("erased", false, 30);
	put_back(STDERR_FILENO);
	done();
	assert_non_null(strstr(seen, "\r\033[Kerased: 2"));
	assert_non_null(strstr(seen, " of 30"));
	assert_null(strchr(seen, '\n'));
	for (const char *p = seen; (p = strstr(p, "erased")); p++)
		lines++;
	assert_in_range(lines, 1, 4);
	assert_string_equal(seen + strlen(seen) - strlen("\r\033[K"),
			    "\r\033[K");
}

static void a_line_never_wraps(void **state)
{
	(void)state;
	terminal(20, "xterm");
	put_in_place(STDERR_FILENO, slave);
	work(LONG, false, 0);
	put_back(STDERR_FILENO);
	done();
	assert_non_null(strstr(seen, "\033[Ka word for what is \r"));
}

static void short_work_says_nothing(void **state)
{
	(void)state;
	terminal(80, "xterm");
	put_in_place(STDERR_FILENO, slave);
	cli_progress_begin("erased", false);
	cli_progress(1, 2);
	cli_progress_end();
	put_back(STDERR_FILENO);
	assert_int_equal(poll(&(struct pollfd){ .fd = master, .events = POLLIN,
			 }, 1, 300), 0);
	done();
}

static void a_simple_terminal_sees_nothing(void **state)
{
	static const char *const terms[] = { "dumb", "", NULL };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		terminal(80, terms[i]);
		put_in_place(STDERR_FILENO, slave);
		work("erased", false, 0);
		put_back(STDERR_FILENO);
		done();
		assert_string_equal(seen, "");
	}
}

static void lines_and_progress_share_no_terminal(void **state)
{
	(void)state;
	terminal(80, "xterm");
	put_in_place(STDERR_FILENO, slave);
	put_in_place(STDOUT_FILENO, slave);
	work("exported", true, 0);
	put_back(STDOUT_FILENO);
	put_back(STDERR_FILENO);
	assert_string_equal(seen, "");

	int null = open("/dev/null", O_WRONLY);

	put_in_place(STDERR_FILENO, slave);
	put_in_place(STDOUT_FILENO, null);
	work("exported", true, 0);
	put_back(STDOUT_FILENO);
	put_back(STDERR_FILENO);
	assert_int_equal(close(null), 0);
	done();
	assert_non_null(strstr(seen, "exported: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_sees_one_line_that_goes),
		cmocka_unit_test(a_line_never_wraps),
		cmocka_unit_test(short_work_says_nothing),
		cmocka_unit_test(a_simple_terminal_sees_nothing),
		cmocka_unit_test(lines_and_progress_share_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
