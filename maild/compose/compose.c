/* SPDX-License-Identifier: MIT */
/* Makes the complete mail of an envelope. */
#include "config.h"

#include "compose/compose.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "compose/mime.h"
#include "daemon/alert.h"
#include "json/get.h"
#include "text/ics.h"
#include "text/mailsample.h"
#include "text/mailtemplate.h"

#include <json-c/json.h>

#include <stdbool.h>
#include <string.h>

#define DOMAIN_MAX_BYTES 253

struct composer {
	struct compose_opts opts;
	char *shipped_dir;
	struct mailtemplates *templates;
	/* What is made for one mail; the memory is kept for the next. */
	struct buf subject;
	struct buf text;
	struct buf html;
	struct buf calendar;
};

/* Loads the templates of opts if all else is right; NULL with *why. */
static struct mailtemplates *templates_load(const struct compose_opts *opts,
					    struct fault *why)
{
	struct mailtemplates *set;
	char *shipped;

	if (!envelope_address_is_plain(opts->from_address)) {
		(void)fault_set(why, FAULT_CONFIG, "mail_from_address: \"%s\" "
				"is not an address to send from",
				opts->from_address);
		return NULL;
	}
	if (!str_is_name(opts->message_domain, strlen(opts->message_domain),
			 DOMAIN_MAX_BYTES)) {
		(void)fault_set(why, FAULT_CONFIG, "message_domain: \"%s\" is "
				"not a domain for Message-ID",
				opts->message_domain);
		return NULL;
	}
	shipped = alloc_printf("%s/templates/mail", opts->data_dir);
	set = mailtemplates_new(shipped, opts->template_dir, why);
	free(shipped);
	if (set && !mailtemplates_have_language(set, opts->default_locale)) {
		(void)fault_set(why, FAULT_CONFIG, "default_locale: there are "
				"no templates in \"%s\"",
				opts->default_locale);
		mailtemplates_free(set);
		return NULL;
	}
	return set;
}

struct compose_opts compose_opts_of(const struct mailconf *conf)
{
	return (struct compose_opts){
		.data_dir = conf->data_dir,
		.template_dir = conf->template_dir,
		.from_name = conf->mail_from_name,
		.from_address = conf->mail_from_address,
		.message_domain = conf->message_domain,
		.default_locale = conf->default_locale,
	};
}

int compose_opts_check(const struct compose_opts *opts, struct fault *why)
{
	struct mailtemplates *set = templates_load(opts, why);

	mailtemplates_free(set);
	return set ? 0 : -1;
}

struct composer *composer_new(const struct compose_opts *opts,
			      struct fault *why)
{
	struct mailtemplates *set = templates_load(opts, why);
	struct composer *c;

	if (!set)
		return NULL;
	mime_init();
	c = alloc_zeroed(1, sizeof(*c));
	c->templates = set;
	buf_init(&c->subject);
	buf_init(&c->text);
	buf_init(&c->html);
	buf_init(&c->calendar);
	c->opts = *opts;
	if (!opts->from_name)
		c->opts.from_name = "";
	if (!opts->template_dir)
		c->opts.template_dir = "";
	c->shipped_dir = alloc_printf("%s/templates/mail", opts->data_dir);
	return c;
}

void composer_free(struct composer *c)
{
	if (!c)
		return;
	mailtemplates_free(c->templates);
	buf_release(&c->calendar);
	buf_release(&c->html);
	buf_release(&c->text);
	buf_release(&c->subject);
	free(c->shipped_dir);
	free(c);
}

void composer_alert(const struct composer *c)
{
	mailtemplates_alert(c->templates);
}

void composer_check(struct composer *c, struct reporter *r)
{
	struct mailsample *samples = mailsample_new(c->shipped_dir,
						    c->opts.template_dir, r);

	mailtemplates_check(c->templates, samples, r);
	mailsample_free(samples);
}

/* ---- what the envelope says ---------------------------------------------- */

/* The organiser, whom the reader knows, unless a name is set.  Not where the
 * answer is to go to somebody else: that is a mail to the organiser. */
static const char *sender_name(const struct composer *c,
			       const struct envelope *e)
{
	if (*c->opts.from_name != '\0' || get_value(e->data, "reply_to"))
		return c->opts.from_name;
	return get_text(get_value(e->data, "organiser"), "name");
}

/* Fills c->calendar and returns its method if the mail carries an invitation,
 * else NULL. */
