/* SPDX-License-Identifier: MIT */
/* What an auth_token_command prints. */
#include "config.h"

#include "token/answer.h"

#include "base/str.h"

#include <string.h>

#define TOKEN_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789-._~+/"
#define NUMBER_MAX 24

bool token_is_one(const char *text)
{
	size_t len = strspn(text, TOKEN_CHARS);

	return len > 0 && text[len + strspn(text + len, "=")] == '\0' &&
	       strlen(text) < SENDER_TOKEN_MAX;
}

/* Copies the next line without its end, and moves past it.  Returns false if it
 * has a NUL or does not fit. */
static bool take_line(const char **at, const char *end, char *line, size_t size)
{
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	size_t len = (size_t)((stop ? stop : end) - *at);
	const char *from = *at;

	*at = stop ? stop + 1 : end;
	if (len > 0 && from[len - 1] == '\r')
		len--;
	if (len >= size || memchr(from, '\0', len))
		return false;
	memcpy(line, from, len);
	line[len] = '\0';
	return true;
}

int token_answer_read(const char *bytes, size_t len, struct token_answer *out,
		      struct fault *why)
{
	const char *at = bytes;
	const char *end = bytes + len;
	char number[NUMBER_MAX] = "";
	int64_t life_s;

	out->token[0] = '\0';
	out->life_ms = TOKEN_LIFE_MS;
	if (len == 0)
		return fault_set(why, FAULT_CONFIG, "printed nothing");
	if (len > TOKEN_ANSWER_MAX)
		return fault_set(why, FAULT_CONFIG, "printed more than %d "
				 "bytes", TOKEN_ANSWER_MAX);
	if (!take_line(&at, end, out->token, sizeof(out->token)) ||
	    !token_is_one(out->token))
		return fault_set(why, FAULT_CONFIG, "printed a first line that "
				 "is not an access token alone");
	if (!take_line(&at, end, number, sizeof(number)) ||
	    (number[0] && !str_to_int(number, 1, TOKEN_LIFE_MAX_S, &life_s)))
		return fault_set(why, FAULT_CONFIG, "printed a second line "
				 "that is not a number of seconds from 1 to %d",
				 TOKEN_LIFE_MAX_S);
	if (at < end)
		return fault_set(why, FAULT_CONFIG, "printed more than the "
				 "token and its life in seconds");
	if (number[0])
		out->life_ms = life_s * 1000;
	return 0;
}
