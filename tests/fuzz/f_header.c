/* SPDX-License-Identifier: MIT */
/*
 * Mail headers and bodies: a text, a form feed, a body.  Whatever the text is,
 * the header is one, of plain ASCII, folded; an independent reader, GMime's,
 * finds in it what may be there.
 */
#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/utext.h"
#include "compose/mime.h"

#include <gmime/gmime.h>

#include <string.h>

/* One header: continuation lines begin with a blank, and no line is blank. */
static void is_one_header(const struct buf *out, size_t max)
{
	must(fuzz_has_whole_lines(out->data, out->len, max));
	for (size_t i = 0; i < out->len; i++) {
		must((unsigned char)out->data[i] < 0x7f);
		must(out->data[i] >= ' ' || strchr("\r\n", out->data[i]));
		if (out->data[i] != '\n' || i + 1 == out->len)
			continue;
		must(out->data[i + 1] == ' ');
		must(out->data[i + 2] != ' ' && out->data[i + 2] != '\r');
	}
}

/* Does text come out as it is?  Only single blanks, nothing to be cut. */
static bool is_kept(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= 384 && fuzz_is_utf8(text) &&
	       !utext_has_invisible(text) && text[0] != ' ' &&
	       text[len - 1] != ' ' && !strstr(text, "  ");
}

static void check_text(const char *text)
{
	static const char name[] = "Subject:";
	struct buf out = BUF_INIT;
	char *unfolded;
	char *decoded;

	mime_header_text(&out, "Subject", text);
	is_one_header(&out, 76);
	must(str_starts_with(out.data, name));
	buf_truncate(&out, out.len - 2);
	unfolded = g_mime_utils_header_unfold(out.data + strlen(name));
	decoded = g_mime_utils_header_decode_text(NULL, unfolded);
	must(fuzz_is_utf8(decoded));
	if (is_kept(text))
		must(strcmp(g_strstrip(decoded), text) == 0);
	g_free(decoded);
	g_free(unfolded);
	buf_release(&out);
}

static void check_mailbox(const char *text)
{
	struct buf out = BUF_INIT;
	InternetAddressList *list;
	InternetAddress *one;
	const char *name;
	char *unfolded;

	mime_header_mailbox(&out, "To", text, "zoe@example.org");
	is_one_header(&out, 78);
	buf_truncate(&out, out.len - 2);
	unfolded = g_mime_utils_header_unfold(out.data + strlen("To:"));
	list = internet_address_list_parse(NULL, unfolded);
	must(list != NULL && internet_address_list_length(list) == 1);
	one = internet_address_list_get_address(list, 0);
	must(INTERNET_ADDRESS_IS_MAILBOX(one));
	must(strcmp(internet_address_mailbox_get_addr(
			    INTERNET_ADDRESS_MAILBOX(one)),
		    "zoe@example.org") == 0);
	name = internet_address_get_name(one);
	if (is_kept(text))
		must(name != NULL && strcmp(name, text) == 0);
	g_object_unref(list);
	g_free(unfolded);
	buf_release(&out);
}

/* Encoded bodies are lines of 7-bit text that no boundary can stand in. */
static void check_body(const struct buf *out)
{
	must(fuzz_has_whole_lines(out->data, out->len, 76));
	must(memmem(out->data, out->len, "=_", 2) == NULL);
	for (size_t i = 0; i < out->len; i++)
		must((unsigned char)out->data[i] < 0x7f);
}

static void check_bodies(const char *body, size_t len)
{
	struct buf out = BUF_INIT;

	mime_body_base64(&out, body, len);
	check_body(&out);
	buf_clear(&out);
	/* Texts hold no NUL and no lone CR: templates and calendars. */
	if (memchr(body, '\0', len) == NULL && memchr(body, '\r', len) == NULL) {
		mime_body_quoted(&out, body, len);
		check_body(&out);
	}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	char *text = fuzz_next(&in);
	size_t len;
	char *body = fuzz_rest(&in, &len);

	mime_init();
	check_text(text);
	check_mailbox(text);
	check_bodies(body, len);
	free(text);
	free(body);
	return 0;
}
