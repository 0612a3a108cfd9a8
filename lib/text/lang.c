/* SPDX-License-Identifier: MIT */
/* Loads the catalogues, chooses a language and writes texts and dates in it. */
#include "config.h"

#include "text/lang.h"

#include "base/alloc.h"
#include "base/dir.h"
#include "base/str.h"
#include "daemon/alert.h"
#include "text/lang_impl.h"
#include "text/plural.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ACCEPT_MAX_BYTES 1024	/* what is behind is not read */
#define TAG_MAX_BYTES 35	/* RFC 5646 section 4.4.1 */
#define NAME_MAX_BYTES 63

/* Lookup of RFC 4647 section 3.4: "fr-CH" is "fr" if nothing is closer. */
static const struct lang *find(const struct lang_set *set, const char *tag,
			       size_t len)
{
	while (len > 0) {
		for (size_t i = 0; i < set->count; i++) {
			const struct lang *l = &set->langs[i];

			if (strlen(l->catalogue.tag) == len &&
			    strncasecmp(l->catalogue.tag, tag, len) == 0)
				return l;
		}
		while (len > 0 && tag[len - 1] != '-')
			len--;
		if (len > 0)
			len--;
	}
	return NULL;
}

const struct lang *lang_find(const struct lang_set *set, const char *tag)
{
	size_t len = strlen(tag);

	return len <= TAG_MAX_BYTES ? find(set, tag, len) : NULL;
}

/* Reads the weight behind a range (";q=0.8") in thousandths, -1 if wrong. */
static int weight_read(const char *s, size_t len)
{
	int weight = 0;
	int unit = 1000;

	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	if (len == 0)
		return 1000;
	if (len < 3 || (s[0] != 'q' && s[0] != 'Q') || s[1] != '=' ||
	    (s[2] != '0' && s[2] != '1') || (len > 3 && s[3] != '.') ||
	    len > 7)
		return -1;
	weight = (s[2] - '0') * 1000;
	for (size_t i = 4; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		unit /= 10;
		weight += (s[i] - '0') * unit;
	}
	return weight <= 1000 ? weight : -1;
}

/* Reads one range of the list with its weight. */
static int range_read(const struct lang_set *set, const char *s, size_t len,
		      const struct lang **out)
{
	size_t tag_len = 0;
	size_t blanks;

	while (tag_len < len && !strchr(" \t;", s[tag_len]))
		tag_len++;
	for (blanks = tag_len; blanks < len && strchr(" \t", s[blanks]);)
		blanks++;
	*out = NULL;
	if (tag_len == 0 || tag_len > TAG_MAX_BYTES ||
	    (blanks < len && s[blanks] != ';'))
		return -1;
	*out = tag_len == 1 && *s == '*' ? set->fallback :
					   find(set, s, tag_len);
	if (blanks == len)
		return 1000;
	return weight_read(s + blanks + 1, len - blanks - 1);
}

const struct lang *lang_negotiate(const struct lang_set *set,
				  const char *accept_language)
{
	const struct lang *best = set->fallback;
	int best_weight = 0;
	const char *s = accept_language ? accept_language : "";
	const char *limit = s + strnlen(s, ACCEPT_MAX_BYTES);

	while (s < limit) {
		const struct lang *l;
		const char *comma = memchr(s, ',', (size_t)(limit - s));
		const char *end = comma ? comma : limit;

		while (s < end && (*s == ' ' || *s == '\t'))
			s++;
		while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		int weight = range_read(set, s, (size_t)(end - s), &l);

		if (l && weight > best_weight) {
			best = l;
			best_weight = weight;
		}
		s = comma ? comma + 1 : limit;
	}
	return best;
}

const struct lang *lang_at(const struct lang_set *set, size_t i)
{
	return i < set->count ? &set->langs[i] : NULL;
}

/* ---- texts --------------------------------------------------------------- */

const char *lang_tag(const struct lang *l)
{
	return l->catalogue.tag;
}

bool lang_is_rtl(const struct lang *l)
{
	return l->catalogue.rtl;
}

const struct lang *lang_say(const struct lang *l, const char *noun)
{
	for (size_t i = 0; noun && i < l->noun_count; i++)
		if (strcmp(l->nouns[i].noun, noun) == 0)
			return &l->nouns[i];
	return l;
}

struct json_object *lang_json(const struct lang *l)
{
	return l->catalogue.json;
}

/* The value of a dotted key, or NULL. */
static struct json_object *value_of(const struct lang *l, const char *key)
{
	struct json_object *value = l->catalogue.json;
	char name[NAME_MAX_BYTES + 1];

	for (;;) {
		size_t len = strcspn(key, ".");

		if (len > NAME_MAX_BYTES)
			return NULL;
		memcpy(name, key, len);
		name[len] = '\0';
		if (!json_object_is_type(value, json_type_object) ||
		    !json_object_object_get_ex(value, name, &value))
			return NULL;
		if (key[len] == '\0')
			return value;
		key += len + 1;
	}
}

