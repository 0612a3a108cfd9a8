/* SPDX-License-Identifier: MIT */
/* What a mail to the bounce address reports; parsed by GMime. */
#include "config.h"

#include "bounce/report.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"
#include "bounce/notice.h"

#include <gmime/gmime.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 8		/* nested multiparts */
#define PARTS_MAX 64
#define TEXT_MAX_BYTES 16384	/* looked at, of each part */

/* The telling parts, each as text, NULL = there is none. */
struct parts {
	char *status;
	char *feedback;
	char *words;		/* what people read */
	bool receipt;		/* of the kind that confirms reading */
	int left;		/* parts that may still be looked at */
};

void report_init(void)
{
	g_mime_init();
}

/* ---- parts --------------------------------------------------------------- */

/* The beginning of a part, decoded; NULs become blanks.  NULL if it has no
 * content; the caller frees. */
static char *part_text(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = g_mime_stream_mem_new();
	char *text = NULL;

	if (content &&
	    g_mime_data_wrapper_write_to_stream(content, stream) != -1) {
		GByteArray *bytes = g_mime_stream_mem_get_byte_array(
			GMIME_STREAM_MEM(stream));
		size_t len = bytes->len < TEXT_MAX_BYTES ? bytes->len
							 : TEXT_MAX_BYTES;

		text = alloc_zeroed(1, len + 1);
		if (len > 0)
			memcpy(text, bytes->data, len);
		for (size_t i = 0; i < len; i++)
			if (text[i] == '\0')
				text[i] = ' ';
	}
	g_object_unref(stream);
	return text;
}

/* HTML without its tags, in place. */
static void tags_drop(char *text)
{
	char *to = text;
	bool inside = false;

	for (; *text; text++) {
		if (*text == '<')
			inside = true;
		if (!inside)
			*to++ = *text;
		else if (*text == '>')
			inside = false;
	}
	*to = '\0';
}

/* The first text is what people read. */
static void words_take(struct parts *p, GMimePart *part, bool html)
{
	char *text = p->words ? NULL : part_text(part);

	if (!text)
		return;
	if (html)
		tags_drop(text);
	p->words = text;
}

static void leaf_take(struct parts *p, GMimeObject *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);
	const char *sort = g_mime_content_type_get_media_subtype(type);
	bool is_message = g_mime_content_type_is_type(type, "message", "*");

	if (!GMIME_IS_PART(part) || !sort)
		return;
	if (is_message && (strcasecmp(sort, "delivery-status") == 0 ||
			   strcasecmp(sort, "global-delivery-status") == 0)) {
		if (!p->status)
			p->status = part_text(GMIME_PART(part));
	} else if (is_message && strcasecmp(sort, "feedback-report") == 0) {
		if (!p->feedback)
			p->feedback = part_text(GMIME_PART(part));
	} else if (is_message &&
		   (strcasecmp(sort, "disposition-notification") == 0 ||
		    strcasecmp(sort, "global-disposition-notification") == 0)) {
		p->receipt = true;
	} else if (g_mime_content_type_is_type(type, "text", "plain")) {
		words_take(p, GMIME_PART(part), false);
	} else if (g_mime_content_type_is_type(type, "text", "html")) {
		words_take(p, GMIME_PART(part), true);
	}
}

/* Goes through all parts but those of a mail inside the mail. */
static void parts_take(struct parts *p, GMimeObject *top)
{
	struct {
		GMimeMultipart *of;
		int next;
	} stack[DEPTH_MAX];
	int depth = 0;

	if (!GMIME_IS_MULTIPART(top)) {
		leaf_take(p, top);
		return;
	}
	stack[depth].of = GMIME_MULTIPART(top);
	stack[depth++].next = 0;
	while (depth > 0 && p->left-- > 0) {
		int next = stack[depth - 1].next++;
		GMimeMultipart *of = stack[depth - 1].of;
		GMimeObject *part;

		if (next >= g_mime_multipart_get_count(of)) {
			depth--;
			continue;
		}
		part = g_mime_multipart_get_part(of, next);
		if (!GMIME_IS_MULTIPART(part)) {
			leaf_take(p, part);
		} else if (depth < DEPTH_MAX) {
			stack[depth].of = GMIME_MULTIPART(part);
			stack[depth++].next = 0;
		}
	}
}

/* ---- the verdict --------------------------------------------------------- */

/* A header of the mail itself, "" if it has none; borrowed. */
static const char *header(GMimeMessage *message, const char *name)
{
	const char *value = g_mime_object_get_header(GMIME_OBJECT(message),
						     name);

	return value ? value : "";
}

static const char *subject_of(GMimeMessage *message)
{
	const char *subject = g_mime_message_get_subject(message);

	return subject ? subject : "";
}

static bool has_header(GMimeMessage *message, const char *name)
{
	return *header(message, name) != '\0';
}

static bool said_take(const struct said *said, struct report *out)
{
	if (!said->understood)
		return false;
	out->kind = said->fate == QUEUE_FATE_NONE ? REPORT_NO_NEWS
						  : REPORT_FATE;
	out->fate = said->fate;
	memcpy(out->text, said->text, sizeof(out->text));
	memcpy(out->envid, said->envid, sizeof(out->envid));
	return true;
}

static struct notice notice_of(GMimeMessage *message, const struct parts *p)
{
	return (struct notice){
		.from = header(message, "From"),
		.subject = subject_of(message),
		/* A read receipt has no sender either. */
		.return_path = p->receipt ? "" : header(message,
							"Return-Path"),
		.auto_submitted = header(message, "Auto-Submitted"),
		.precedence = header(message, "Precedence"),
		.is_marked = has_header(message, "X-Autoreply") ||
			     has_header(message, "X-Autorespond") ||
			     has_header(message, "X-Auto-Response-Suppress"),
		.names_failed = has_header(message, "X-Failed-Recipients"),
		.is_report = p->status != NULL,
		.text = p->words ? p->words : "",
	};
}

static void judge(GMimeMessage *message, const struct parts *p,
		  struct report *out)
{
	const struct notice n = notice_of(message, p);
	struct said said;

	if (p->feedback) {
		fields_feedback_read(p->feedback, &said);
		if (said_take(&said, out))
			return;
	}
	if (p->status) {
		fields_status_read(p->status, &said);
		if (said_take(&said, out))
			return;
	}
	/* Dovecot uses the form of a receipt to say that a filter or a full
	 * mailbox refused a mail. */
	out->fate = notice_judge(&n, out->text, sizeof(out->text));
	if (out->fate != QUEUE_FATE_NONE)
		out->kind = REPORT_FATE;
	else if (p->receipt || notice_is_reply(&n))
		out->kind = REPORT_REPLY;
}

void report_read(const char *mail, size_t len, struct report *out)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail, len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	struct parts p = { .left = PARTS_MAX };

	*out = (struct report){ .kind = REPORT_UNKNOWN };
	if (message) {
		GMimeObject *top = g_mime_message_get_mime_part(message);

		if (top)
			parts_take(&p, top);
		judge(message, &p, out);
		g_object_unref(message);
	}
	free(p.status);
	free(p.feedback);
	free(p.words);
	g_object_unref(parser);
	g_object_unref(stream);
}
