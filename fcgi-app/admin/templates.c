/* SPDX-License-Identifier: MIT */
/* Mails as they look with sample data, and what is wrong with templates. */
#include "config.h"

#include "admin/admin.h"

#include "answer/fail.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "http/reply.h"
#include "http/routes.h"
#include "json/get.h"
#include "json/put.h"
#include "site/texts_check.h"
#include "text/lang.h"
#include "text/mailsample.h"
#include "text/mailtemplate.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The mails of this host, read for one page: it shows the files as they are
 * now, before a reload takes them up. */
struct mails {
	const struct call *call;
	char *dir;			/* of the shipped ones */
	struct mailtemplates *set;	/* NULL = there are none */
	struct mailsample *samples;
};

static void add_fault(void *arg, const char *sentence)
{
	put_text(put_row(arg), "text", sentence);
}

static struct reporter reporter_of(struct json_object *faults)
{
	return (struct reporter){ .report = add_fault, .arg = faults };
}

/* faults: a list for what is wrong with the samples. */
static void mails_load(struct mails *m, const struct call *call,
		       struct json_object *faults)
{
	const struct appconf *c = &call->site->conf;
	struct reporter r = reporter_of(faults);
	struct fault ignored;	/* texts_check() says it */

	*m = (struct mails){
		.call = call,
		.dir = alloc_printf("%s/templates/mail", c->data_dir),
	};
	if (access(m->dir, F_OK) != 0)
		return;
	m->set = mailtemplates_new(m->dir, c->template_dir, &ignored);
	m->samples = mailsample_new(m->dir, c->template_dir, &r);
}

static void mails_release(struct mails *m)
{
	mailsample_free(m->samples);
	mailtemplates_free(m->set);
	free(m->dir);
}

/* A language as it calls itself. */
static const char *name_of(const struct call *call, const char *tag)
{
	const struct lang *l = lang_find(call->site->langs, tag);

	return l != NULL && strcmp(lang_tag(l), tag) == 0 ?
		lang_text(l, "name") : tag;
}

/* "broken", "edited", "shipped" or "missing". */
static const char *state_of(const struct mailtemplate_file *file)
{
	if (file->broken != NULL)
		return "broken";
	if (file->edited)
		return "edited";
	return file->shipped ? "shipped" : "missing";
}

static void put_state(const struct call *call, struct json_object *to,
		      const char *name, const char *state)
{
	struct json_object *part = put_object(to, name);

	put_text(part, "word", admin_word(call, "templates", state));
	put_flag(part, "bad", strcmp(state, "broken") == 0);
	put_flag(part, "own", strcmp(state, "edited") == 0);
}

/* ---- the list ------------------------------------------------------------ */

/* Does anything before i in the set have its name? */
static bool was_before(const struct mailtemplates *set, size_t i,
		       bool by_language)
{
	struct mailtemplate_about a =
		mailtemplate_about(mailtemplates_at(set, i));

	for (size_t j = 0; j < i; j++) {
		struct mailtemplate_about b =
			mailtemplate_about(mailtemplates_at(set, j));

		if (!b.is_partial &&
		    strcmp(by_language ? a.language : a.name,
			   by_language ? b.language : b.name) == 0)
			return true;
	}
	return false;
}

/* The mail of a kind in a language, and about it; NULL if there is none. */
static const struct mailtemplate *find(const struct mails *m, const char *kind,
				       const char *language,
				       struct mailtemplate_about *about)
{
	const struct mailtemplate *t;

	for (size_t i = 0; m->set != NULL &&
	     (t = mailtemplates_at(m->set, i)) != NULL; i++) {
		*about = mailtemplate_about(t);
		if (!about->is_partial && strcmp(about->name, kind) == 0 &&
		    strcmp(about->language, language) == 0)
			return t;
	}
	*about = (struct mailtemplate_about){ .is_whole = false };
	return NULL;
}

