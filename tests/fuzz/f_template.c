/* SPDX-License-Identifier: MIT */
/*
 * Templates: a template, a form feed, its data as JSON.  It is compiled as HTML
 * and as text; as a partial it may call itself.
 */
#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "base/fault.h"
#include "text/mustache.h"

#include <json-c/json.h>

#include <string.h>

#define NAME "f"

static const struct mustache *itself(const void *arg, const char *name)
{
	must(*name != '\0');
	return strcmp(name, "self") == 0 ? arg : NULL;
}

/* A fault names a line that the template has. */
static void check_fault(const struct fault *why, const char *text, size_t len)
{
	unsigned long line = 0;
	unsigned long lines = 1;
	int used = 0;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	must(why->class == FAULT_REJECT);
	must(sscanf(why->text, NAME ":%lu: %n", &line, &used) == 1);
	must(used > 0 && why->text[used] != '\0');
	must(line >= 1 && line <= lines);
}

/* Every & in out begins one of the entities that values are escaped to. */
static bool is_escaped(const struct buf *out)
{
	static const char *const entities[] = {
		"&amp;", "&lt;", "&gt;", "&quot;", "&#39;",
	};
	const char *at = out->data;
	size_t left = out->len;

	while ((at = memchr(at, '&', left)) != NULL) {
		bool known = false;

		left = out->len - (size_t)(at - out->data);
		for (size_t i = 0; i < ARRAY_COUNT(entities); i++) {
			size_t len = strlen(entities[i]);

			known = known || (len <= left &&
					  memcmp(at, entities[i], len) == 0);
		}
		if (!known)
			return false;
		at++;
		left--;
	}
	return true;
}

/* What the template itself does not hold, no value can bring in. */
static void check_escaping(const char *text, size_t len, const struct buf *out)
{
	bool json = memmem(text, len, "{{{", 3) != NULL;

	for (const char *c = json ? "<>" : "<>\"'"; *c != '\0'; c++)
		must(memchr(text, *c, len) != NULL ||
		     memchr(out->data, *c, out->len) == NULL);
	must(memchr(text, '&', len) != NULL || is_escaped(out));
}

static void check(const char *text, size_t len, struct json_object *data,
		  enum mustache_form form)
{
	struct buf out = BUF_INIT;
	struct buf again = BUF_INIT;
	struct fault why = { .class = FAULT_NONE };
	const struct mustache_source source = { NAME, text, len, form };
	struct mustache *m = mustache_new(&source, &why);

	if (m == NULL) {
		check_fault(&why, text, len);
		return;
	}
	const struct mustache_view view = { data, itself, m };
	int r = mustache_render(m, &view, &out, &why);

	if (r == -1)
		check_fault(&why, text, len);
	if (form == MUSTACHE_HTML)
		check_escaping(text, len, &out);
	must(mustache_render(m, &view, &again, &why) == r);
	must(out.len == again.len &&
	     memcmp(out.data, again.data, out.len) == 0);
	mustache_free(m);
	buf_release(&out);
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	const char *feed = memchr(data, '\f', size);
	size_t template_len = feed != NULL ? (size_t)(feed - in.at) : size;
	struct fuzz_input head = { (const char *)data, template_len };
	size_t len;
	char *text = fuzz_rest(&head, &len);
	char *json;

	in.at += template_len;
	in.left -= template_len;
	free(fuzz_next(&in));	/* nothing: what is before the form feed */
	json = fuzz_next(&in);

	struct json_object *values = json_tokener_parse(json);

	check(text, len, values, MUSTACHE_HTML);
	check(text, len, values, MUSTACHE_TEXT);
	json_object_put(values);
	free(json);
	free(text);
	return 0;
}
