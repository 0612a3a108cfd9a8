/* SPDX-License-Identifier: MIT */
/* One run of an auth_token_command, watched without waiting for it. */
#include "config.h"

#include "token/helper.h"

#include "base/fdio.h"
#include "base/str.h"
#include "daemon/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FLOOD_MAX 512	/* pieces of its errors read at a time: more than a pipe
			   holds */
#define SECRET_LEAST 48	/* words this long are not shown: one may be the
			   token */
#define SAID_MAX 160

static void close_end(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static int make_pipe(int *ours, int *theirs)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	*ours = fds[0];
	*theirs = fds[1];
	return fdio_nonblock_set(*ours, true);	/* and theirs waits for us */
}

int helper_start(struct helper *h, const char *command, int64_t now_ms,
		 struct fault *why)
{
	struct command_ends ends = { .input = -1, .output = -1, .errors = -1 };
	int err;

	*h = (struct helper){
		.output = -1, .errors = -1,
		.kill_at_ms = now_ms + COMMAND_LIMIT_MS,
	};
	if (make_pipe(&h->output, &ends.output) == 0 &&
	    make_pipe(&h->errors, &ends.errors) == 0)
		h->pid = command_start(command, &ends);
	else
		h->pid = -1;
	err = errno;
	close_end(&ends.output);
	close_end(&ends.errors);
	if (h->pid > 0)
		return 0;
	helper_abandon(h);
	return fault_set_errno(why, FAULT_RETRY, err, "cannot run %s", command);
}

static void take_output(struct helper *h)
{
	ssize_t got = 1;

	while (h->output != -1 && got > 0 && h->len < sizeof(h->bytes)) {
		got = read(h->output, h->bytes + h->len,
			   sizeof(h->bytes) - h->len);
		if (got > 0)
			h->len += (size_t)got;
	}
}

static void take_errors(struct helper *h)
{
	for (int i = 0; h->errors != -1 && i < FLOOD_MAX; i++) {
		size_t half = sizeof(h->words) / 2;
		ssize_t got;

		if (h->words_len > half) {
			memmove(h->words, h->words + h->words_len - half, half);
			h->words_len = half;
		}
		got = read(h->errors, h->words + h->words_len, half);
		if (got <= 0)
			return;
		h->words_len += (size_t)got;
	}
}

void helper_tend(struct helper *h, int64_t now_ms)
{
	if (h->pid == 0)
		return;
	take_output(h);
	take_errors(h);
	if (now_ms >= h->kill_at_ms) {
		h->late = true;
		command_kill(h->pid);
		h->kill_at_ms = now_ms + COMMAND_LIMIT_MS;
	} else if (h->len > TOKEN_ANSWER_MAX && h->output != -1) {
		close_end(&h->output);
		command_kill(h->pid);
	}
}

/* The last line that is not empty, fit for a log. */
static void last_words(const struct helper *h, char said[SAID_MAX])
{
	char line[HELPER_WORDS_MAX + 1];
	char *start;
	char *words;
	size_t len = 0;

	memcpy(line, h->words, h->words_len);
	line[h->words_len] = '\0';
	for (size_t i = 0; i < h->words_len; i++)
		if (line[i] == '\0')
			line[i] = '?';
	words = str_trim(line);
	start = strrchr(words, '\n');
	words = start ? start + 1 : words;
	for (char *p = words; *p; p++) {
		len = *p == ' ' ? 0 : len + 1;
		if (len >= SECRET_LEAST)
			memset(p + 1 - len, '*', len);
	}
	(void)str_without_addresses(said, SAID_MAX, words);
}

static int explain(const struct helper *h, int wstatus, struct fault *why)
{
	char said[SAID_MAX];
	const char *colon;

	last_words(h, said);
	colon = said[0] ? ": " : "";
	if (h->late)
		return fault_set(why, FAULT_RETRY, "did not end within %d s"
				 "%s%s", COMMAND_LIMIT_MS / 1000, colon, said);
	if (h->len > TOKEN_ANSWER_MAX)
		return fault_set(why, FAULT_CONFIG, "printed more than %d "
				 "bytes", TOKEN_ANSWER_MAX);
	if (WIFSIGNALED(wstatus))
		return fault_set(why, FAULT_RETRY, "was killed by signal %d"
				 "%s%s", WTERMSIG(wstatus), colon, said);
	if (WEXITSTATUS(wstatus) == COMMAND_NO_EXEC)
		return fault_set(why, FAULT_CONFIG, "could not be run%s%s",
				 colon, said);
	return fault_set(why, FAULT_RETRY, "failed with status %d%s%s",
			 WEXITSTATUS(wstatus), colon, said);
}

int helper_ended(struct helper *h, int wstatus, struct token_answer *out,
		 struct fault *why)
{
	pid_t group = h->pid;
	int result;

	take_output(h);
	take_errors(h);
	h->pid = 0;
	/* What it left running holds our pipes, and nobody else would end
	 * it. */
	(void)kill(-group, SIGKILL);
	if (!h->late && WIFEXITED(wstatus) && WEXITSTATUS(wstatus) == 0)
		result = token_answer_read(h->bytes, h->len, out, why);
	else
		result = explain(h, wstatus, why);
	helper_abandon(h);
	return result;
}

void helper_abandon(struct helper *h)
{
	close_end(&h->output);
	close_end(&h->errors);
	explicit_bzero(h->bytes, sizeof(h->bytes));
	h->len = 0;
	h->pid = 0;
}