static const char *calendar_make(struct composer *c, const struct envelope *e)
{
	struct json_object *from = get_value(e->data, "calendar");
	struct json_object *sequence = get_value(from, "sequence");
	const char *organiser = get_text(from, "organiser");
	struct fault why = { 0 };

	if (!from)
		return NULL;

	const struct ics_event event = {
		.method = get_text(from, "method"),
		.uid = get_text(from, "uid"),
		.sequence = json_object_is_type(sequence, json_type_int)
			    ? json_object_get_int64(sequence) : -1,
		.stamp = get_text(from, "created"),
		.start = get_text(from, "start"),
		.end = get_text(from, "end"),
		.summary = get_text(from, "summary"),
		.location = get_text(from, "location"),
		.description = get_text(from, "description"),
		.organiser_name = sender_name(c, e),
		.organiser_email = envelope_address_is_plain(organiser) ?
			organiser : c->opts.from_address,
		.attendee_name = e->to_name,
		.attendee_email = e->to_email,
	};

	if (ics_write(&event, &c->calendar, &why) == 0)
		return event.method;
	log_warning("left out calendar job=%s why=%s", e->id, why.text);
	return NULL;
}

/* Tells a person, once for all workers, what is wrong with a template that has
 * no substitute. */
static void alert_broken(const struct mailtemplate *t, const char *kind,
			 bool is_html, const struct fault *why)
{
	char *key = alloc_printf("template-broken:%s/%s.%s",
				 mailtemplate_language(t), kind,
				 is_html ? "html" : "txt");

	alert_raise_once(key, "sent %s: %s", is_html ? "without HTML"
			 : "in the default language", why->text);
	free(key);
}

/* The HTML is a luxury: a fault in it never stops the mail. */
static int texts_render(struct composer *c, const struct envelope *e,
			struct mailtemplate *t, struct fault *why)
{
	const struct mailtemplate_fill subject = { MAILTEMPLATE_SUBJECT,
						   e->data };
	const struct mailtemplate_fill text = { MAILTEMPLATE_TEXT, e->data };
	const struct mailtemplate_fill html = { MAILTEMPLATE_HTML, e->data };
	struct fault broken;

	buf_clear(&c->subject);
	buf_clear(&c->text);
	buf_clear(&c->html);
	if (mailtemplate_render(t, &subject, &c->subject, why) < 0 ||
	    mailtemplate_render(t, &text, &c->text, why) < 0)
		return -1;
	if (mailtemplate_render(t, &html, &c->html, &broken) < 0)
		alert_broken(t, e->kind, true, &broken);
	return 0;
}

/* Renders the template of the envelope's language or, if that fails, that of
 * the default language.  NULL with *why. */
static struct mailtemplate *texts_make(struct composer *c,
				       const struct envelope *e,
				       struct fault *why)
{
	const char *fallback = c->opts.default_locale;
	struct mailtemplate *t = mailtemplates_find(c->templates, e->kind,
						    e->locale, fallback);
	struct mailtemplate *other = mailtemplates_find(c->templates, e->kind,
							fallback, fallback);

	if (!t) {
		(void)fault_set(why, FAULT_REJECT, "no template for %s in %s",
				e->kind, e->locale);
		return NULL;
	}
	if (texts_render(c, e, t, why) == 0)
		return t;
	if (!other || other == t)
		return NULL;

	struct fault broken = *why;

	if (texts_render(c, e, other, why) < 0)
		return NULL;
	alert_broken(t, e->kind, false, &broken);
	return other;
}

/* ---- the mail ------------------------------------------------------------ */

/*
 * Later mails of a booking refer to its confirmation, so that they are shown
 * under it.  Their ids are "{ref}.{kind}.{version}".
 */
static void references_add(const struct composer *c, const struct envelope *e,
			   struct buf *out)
{
	const char *uid = get_text(get_value(e->data, "calendar"), "uid");
	const char *at = strrchr(uid, '@');
	const char *domain = c->opts.message_domain;

	/* The confirmation may have been sent under another one. */
	if (at && str_is_name(at + 1, strlen(at + 1), DOMAIN_MAX_BYTES))
		domain = at + 1;
	if (str_starts_with(e->kind, "booking.") &&
	    strcmp(e->kind, "booking.confirmed") != 0)
		buf_addf(out, "References: <%.*s.confirm.0@%s>\r\n",
			 (int)strcspn(e->id, "."), e->id, domain);
}