const char *lang_text(const struct lang *l, const char *key)
{
	struct json_object *value = value_of(l, key);

	return json_object_is_type(value, json_type_string) ?
		json_object_get_string(value) : key;
}

/* The form of a text, by vars' member n. */
static const char *form_of(const struct lang *l, struct json_object *vars)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(vars, "n", &value))
		return "other";
	return plural_form(l->catalogue.plural, json_object_get_int64(value));
}

/* Appends the value of a name in a pattern; false if there is none. */
typedef bool (*name_add)(const void *arg, const char *name, struct buf *out);

/* A name that is not known stays as it stands, so that it is seen. */
static void pattern_add(const char *pattern, name_add add, const void *arg,
			struct buf *out)
{
	char name[NAME_MAX_BYTES + 1];

	while (*pattern) {
		size_t plain = strcspn(pattern, "{");

		buf_add(out, pattern, plain);
		pattern += plain;
		if (*pattern == '\0')
			return;

		size_t len = strcspn(pattern + 1, "{}");

		if (pattern[len + 1] == '}' && len <= NAME_MAX_BYTES) {
			memcpy(name, pattern + 1, len);
			name[len] = '\0';
			if (add(arg, name, out)) {
				pattern += len + 2;
				continue;
			}
		}
		buf_addch(out, *pattern++);
	}
}

static bool add_var(const void *arg, const char *name, struct buf *out)
{
	/* json-c reads through pointers that are not const. */
	struct json_object *const *vars = arg;
	struct json_object *value;

	if (!json_object_object_get_ex(*vars, name, &value))
		return false;
	if (value)
		buf_addstr(out, json_object_get_string(value));
	return true;
}

void lang_format(const struct lang *l, const char *key,
		 struct json_object *vars, struct buf *out)
{
	struct json_object *value = value_of(l, key);

	if (json_object_is_type(value, json_type_object)) {
		struct json_object *forms = value;

		if (!json_object_object_get_ex(forms, form_of(l, vars),
					       &value))
			value = json_object_object_get(forms, "other");
	}
	pattern_add(json_object_is_type(value, json_type_string) ?
			json_object_get_string(value) : key,
		    add_var, &vars, out);
}

struct instant {
	const struct lang *l;
	const struct tm *tm;
};

static void add_two_digits(struct buf *out, int number)
{
	char digits[2];

	(void)str_digits(digits, number, sizeof(digits));
	buf_add(out, digits, sizeof(digits));
}

static bool add_time_part(const void *arg, const char *name, struct buf *out)
{
	const struct instant *at = arg;
	const struct catalogue *c = &at->l->catalogue;
	const struct tm *tm = at->tm;

	if (strcmp(name, "weekday") == 0)
		buf_addstr(out, c->days[(unsigned)tm->tm_wday % 7]);
	else if (strcmp(name, "month") == 0)
		buf_addstr(out, c->months[(unsigned)tm->tm_mon % 12]);
	else if (strcmp(name, "day") == 0 && tm->tm_mday == 1)
		buf_addstr(out, c->first_day);
	else if (strcmp(name, "day") == 0)
		buf_addint(out, tm->tm_mday);
	else if (strcmp(name, "year") == 0)
		buf_addint(out, tm->tm_year + INT64_C(1900));
	else if (strcmp(name, "hour") == 0)
		add_two_digits(out, tm->tm_hour);
	else if (strcmp(name, "minute") == 0)
		add_two_digits(out, tm->tm_min);
	else
		return false;
	return true;
}

void lang_date(const struct lang *l, const struct tm *tm, struct buf *out)
{
	struct instant at = { l, tm };

	pattern_add(l->catalogue.date, add_time_part, &at, out);
}

void lang_time(const struct lang *l, const struct tm *tm, struct buf *out)
{
	struct instant at = { l, tm };

	pattern_add(l->catalogue.time, add_time_part, &at, out);
}

static int by_tag(const void *a, const void *b)
{
	const struct lang *left = a;
	const struct lang *right = b;

	return strcmp(left->catalogue.tag, right->catalogue.tag);
}

static void lang_release(struct lang *l)
{
	for (size_t i = 0; i < l->noun_count; i++)
		catalogue_release(&l->nouns[i].catalogue);
	free(l->nouns);
	catalogue_release(&l->catalogue);
	free(l->shipped);
	free(l->edited);
	free(l->broken);
	*l = (struct lang){ .broken = NULL };
}

static struct lang *add(struct lang_set *set)
{
	size_t all = set->count + set->broken_count;

	set->langs = alloc_resize(set->langs, all + 1, sizeof(*set->langs));
	set->langs[all] = (struct lang){ .broken = NULL };
	return &set->langs[all];
}

struct lang *lang_of_tag(const struct lang_set *set, const char *tag)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->langs[i].catalogue.tag, tag) == 0)
			return &set->langs[i];
	return NULL;
}

