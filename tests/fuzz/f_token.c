/* SPDX-License-Identifier: MIT */
/* Capabilities and references: one form each, and none but ours is genuine. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "domain/token.h"

#include <string.h>

static const struct token_key key = {
	"0123456789abcdef0123456789abcdef", 32,
};

static void check_ref(const char *text)
{
	char ref[TOKEN_REF_LEN + 1] = "";
	char again[TOKEN_REF_LEN + 1] = "";
	char shown[TOKEN_REF_LEN + 2];

	if (!token_ref_parse(text, ref))
		return;
	must(strlen(ref) == TOKEN_REF_LEN);
	must(strspn(ref, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == TOKEN_REF_LEN);
	token_ref_show(ref, shown);
	must(strlen(shown) == TOKEN_REF_LEN + 1);
	must(token_ref_parse(shown, again) && strcmp(ref, again) == 0);
}

static void check_capability(const char *text, const struct token_seed *row)
{
	struct token_seed other;
	char ref[TOKEN_REF_LEN + 1];
	char mac[TOKEN_MAC_LEN + 1];
	char real[TOKEN_LEN + 1];
	char typed[TOKEN_REF_LEN + 1];

	if (!token_parse(text, ref, mac))
		return;
	must(strlen(text) == TOKEN_LEN && text[TOKEN_REF_LEN] == '.');
	must(strncmp(text, ref, TOKEN_REF_LEN) == 0);
	must(strcmp(text + TOKEN_REF_LEN + 1, mac) == 0);
	/* What stands in a link can be typed, too. */
	must(token_ref_parse(ref, typed) && strcmp(typed, ref) == 0);

	token_format(&key, ref, row, real);
	must(token_is_genuine(&key, row, mac) == (strcmp(text, real) == 0));
	must(token_parse(real, ref, mac));
	must(token_is_genuine(&key, row, mac));
	other = *row;
	other.version++;
	must(!token_is_genuine(&key, &other, mac));
	other = *row;
	other.id ^= 1;
	must(token_is_genuine(&key, &other, mac) == row->drawn);
	other.nonce[(unsigned)row->version % TOKEN_NONCE_BYTES] ^= 1;
	must(!token_is_genuine(&key, &other, mac));
	mac[(unsigned)row->version % TOKEN_MAC_LEN] ^= 1;
	must(!token_is_genuine(&key, row, mac));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	char *text = fuzz_next(&in);
	/* What is behind the form feed is hashed into a row. */
	struct token_seed row = { .id = 1 };

	for (size_t i = 0; i < in.left; i++) {
		row.id = (row.id * 31 + in.at[i]) & INT32_MAX;
		row.nonce[i % TOKEN_NONCE_BYTES] ^= (uint8_t)in.at[i];
	}
	row.version = (int)(row.id % 1000);
	row.drawn = row.id % 2 != 0;
	row.old_link = !row.drawn;
	check_ref(text);
	check_capability(text, &row);
	free(text);
	return 0;
}
