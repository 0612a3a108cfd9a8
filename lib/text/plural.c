/* SPDX-License-Identifier: MIT */
/* Chooses the form of a text for a number. */
#include "config.h"

#include "text/plural.h"

#include <string.h>

static bool is_one(uint64_t n)
{
	return n == 1;
}

static bool is_below_two(uint64_t n)
{
	return n < 2;
}

static bool is_one_russian(uint64_t n)
{
	return n % 10 == 1 && n % 100 != 11;
}

static bool is_two_to_four(uint64_t n)
{
	return n >= 2 && n <= 4;
}

static bool is_few_polish(uint64_t n)
{
	return is_two_to_four(n % 10) && (n % 100 < 12 || n % 100 > 14);
}

static const struct rule {
	const char *name;
	bool (*one)(uint64_t n);	/* NULL = the rule has no such form */
	bool (*few)(uint64_t n);
} rules[] = {
	{ "none", NULL, NULL },
	{ "n==1", is_one, NULL },
	{ "n<2", is_below_two, NULL },
	{ "czech", is_one, is_two_to_four },
	{ "polish", is_one, is_few_polish },
	{ "russian", is_one_russian, is_few_polish },
};

/* An unknown rule counts as "none". */
static const struct rule *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(rules); i++)
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	return &rules[0];
}

bool plural_is_rule(const char *rule)
{
	return strcmp(find(rule)->name, rule) == 0;
}

const char *plural_form(const char *rule, int64_t n)
{
	const struct rule *r = find(rule);
	uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n;

	if (r->one && r->one(size))
		return "one";
	return r->few && r->few(size) ? "few" : "other";
}

const char *plural_form_at(const char *rule, size_t i)
{
	const struct rule *r = find(rule);

	if (i == 0)
		return r->one ? "one" : NULL;
	return i == 1 && r->few ? "few" : NULL;
}

bool plural_is_form(const char *name)
{
	return strcmp(name, "one") == 0 || strcmp(name, "few") == 0 ||
	       strcmp(name, "other") == 0;
}
