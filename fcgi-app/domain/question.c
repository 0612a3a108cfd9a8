/* SPDX-License-Identifier: MIT */
/* Keeps questions, and decides what organisers may ask; asks nobody. */
#include "config.h"

#include "domain/question.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/utext.h"
#include "text/catalogue.h"

#include <stdlib.h>
#include <string.h>

#define POSITION_MAX 1000
/* All options of one, each with its line end. */
#define OPTIONS_MAX (QUESTION_OPTIONS_MAX * (QUESTION_OPTION_MAX + 1))

static const char *const kinds[QUESTION_KINDS] = {
	[QUESTION_TEXT] = "text", [QUESTION_LINES] = "lines",
	[QUESTION_CHOICE] = "choice", [QUESTION_BOX] = "box",
	[QUESTION_PHONE] = "phone",
};

const char *question_kind_name(enum question_kind kind)
{
	return kinds[kind];
}

/* ---- keeping ------------------------------------------------------------ */

struct questions *questions_share(struct questions *q)
{
	if (q)
		q->users++;
	return q;
}

void questions_drop(struct questions *q)
{
	if (!q || --q->users > 0)
		return;
	for (size_t i = 0; i < q->count; i++)
		question_release(&q->list[i]);
	free(q->list);
	free(q);
}

const struct question *questions_named(const struct questions *q,
				       const char *name)
{
	for (size_t i = 0; q && i < q->count; i++)
		if (strcmp(q->list[i].name, name) == 0)
			return &q->list[i];
	return NULL;
}

const struct question *questions_by_id(const struct questions *q, int64_t id)
{
	for (size_t i = 0; q && i < q->count; i++)
		if (q->list[i].id == id)
			return &q->list[i];
	return NULL;
}

void question_name_set(struct question *q, const char *name)
{
	must(str_copy(q->name, sizeof(q->name), name));
	(void)snprintf(q->field, sizeof(q->field), ANSWERS_FIELD ".%s", name);
}

static void words_copy(struct question_words *to,
		       const struct question_words *from)
{
	*to = *from;
	to->label = alloc_text(from->label);
	to->options = alloc_text(from->options);
}

static void words_release(struct question_words *words)
{
	free(words->label);
	free(words->options);
}

void question_copy(struct question *to, const struct question *from)
{
	*to = *from;
	words_copy(&to->own, &from->own);
	to->others = alloc_zeroed(from->other_count + 1, sizeof(*to->others));
	for (size_t i = 0; i < from->other_count; i++)
		words_copy(&to->others[i], &from->others[i]);
}

void question_release(struct question *q)
{
	words_release(&q->own);
	for (size_t i = 0; i < q->other_count; i++)
		words_release(&q->others[i]);
	free(q->others);
	memset(q, 0, sizeof(*q));
}

const struct question_words *question_words(const struct question *q,
					    const char *lang)
{
	for (size_t i = 0; i < q->other_count; i++)
		if (strcmp(q->others[i].lang, lang) == 0)
			return &q->others[i];
	return &q->own;
}

char *question_option(const struct question_words *words, size_t i)
{
	const char *line = words->options;

	for (; i > 0 && *line != '\0'; i--) {
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return *line == '\0' ? NULL : alloc_textn(line, strcspn(line, "\n"));
}

/* ---- what organisers may ask -------------------------------------------- */

/* A name that reads like the label; it begins with a letter. */
static char *name_of(const char *label)
{
	char word[QUESTION_NAME_MAX + 1];

	utext_word(word, sizeof(word), label, '_');
	return alloc_text(word + strspn(word, "0123456789_"));
}

static void read_name(struct fields *f, struct question *q)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	char *name = NULL;

	if (!fields_text(f, "name", &name) || *name == '\0') {
		const char *label = fields_sent(f, "label");

		free(name);
		/* Without a label, that is what is to be said. */
		if (utext_name_check(label) != UTEXT_GOOD)
			return;
		name = name_of(label);
	}
	if (strlen(name) > QUESTION_NAME_MAX || *name == '\0' ||
	    strchr(letters, *name) == NULL ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
		fields_fail(f, "name", "question_name", QUESTION_NAME_MAX);
	else
		question_name_set(q, name);
	free(name);
}

/* Behind all that are there. */
static int64_t position_last(const struct questions *all)
{
	int64_t last = -1;

	for (size_t i = 0; all && i < all->count; i++)
		if (all->list[i].position > last)
			last = all->list[i].position;
	return last < POSITION_MAX ? last + 1 : POSITION_MAX;
}

static void read_kind(struct fields *f, struct question *q)
{
	char *text = NULL;
	size_t kind = QUESTION_KINDS;

	if (fields_text(f, "kind", &text))
		for (kind = 0; kind < QUESTION_KINDS; kind++)
			if (strcmp(kinds[kind], text) == 0)
				break;
	free(text);
	if (kind == QUESTION_KINDS)
		fields_fail(f, "kind", "question_kind", 0);
	else
		q->kind = (enum question_kind)kind;
}

/* Its name is in programs, its kind in answers that were given. */
static void read_fixed(struct fields *f, const struct question *before,
		       struct question *q)
{
	if (before == NULL) {
		read_name(f, q);
		read_kind(f, q);
		return;
	}
	if (strcmp(fields_sent(f, "name"), "") != 0 &&
	    strcmp(fields_sent(f, "name"), before->name) != 0)
		fields_fail(f, "name", "question_fixed", 0);
	if (strcmp(fields_sent(f, "kind"), "") != 0 &&
	    strcmp(fields_sent(f, "kind"), kinds[before->kind]) != 0)
		fields_fail(f, "kind", "question_fixed", 0);
}

/* The texts of that language, added if there are none yet. */
static struct question_words *words_for(struct question *q, const char *lang)
{
	struct question_words *words;

	if (*lang == '\0')
		return &q->own;
	for (size_t i = 0; i < q->other_count; i++)
		if (strcmp(q->others[i].lang, lang) == 0)
			return &q->others[i];
	q->others = alloc_resize(q->others, q->other_count + 1,
				 sizeof(*q->others));
	words = &q->others[q->other_count++];
	*words = (struct question_words){
		.label = alloc_text(q->own.label),
		.options = alloc_text(q->own.options),
	};
	must(str_copy(words->lang, sizeof(words->lang), lang));
	return words;
}

static bool option_is_double(const struct question_words *words,
			     const char *option, size_t before)
{
	bool same = false;

	for (size_t i = 0; i < before && !same; i++) {
		char *other = question_option(words, i);

		same = strcmp(other, option) == 0;
		free(other);
	}
	return same;
}

/* Each line without blanks at its ends, empty ones left out. */
static void lines_tidy(char *text)
{
	struct buf out = BUF_INIT;
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		line = utext_trim(line);
		if (*line == '\0')
			continue;
		if (out.len > 0)
			buf_addch(&out, '\n');
		buf_addstr(&out, line);
	}
	/* It only becomes shorter. */
	memcpy(text, out.data, out.len);
	text[out.len] = '\0';
	buf_release(&out);
}