/* The cell of a kind in a language. */
static void put_cell(const struct mails *m, struct json_object *list,
		     const char *kind, const char *language)
{
	const struct call *call = m->call;
	struct json_object *cell = put_row(list);
	struct mailtemplate_about a;
	const struct mailtemplate *t = find(m, kind, language, &a);
	bool wrong = false;

	if (t != NULL) {
		struct json_object *sample = mailsample_of(m->samples,
							   language, kind);
		struct json_object *ignored = put_new_list();
		struct reporter r = reporter_of(ignored);

		mailtemplate_check(t, sample, &r);
		wrong = r.count > 0;
		json_object_put(ignored);
		json_object_put(sample);
	}
	put_text(cell, "language", language);
	put_text(cell, "language_name", name_of(call, language));
	put_text(cell, "kind", kind);
	put_text(cell, "kind_text", admin_word(call, "kind", kind));
	put_flag(cell, "there", a.is_whole);
	put_state(call, cell, "state", wrong ? "broken" :
		  !a.is_whole ? "missing" :
		  a.html.edited ? "edited" : state_of(&a.text));
}

static void put_kinds(const struct mails *m, struct json_object *values)
{
	const struct call *call = m->call;
	struct json_object *languages = put_list(values, "languages");
	struct json_object *kinds = put_list(values, "kinds");
	const struct mailtemplate *t;

	for (size_t i = 0; (t = mailtemplates_at(m->set, i)) != NULL; i++) {
		struct mailtemplate_about a = mailtemplate_about(t);

		if (!a.is_partial && !was_before(m->set, i, true)) {
			struct json_object *row = put_row(languages);

			put_text(row, "tag", a.language);
			put_text(row, "name", name_of(call, a.language));
		}
	}
	for (size_t i = 0; (t = mailtemplates_at(m->set, i)) != NULL; i++) {
		struct mailtemplate_about a = mailtemplate_about(t);
		struct json_object *row;
		struct json_object *cells;

		if (a.is_partial || was_before(m->set, i, false))
			continue;
		row = put_row(kinds);
		put_text(row, "name", a.name);
		put_text(row, "text", admin_word(call, "kind", a.name));
		cells = put_list(row, "cells");
		for (size_t j = 0; j < get_count(languages); j++)
			put_cell(m, cells, a.name,
				 get_text(get_at(languages, j), "tag"));
	}
}

/* What texts_check() says, faults apart from gaps. */
struct findings {
	const struct call *call;
	struct json_object *faults;
	struct json_object *gaps;	/* a row for each language */
};

/* The lines about a language. */
static struct json_object *gaps_of(const struct findings *f, const char *tag)
{
	struct json_object *row;

	for (size_t i = 0; i < get_count(f->gaps); i++) {
		row = get_at(f->gaps, i);
		if (strcmp(get_text(row, "tag"), tag) == 0)
			return get_value(row, "lines");
	}
	row = put_row(f->gaps);
	put_text(row, "tag", tag);
	put_text(row, "name", name_of(f->call, tag));
	return put_list(row, "lines");
}

static void take_report(void *arg, const struct texts_report *r)
{
	const struct findings *f = arg;

	add_fault(r->kind == TEXTS_FAULT ? f->faults :
		  gaps_of(f, r->language), r->sentence);
}

static void put_findings(const struct call *call, struct json_object *values,
			 struct json_object *faults)
{
	struct findings f = { .call = call, .faults = faults,
			      .gaps = put_list(values, "gaps") };
	struct fault why;

	if (texts_check(&call->site->conf, take_report, &f, &why) < 0)
		add_fault(faults, why.text);
	for (size_t i = 0; i < get_count(f.gaps); i++) {
		struct json_object *row = get_at(f.gaps, i);

		put_value(row, "count", page_count(
			call, "admin.templates.gaps_of",
			(int64_t)get_count(get_value(row, "lines"))));
	}
	put_flag(values, "any_gaps", get_count(f.gaps) > 0);
	put_flag(values, "any_faults", get_count(faults) > 0);
}

void admin_templates(struct call *call)
{
	const struct appconf *c = &call->site->conf;
	struct json_object *values = admin_page(
		call, "/admin/templates",
		page_text(call, "admin.templates.title"));
	struct json_object *faults = put_list(values, "faults");
	struct reporter r = reporter_of(faults);
	struct mails m;

	mails_load(&m, call, faults);
	put_flag(values, "on_templates", true);
	put_text(values, "dir", m.dir);
	put_flag(values, "away", access(m.dir, F_OK) != 0);
	put_text(values, "own_dir", c->template_dir);
	put_flag(values, "own_away", *c->template_dir != '\0' &&
				     access(c->template_dir, F_OK) != 0);
	put_flag(values, "mails", m.set != NULL);
	if (m.set != NULL) {
		put_kinds(&m, values);
		mailtemplates_check(m.set, m.samples, &r);
	}
	put_findings(call, values, faults);
	mails_release(&m);
	page_send(call, 200, "admin_templates", values);
}