static void headers_add(const struct composer *c, const struct envelope *e,
			const char *language, struct buf *out)
{
	struct json_object *reader = get_value(e->data, "reply_to");
	struct json_object *organiser =
		json_object_is_type(reader, json_type_object)
		? reader : get_value(e->data, "organiser");
	const char *reply_to = get_text(organiser, "email");

	mime_header_mailbox(out, "From", sender_name(c, e),
			    c->opts.from_address);
	mime_header_mailbox(out, "To", e->to_name, e->to_email);
	if (envelope_address_is_plain(reply_to))
		mime_header_mailbox(out, "Reply-To",
				    get_text(organiser, "name"), reply_to);
	mime_header_text(out, "Subject", c->subject.data);
	mime_header_date(out, wall_ms());
	buf_addf(out, "Message-ID: <%s@%s>\r\n", e->id, c->opts.message_domain);
	/* Amazon SES puts its own Message-ID there. */
	buf_addf(out, "X-Reservoir-Id: %s\r\n", e->id);
	references_add(c, e, out);
	buf_addstr(out, "MIME-Version: 1.0\r\n"
			"Auto-Submitted: auto-generated\r\n"
			"X-Auto-Response-Suppress: OOF, AutoReply\r\n");
	buf_addf(out, "Content-Language: %s\r\n", language);
}

/* The boundary is the same on each attempt; "=_" cannot occur in a body. */
static void multipart_begin(struct buf *out, const char *subtype,
			    const struct envelope *e)
{
	buf_addf(out, "Content-Type: multipart/%s;\r\n"
		 " boundary=\"=_%c.%s\"\r\n", subtype, subtype[0], e->id);
}

static void part_begin(struct buf *out, const char *subtype,
		       const struct envelope *e, const char *headers)
{
	buf_addf(out, "\r\n--=_%c.%s\r\n%s", subtype[0], e->id, headers);
}

static void multipart_end(struct buf *out, const char *subtype,
			  const struct envelope *e)
{
	buf_addf(out, "\r\n--=_%c.%s--\r\n", subtype[0], e->id);
}

/* text/plain, text/html and text/calendar: the best one last. */
static void alternative_add(const struct composer *c, const struct envelope *e,
			    const char *method, struct buf *out)
{
	multipart_begin(out, "alternative", e);
	part_begin(out, "alternative", e,
		   "Content-Type: text/plain; charset=utf-8\r\n"
		   "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	mime_body_quoted(out, c->text.data, c->text.len);
	if (c->html.len > 0) {
		part_begin(out, "alternative", e,
			   "Content-Type: text/html; charset=utf-8\r\n"
			   "Content-Transfer-Encoding: quoted-printable"
			   "\r\n\r\n");
		mime_body_quoted(out, c->html.data, c->html.len);
	}
	if (method) {
		part_begin(out, "alternative", e,
			   "Content-Type: text/calendar; method=");
		buf_addf(out, "%s; charset=utf-8\r\n"
			 "Content-Transfer-Encoding: base64\r\n\r\n", method);
		mime_body_base64(out, c->calendar.data, c->calendar.len);
	}
	multipart_end(out, "alternative", e);
}

static void body_add(const struct composer *c, const struct envelope *e,
		     const char *method, struct buf *out)
{
	if (!method) {
		alternative_add(c, e, NULL, out);
		return;
	}
	multipart_begin(out, "mixed", e);
	part_begin(out, "mixed", e, "");
	alternative_add(c, e, method, out);
	part_begin(out, "mixed", e,
		   "Content-Type: application/ics; name=\"invitation.ics\"\r\n"
		   "Content-Disposition: attachment;"
		   " filename=\"invitation.ics\"\r\n"
		   "Content-Transfer-Encoding: base64\r\n\r\n");
	mime_body_base64(out, c->calendar.data, c->calendar.len);
	multipart_end(out, "mixed", e);
}

int compose_mail(struct composer *c, const struct envelope *e,
		 struct buf *out, struct fault *why)
{
	struct mailtemplate *t;
	const char *method;

	if (!envelope_address_is_plain(e->to_email))
		return fault_set(why, FAULT_REJECT,
				 "the address cannot be put on the wire");
	/* Message-ID, X-Reservoir-Id and boundaries take it as it is. */
	if (!str_is_name(e->id, strlen(e->id), ENVELOPE_ID_MAX))
		return fault_set(why, FAULT_REJECT, "the id is no id");
	t = texts_make(c, e, why);
	if (!t)
		return -1;
	buf_clear(&c->calendar);
	method = calendar_make(c, e);
	headers_add(c, e, mailtemplate_language(t), out);
	body_add(c, e, method, out);
	return 0;
}