/* What is wrong with the options of a choice, or NULL; *n_out goes into the
 * sentence. */
static const char *options_wrong(const struct question_words *words,
				 size_t wanted, int64_t *n_out)
{
	const char *code = NULL;
	size_t count = 0;
	char *option;

	while (code == NULL &&
	       (option = question_option(words, count)) != NULL) {
		*n_out = QUESTION_OPTION_MAX;
		if (str_utf8_count(option, strlen(option)) >
		    QUESTION_OPTION_MAX)
			code = "option_long";
		else if (option_is_double(words, option, count))
			code = "option_double";
		free(option);
		count++;
	}
	if (code != NULL)
		return code;
	*n_out = wanted > 0 ? (int64_t)wanted : QUESTION_OPTIONS_MAX;
	if (wanted > 0)
		return count != wanted ? "options_same" : NULL;
	return count < 2 || count > QUESTION_OPTIONS_MAX ? "options_count" :
							   NULL;
}

static size_t options_count(const struct question_words *words)
{
	size_t count = 0;
	char *option;

	for (; (option = question_option(words, count)) != NULL; count++)
		free(option);
	return count;
}

static void read_options(struct fields *f, struct question *q,
			 struct question_words *words)
{
	const char *code = NULL;
	int64_t n = 0;
	char *text;

	if (fields_lines(f, "options", OPTIONS_MAX, &text)) {
		free(words->options);
		words->options = text;
		lines_tidy(text);
	}
	if (q->kind == QUESTION_CHOICE)
		code = options_wrong(words, words == &q->own ? 0 :
				     options_count(&q->own), &n);
	else if (*words->options != '\0')
		code = "options_none";
	if (code != NULL)
		fields_fail(f, "options", code, n);
	/* A translation belongs to its own options, line by line. */
	for (size_t i = 0; code == NULL && words == &q->own &&
			   i < q->other_count; i++)
		if (options_count(&q->others[i]) != options_count(words)) {
			free(q->others[i].options);
			q->others[i].options = alloc_text(words->options);
		}
}

static void read_words(struct fields *f, struct question *q)
{
	const struct fields_room room = { .max = QUESTION_LABEL_MAX };
	char *lang = NULL;
	char *label;
	struct question_words *words;

	if (!fields_text(f, "text_lang", &lang))
		lang = alloc_text("");
	if (*lang != '\0' && (!catalogue_is_tag(lang) ||
			      strlen(lang) > QUESTION_LANG_MAX)) {
		fields_fail(f, "text_lang", "language_broken", 0);
		free(lang);
		return;
	}
	words = words_for(q, lang);
	free(lang);
	if (fields_words(f, "label", room, &label)) {
		free(words->label);
		words->label = label;
	}
	if (utext_name_check(words->label) != UTEXT_GOOD)
		fields_fail(f, "label", "question_label", 0);
	read_options(f, q, words);
}

void question_form_read(const struct form *form, const struct questions *all,
			const struct question *before,
			struct question_form *out)
{
	static char none[] = "";
	static const struct question fresh = {
		.own = { .label = none, .options = none },
	};
	const struct fields_range places = { 0, POSITION_MAX,
					     "question_position" };
	struct question *q = &out->question;
	struct fields *f = &out->fields;

	*out = (struct question_form){ .fields = { .form = form } };
	question_copy(q, before ? before : &fresh);
	if (!before)
		q->position = position_last(all);
	read_fixed(f, before, q);
	read_words(f, q);
	(void)fields_flag(f, "required", &q->required);
	(void)fields_flag(f, "per_seat", &q->per_seat);
	(void)fields_int(f, "position", places, &q->position);
	if (q->per_seat && q->kind != QUESTION_TEXT &&
	    q->kind != QUESTION_PHONE)
		fields_fail(f, "per_seat", "question_per_seat", 0);
	f->form = NULL;
}

void question_form_release(struct question_form *form)
{
	question_release(&form->question);
	memset(form, 0, sizeof(*form));
}
