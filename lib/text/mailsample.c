/* SPDX-License-Identifier: MIT */
/* Reads what mails are tried with. */
#include "config.h"

#include "text/mailsample.h"

#include "base/alloc.h"
#include "base/dir.h"
#include "base/fault.h"
#include "json/jsonfile.h"
#include "json/put.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLE_MAX_BYTES (256 * 1024)
#define SAMPLE "sample.json"

/* One file; what comes later is laid over what came before. */
struct layer {
	char *language;		/* "" = of all */
	struct json_object *json;
};

struct mailsample {
	struct layer *layers;
	size_t count;
};

struct reading {
	struct mailsample *into;
	struct reporter *reporter;
};

/* The file in a folder; one that is not there is none. */
static int layer_add(void *arg, const char *folder, const char *language,
		     struct fault *why)
{
	const struct reading *reading = arg;
	struct mailsample *s = reading->into;
	char *path = alloc_printf("%s/" SAMPLE, folder);
	struct json_object *json = NULL;

	if (access(path, F_OK) != 0)
		;
	else if (jsonfile_load(path, SAMPLE_MAX_BYTES, &json, why) < 0)
		reporter_say(reading->reporter, why->text);
	if (json) {
		s->layers = alloc_resize(s->layers, s->count + 1,
					 sizeof(*s->layers));
		s->layers[s->count++] = (struct layer){
			.language = alloc_text(language), .json = json,
		};
	}
	free(path);
	return 0;
}

static void dir_add(struct reading *reading, const char *dir)
{
	struct fault ignored;	/* what cannot be read has no samples */

	(void)layer_add(reading, dir, "", &ignored);
	(void)!dir_each_if_any(dir, layer_add, reading, &ignored);
}

struct mailsample *mailsample_new(const char *shipped, const char *edited,
				  struct reporter *r)
{
	struct mailsample *s = alloc_zeroed(1, sizeof(*s));
	struct reading reading = { s, r };
	size_t before = r->count;

	dir_add(&reading, shipped);
	if (s->count == 0 && r->count == before) {
		char *sentence = alloc_printf("%s/" SAMPLE ":1: no sample data "
					      "to be read", shipped);

		reporter_say(r, sentence);
		free(sentence);
	}
	if (edited && *edited)
		dir_add(&reading, edited);
	return s;
}

void mailsample_free(struct mailsample *samples)
{
	if (!samples)
		return;
	for (size_t i = 0; i < samples->count; i++) {
		free(samples->layers[i].language);
		json_object_put(samples->layers[i].json);
	}
	free(samples->layers);
	free(samples);
}

struct json_object *mailsample_of(const struct mailsample *samples,
				  const char *language, const char *kind)
{
	struct json_object *data = NULL;

	for (size_t i = 0; samples && i < samples->count; i++) {
		const struct layer *layer = &samples->layers[i];
		struct json_object *part;

		if ((*layer->language &&
		     strcmp(layer->language, language) != 0) ||
		    !json_object_object_get_ex(layer->json, kind, &part) ||
		    !json_object_is_type(part, json_type_object))
			continue;
		if (!data)
			data = put_new();
		jsonfile_lay_over(data, part);
	}
	return data;
}
