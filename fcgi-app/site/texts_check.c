/* SPDX-License-Identifier: MIT */
/* Finds what is wrong with the sysadmin's pages and languages. */
#include "config.h"

#include "site/texts_check.h"

#include "base/alloc.h"
#include "site/templates.h"
#include "text/lang.h"
#include "text/mailtemplate.h"
#include "text/templatefile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WHOLE "en"		/* the language that has everything */

struct check {
	const struct appconf *c;
	void (*report)(void *arg, const struct texts_report *r);
	void *arg;
};

static void say(const struct check *k, enum texts_kind kind,
		const char *language, const char *sentence)
{
	const struct texts_report report = { kind, language, sentence };

	k->report(k->arg, &report);
}

/* ---- pages --------------------------------------------------------------- */

static void report_page(void *arg, const struct page_template_about *page)
{
	const struct check *k = arg;

	if (page->broken != NULL)
		say(k, TEXTS_FAULT, "", page->broken);
	if (page->is_idle) {
		char *text = alloc_printf("%s: ignored: there is no page of "
					  "that name", page->path);

		say(k, TEXTS_FAULT, "", text);
		free(text);
	}
}

static int check_pages(struct check *k, struct fault *why)
{
	char *shipped = alloc_printf("%s/templates/web", k->c->data_dir);
	char *edited = alloc_printf("%s/" TEMPLATEFILE_PAGES,
				    k->c->template_dir);
	struct page_templates *set = page_templates_new(
		shipped, *k->c->template_dir != '\0' ? edited : "", why);

	if (set != NULL)
		page_templates_edited(set, report_page, k);
	page_templates_free(set);
	free(edited);
	free(shipped);
	return set != NULL ? 0 : -1;
}

/* ---- languages ---------------------------------------------------------- */

static void report_gap(void *arg, const char *tag, enum lang_gap gap,
		       const char *sentence)
{
	say(arg, gap == LANG_MISSING ? TEXTS_GAP : TEXTS_FAULT, tag,
	    sentence);
}

static const struct mailtemplate *mail_named(const struct mailtemplates *set,
					     const char *language,
					     const char *name)
{
	const struct mailtemplate *t;

	for (size_t i = 0; (t = mailtemplates_at(set, i)) != NULL; i++) {
		struct mailtemplate_about a = mailtemplate_about(t);

		if (strcmp(a.language, language) == 0 &&
		    strcmp(a.name, name) == 0)
			return t;
	}
	return NULL;
}

static bool is_there(const struct mailtemplate_file *file)
{
	return file->shipped || file->edited || file->broken != NULL;
}

static void say_missing(const struct check *k, const char *tag,
			const char *stem, const char *suffix)
{
	char *text = alloc_printf("%s.%s: this mail's text is missing", stem,
				  suffix);

	say(k, TEXTS_GAP, tag, text);
	free(text);
}

/* Does the language have each file that English has? */
static void check_mails_of(const struct check *k,
			   const struct mailtemplates *set, const char *tag,
			   const char *shipped)
{
	const struct mailtemplate *t;
	char *ours = alloc_printf("%s/%s", shipped, tag);
	const char *dir = access(ours, F_OK) == 0 ? shipped :
						    k->c->template_dir;

	for (size_t i = 0; (t = mailtemplates_at(set, i)) != NULL; i++) {
		struct mailtemplate_about whole = mailtemplate_about(t);
		struct mailtemplate_about own = { .language = tag };
		const struct mailtemplate *other;
		char *stem;

		/* Not what the sysadmin has added in English. */
		if (strcmp(whole.language, WHOLE) != 0)
			continue;
		other = mail_named(set, tag, whole.name);
		if (other != NULL)
			own = mailtemplate_about(other);
		stem = alloc_printf("%s/%s/%s", dir, tag, whole.name);
		if (whole.text.shipped && !is_there(&own.text))
			say_missing(k, tag, stem, "txt");
		if (whole.html.shipped && !is_there(&own.html))
			say_missing(k, tag, stem, "html");
		free(stem);
	}
	free(ours);
}

/* Mails in a language that pages do not have are only asked for by other
 * programs. */
static void check_strangers(const struct check *k,
			    const struct mailtemplates *set,
			    const struct lang_set *langs)
{
	const struct mailtemplate *t;
	const char *said = "";

	for (size_t i = 0; (t = mailtemplates_at(set, i)) != NULL; i++) {
		const char *tag = mailtemplate_language(t);
		const struct lang *l = lang_find(langs, tag);
		char *text;

		if ((l != NULL && strcmp(lang_tag(l), tag) == 0) ||
		    strcmp(said, tag) == 0)
			continue;
		text = alloc_printf("%s/%s: there is no catalogue %s.json: "
				    "no page is in this language",
				    k->c->template_dir, tag, tag);
		say(k, TEXTS_GAP, tag, text);
		free(text);
		said = tag;
	}
}

static int check_languages(struct check *k, struct fault *why)
{
	char *locale = alloc_printf("%s/locale", k->c->data_dir);
	char *shipped = alloc_printf("%s/templates/mail", k->c->data_dir);
	struct lang_set *langs = lang_set_raw(locale, k->c->locale_dir,
					      k->c->default_locale, why);
	struct mailtemplates *mails = NULL;
	bool has_mails = access(shipped, F_OK) == 0;
	struct fault unread;
	const struct lang *l;

	if (langs != NULL) {
		lang_set_check(langs, report_gap, k);
		/* maild may be on another host, and its templates with it. */
		if (has_mails)
			mails = mailtemplates_new(shipped, k->c->template_dir,
						  &unread);
		if (has_mails && mails == NULL)
			say(k, TEXTS_FAULT, "", unread.text);
	}
	for (size_t i = 0; mails != NULL && (l = lang_at(langs, i)) != NULL;
	     i++)
		check_mails_of(k, mails, lang_tag(l), shipped);
	if (mails != NULL)
		check_strangers(k, mails, langs);
	mailtemplates_free(mails);
	lang_set_free(langs);
	free(shipped);
	free(locale);
	return langs != NULL ? 0 : -1;
}

int texts_check(const struct appconf *c,
		void (*report)(void *arg, const struct texts_report *r),
		void *arg, struct fault *why)
{
	struct check k = { .c = c, .report = report, .arg = arg };

	return check_pages(&k, why) < 0 || check_languages(&k, why) < 0 ?
		-1 : 0;
}
