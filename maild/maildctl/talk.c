/* SPDX-License-Identifier: MIT */
/* maildctl: what it says, asks and reads from people. */
#include "config.h"

#include "maildctl/maildctl.h"

#include "base/str.h"
#include "json/put.h"
#include "maildctl/time.h"
#include "queue/envelope.h"

#include <json-c/json.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#define COLUMNS_MAX 1000

/* A number of the environment, or fallback. */
static size_t size_of(const char *name, size_t fallback)
{
	const char *text = getenv(name);
	int64_t value;

	return text && str_to_int(text, 1, COLUMNS_MAX, &value) ? (size_t)value
								: fallback;
}

struct ctl_screen ctl_screen_read(void)
{
	struct ctl_screen screen = { .width = 0 };
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return screen;
	screen.is_terminal = true;
	screen.colour = (!no_colour || !*no_colour) && term &&
			strcmp(term, "dumb") != 0;
	screen.width = size_of("COLUMNS", 80);
	screen.height = size_of("LINES", 24);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
	    size.ws_row > 0) {
		screen.width = size.ws_col;
		screen.height = size.ws_row;
	}
	return screen;
}

void ctl_say(const struct buf *text)
{
	/* main() checks the stream at the end. */
	(void)fwrite(text->data, 1, text->len, stdout);
}

void ctl_sayf(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vprintf(fmt, args);	/* as above */
	va_end(args);
}

struct json_object *ctl_answer_new(void)
{
	struct json_object *answer = put_new();

	put_int(answer, "v", 1);
	return answer;
}

void ctl_say_json(struct json_object *json)
{
	ctl_sayf("%s\n", json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

void ctl_say_answer(bool as_json, struct json_object *answer,
		    const char *fmt, ...)
{
	va_list args;

	if (as_json) {
		ctl_say_json(answer);
		return;
	}
	json_object_put(answer);
	va_start(args, fmt);
	(void)vprintf(fmt, args);	/* as above */
	va_end(args);
}

int ctl_ask(const struct ctl *ctl, const char *question, struct fault *why)
{
	char answer[32];

	if (cli_flag(ctl->call, "yes"))
		return 0;
	if (!isatty(STDIN_FILENO))
		return ctl_usage(why, "this asks first (%s); where nobody can "
				 "answer it needs --yes", question);
	(void)fflush(stdout);
	(void)fprintf(stderr, "%s [y/N] ", question);
	if (!fgets(answer, sizeof(answer), stdin)) {
		(void)fputc('\n', stderr);
		answer[0] = '\0';
	}
	str_trim(answer);
	if (!strcasecmp(answer, "y") || !strcasecmp(answer, "yes"))
		return 0;
	(void)fputs("Nothing was changed.\n", stderr);
	return CTL_NO;
}

int ctl_span_read(const struct ctl *ctl, const char *option, int64_t *out_ms,
		  struct fault *why)
{
	const char *text = cli_text(ctl->call, option);

	if (!text || ctl_span_parse(text, out_ms))
		return 0;
	return ctl_usage(why, "--%s %.40s: a time such as 90s, 10min, "
			 "2h or 30d is wanted", option, text);
}

bool ctl_is_id(const char *text)
{
	return str_is_name(text, strlen(text), ENVELOPE_ID_MAX);
}

int ctl_usage(struct fault *why, const char *fmt, ...)
{
	char text[sizeof(why->text)];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);	/* cut is fine */
	va_end(args);
	(void)fault_set(why, FAULT_REJECT, "%s", text);
	return EX_USAGE;
}