/* One directory's files. */
struct walk {
	struct lang_set *set;
	/* Takes ownership of path. */
	int (*load)(struct lang_set *set, char *path, const char *tag,
		    struct fault *why);
};

static int shipped_load(struct lang_set *set, char *path, const char *tag,
			struct fault *why)
{
	struct lang *l = add(set);

	l->shipped = path;
	if (catalogue_load(&l->catalogue, path, tag, why) < 0) {
		lang_release(l);
		return -1;
	}
	set->count++;
	return 0;
}

/* What is wrong in it never stops the others. */
static int edited_load(struct lang_set *set, char *path, const char *tag,
		       struct fault *why)
{
	struct lang *l = lang_of_tag(set, tag);
	bool added = !l;
	int rc;

	if (added) {
		l = add(set);
		rc = catalogue_load(&l->catalogue, path, tag, why);
	} else {
		rc = catalogue_lay_over(&l->catalogue, path, why);
	}
	l->edited = path;
	if (rc < 0)
		l->broken = alloc_text(why->text);
	if (!added)
		return 0;
	if (rc < 0) {
		set->broken_count++;
	} else {
		/* Those that cannot be used stay behind. */
		struct lang *first = &set->langs[set->count++];
		struct lang here = *l;

		*l = *first;
		*first = here;
	}
	return 0;
}

static int file_load(void *arg, const char *path, const char *name,
		     struct fault *why)
{
	static const char suffix[] = ".json";
	const struct walk *w = arg;
	char *tag;
	int rc;

	if (!str_ends_with(name, suffix))
		return 0;
	tag = alloc_textn(name, strlen(name) - strlen(suffix));
	rc = w->load(w->set, alloc_text(path), tag, why);
	free(tag);
	return rc;
}

struct lang_set *lang_set_raw(const char *shipped, const char *edited,
			      const char *fallback, struct fault *why)
{
	struct lang_set *set = alloc_zeroed(1, sizeof(*set));
	struct walk ours = { set, shipped_load };
	struct walk theirs = { set, edited_load };
	const char *broken = NULL;

	if (dir_each(shipped, file_load, &ours, why) < 0 ||
	    (edited && *edited &&
	     dir_each_if_any(edited, file_load, &theirs, why) < 0))
		goto fail;
	if (set->count > 0)
		qsort(set->langs, set->count, sizeof(*set->langs), by_tag);
	set->fallback = lang_find(set, fallback);
	if (set->fallback)
		return set;
	for (size_t i = 0; i < set->broken_count; i++)
		broken = set->langs[set->count + i].broken;
	(void)fault_set(why, FAULT_CONFIG, "%s: there is no catalogue for "
			"\"%s\"%s%s", shipped, fallback,
			broken ? "; " : "", broken ? broken : "");
fail:
	lang_set_free(set);
	return NULL;
}

/* When all its texts are there. */
static void nouns_make(struct lang *l)
{
	struct json_object *nouns;

	if (!json_object_object_get_ex(l->catalogue.json, CATALOGUE_NOUNS,
				       &nouns) ||
	    catalogue_shape(nouns) != CATALOGUE_GROUP)
		return;
	l->nouns = alloc_zeroed((size_t)json_object_object_length(nouns),
				sizeof(*l->nouns));
	json_object_object_foreach(nouns, noun, texts) {
		struct lang *said = &l->nouns[l->noun_count];

		(void)texts;
		said->noun = noun;
		if (catalogue_say(&l->catalogue, noun, &said->catalogue))
			l->noun_count++;
	}
}

struct lang_set *lang_set_new(const char *shipped, const char *edited,
			      const char *fallback, struct fault *why)
{
	struct lang_set *set = lang_set_raw(shipped, edited, fallback, why);
	const struct lang *reference;

	if (!set)
		return NULL;
	reference = lang_of_tag(set, LANG_REFERENCE);
	if (reference)
		catalogue_fill_in(set->fallback->catalogue.json,
				  reference->catalogue.json);
	for (size_t i = 0; i < set->count; i++)
		if (&set->langs[i] != set->fallback)
			catalogue_fill_in(set->langs[i].catalogue.json,
					  set->fallback->catalogue.json);
	for (size_t i = 0; i < set->count; i++)
		nouns_make(&set->langs[i]);
	return set;
}

void lang_set_free(struct lang_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count + set->broken_count; i++)
		lang_release(&set->langs[i]);
	free(set->langs);
	free(set);
}

void lang_set_alert(const struct lang_set *set)
{
	for (size_t i = 0; i < set->count + set->broken_count; i++) {
		const struct lang *l = &set->langs[i];
		char *key;

		if (!l->broken)
			continue;
		key = alloc_printf("catalogue-broken:%s",
				   strrchr(l->edited, '/') + 1);
		alert_raise_once(key, "ignored catalogue: %s", l->broken);
		free(key);
	}
}
