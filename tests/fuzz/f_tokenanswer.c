/* SPDX-License-Identifier: MIT */
/* What an auth_token_command prints: what is accepted is fit for SASL. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "token/answer.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct token_answer answer;
	struct fault why;

	if (token_answer_read((const char *)data, size, &answer, &why) == -1) {
		must(why.class == FAULT_CONFIG && why.text[0]);
		return 0;
	}
	must(size <= TOKEN_ANSWER_MAX);
	must(token_is_one(answer.token));
	/* It ends neither the line nor the field that it goes into. */
	must(!strpbrk(answer.token, "\001\r\n ,"));
	must(size >= strlen(answer.token) &&
	     memcmp(data, answer.token, strlen(answer.token)) == 0);
	must(answer.life_ms >= 1000 &&
	     answer.life_ms <= TOKEN_LIFE_MAX_S * INT64_C(1000));
	return 0;
}
