/* SPDX-License-Identifier: MIT */
/* Accept-Language: always one of ours, and the same for the same header. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "text/lang.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct lang_set *set;
	struct fuzz_input in = { (const char *)data, size };
	char *header = fuzz_next(&in);
	const struct lang *found;
	struct fault why;

	/* Read once: it stays for all inputs. */
	if (set == NULL)
		set = lang_set_new(TEST_SRCDIR "/locale", NULL, "fr", &why);
	must(set != NULL);
	found = lang_negotiate(set, header);
	must(found != NULL && lang_find(set, lang_tag(found)) == found);
	must(lang_negotiate(set, header) == found);
	found = lang_find(set, header);
	must(found == NULL || lang_find(set, lang_tag(found)) == found);
	free(header);
	return 0;
}