/* ---- one mail ----------------------------------------------------------- */

/* The template that the address names; NULL if there is none. */
static const struct mailtemplate *asked(const struct call *call,
					const struct mails *m)
{
	struct mailtemplate_about a;
	const struct mailtemplate *t = find(m, call->match->args[1],
					    call->match->args[0], &a);

	return a.is_whole ? t : NULL;
}

static void put_part(struct json_object *values, const struct mailtemplate *t,
		     const struct mailtemplate_fill *fill,
		     struct json_object *faults)
{
	struct buf out = BUF_INIT;
	struct fault why;

	if (mailtemplate_preview(t, fill, &out, &why) < 0)
		add_fault(faults, why.text);
	put_text(values,
		 fill->part == MAILTEMPLATE_SUBJECT ? "subject" : "body",
		 out.data);
	buf_release(&out);
}

void admin_template(struct call *call)
{
	const char *language = call->match->args[0];
	const char *kind = call->match->args[1];
	struct json_object *faults = put_new_list();
	struct reporter r = reporter_of(faults);
	struct mailtemplate_fill subject = { .part = MAILTEMPLATE_SUBJECT };
	struct mailtemplate_fill body = { .part = MAILTEMPLATE_TEXT };
	struct json_object *sample;
	struct json_object *values;
	struct mailtemplate_about about;
	const struct mailtemplate *t;
	char *self;
	char *title;
	struct mails m;

	mails_load(&m, call, faults);
	t = asked(call, &m);
	if (t == NULL) {
		mails_release(&m);
		json_object_put(faults);
		fail(call, FAIL_NOT_FOUND);
		return;
	}
	about = mailtemplate_about(t);
	self = alloc_printf("/admin/templates/%s/%s", language, kind);
	title = alloc_printf("%s (%s)", admin_word(call, "kind", kind),
			     name_of(call, language));
	values = admin_page(call, self, title);
	put_flag(values, "on_templates", true);
	put_text(values, "self", self);
	put_text(values, "language", language);
	put_text(values, "kind", kind);
	put_state(call, values, "text_state", state_of(&about.text));
	put_state(call, values, "html_state", state_of(&about.html));
	sample = mailsample_of(m.samples, language, kind);
	mailtemplate_check(t, sample, &r);
	put_flag(values, "no_sample", sample == NULL);
	subject.data = body.data = sample;
	put_part(values, t, &subject, faults);
	put_part(values, t, &body, faults);
	put_flag(values, "has_html", about.html.shipped || about.html.edited);
	put_flag(values, "any_faults", get_count(faults) > 0);
	put_value(values, "faults", faults);
	json_object_put(sample);
	mails_release(&m);
	free(title);
	free(self);
	page_send(call, 200, "admin_template", values);
}

/*
 * The HTML alone, for the frame of the page above.  It is the sysadmin's, and
 * yet it gets no script, no form and nothing from elsewhere; nginx says the
 * same (reservoir.conf).
 */
void admin_template_html(struct call *call)
{
	struct json_object *faults = put_new_list();
	struct mailtemplate_fill html = { .part = MAILTEMPLATE_HTML };
	const struct mailtemplate *t;
	struct fault why;
	struct mails m;
	int found = 0;

	mails_load(&m, call, faults);
	t = asked(call, &m);
	if (t != NULL) {
		html.data = mailsample_of(m.samples, call->match->args[0],
					  call->match->args[1]);
		found = mailtemplate_preview(t, &html, &call->rp->body, &why);
		json_object_put(html.data);
	}
	if (found == 1) {
		reply_html(call->rp);
		reply_header(call->rp, "Content-Security-Policy",
			     "sandbox; default-src 'none'; "
			     "style-src 'unsafe-inline'; "
			     "frame-ancestors 'self'");
		reply_header(call->rp, "X-Robots-Tag", "noindex");
	} else {
		fail(call, FAIL_NOT_FOUND);
	}
	mails_release(&m);
	json_object_put(faults);
}
