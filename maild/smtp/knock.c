/* SPDX-License-Identifier: MIT */
/* Knocks at a relay's door: would a session begin? */
#include "config.h"

#include "smtp/knock.h"

#include "base/str.h"
#include "base/ticks.h"
#include "smtp/dial.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING_BYTES 256	/* more of it is not looked at */

/* Reads until the first line is whole.  False if it does not come. */
static bool read_greeting(int fd, int limit_ms, char line[GREETING_BYTES])
{
	int64_t until_ms = ticks_ms() + limit_ms;
	size_t len = 0;

	line[0] = '\0';
	while (!strchr(line, '\n') && len < GREETING_BYTES - 1) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		int64_t left_ms = until_ms - ticks_ms();
		ssize_t n;

		if (left_ms <= 0 || poll(&pfd, 1, (int)left_ms) != 1)
			return false;
		n = read(fd, line + len, GREETING_BYTES - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		line[len] = '\0';
	}
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

/* What the server at the other end says.  Returns whether it greets, else
 * words. */
static bool is_greeted(int fd, int limit_ms, char *words, size_t size)
{
	static const char leave[] = "QUIT\r\n";
	char line[GREETING_BYTES];
	char clean[GREETING_BYTES];
	bool good = false;

	if (!read_greeting(fd, limit_ms, line))
		(void)snprintf(words, size, "does not greet");
	else if (!str_starts_with(line, "220"))
		(void)snprintf(words, size, "says %.100s",
			       str_printable(clean, sizeof(clean), line));
	else
		good = true;
	/* Only good manners: what becomes of it changes nothing. */
	(void)send(fd, leave, sizeof(leave) - 1, MSG_NOSIGNAL);
	return good;
}

int knock(const struct mailconf *conf, const struct relay_conf *relay,
	  struct fault *why)
{
	struct dial *dial = dial_new(&(struct dial_opts){
		.host = relay->host, .port = relay->port,
		.limit_ms = conf->connect_timeout,
	});
	char words[160] = "";
	struct fault away;
	bool good = false;
	int fd;

	dial_begin(dial);
	do {
		fd = dial_next(dial, &away);
		if (fd == -1)
			break;
		good = is_greeted(fd, (int)conf->greeting_timeout, words,
				  sizeof(words));
		(void)close(fd);
		if (!good)
			dial_refuse(dial, words);
	} while (!good && dial_has_more(dial));
	(void)fault_set(why, FAULT_NONE, "%s", dial_trouble(dial));
	dial_free(dial);
	if (good)
		return 0;
	return fd == -1 ? fault_set(why, FAULT_RETRY, "mail server %s:%lld "
				    "does not answer: %s", relay->host,
				    (long long)relay->port, away.text)
			: fault_set(why, FAULT_RETRY, "mail server %s:%lld %s",
				    relay->host, (long long)relay->port, words);
}
