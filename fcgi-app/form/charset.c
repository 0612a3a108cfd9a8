/* SPDX-License-Identifier: MIT */
/* The encodings that browsers post forms in, turned into UTF-8. */
#include "config.h"

#include "form/form.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"

#include <errno.h>
#include <iconv.h>
#include <strings.h>

#define UTF8 "UTF-8"
#define GUESS "WINDOWS-1252"	/* what browsers take for Latin 1 */
#define UNKNOWN_LETTER "\xef\xbf\xbd"	/* U+FFFD */

/* Labels and iconv's names.  Only encodings that hold ASCII as ASCII, so that
 * no byte of theirs can hide a delimiter; not UTF-7. */
static const struct {
	const char *label;
	const char *name;
} known[] = {
	{ "utf-8", UTF8 }, { "utf8", UTF8 },
	{ "windows-1252", GUESS }, { "cp1252", GUESS },
	{ "iso-8859-1", GUESS }, { "iso8859-1", GUESS }, { "latin1", GUESS },
	{ "us-ascii", GUESS }, { "ascii", GUESS },
	{ "iso-8859-2", "ISO-8859-2" }, { "latin2", "ISO-8859-2" },
	{ "iso-8859-3", "ISO-8859-3" }, { "iso-8859-4", "ISO-8859-4" },
	{ "iso-8859-5", "ISO-8859-5" }, { "iso-8859-6", "ISO-8859-6" },
	{ "iso-8859-7", "ISO-8859-7" }, { "iso-8859-8", "ISO-8859-8" },
	{ "iso-8859-9", "WINDOWS-1254" }, { "iso-8859-10", "ISO-8859-10" },
	{ "iso-8859-13", "ISO-8859-13" }, { "iso-8859-14", "ISO-8859-14" },
	{ "iso-8859-15", "ISO-8859-15" }, { "iso-8859-16", "ISO-8859-16" },
	{ "windows-1250", "WINDOWS-1250" }, { "windows-1251", "WINDOWS-1251" },
	{ "windows-1253", "WINDOWS-1253" }, { "windows-1254", "WINDOWS-1254" },
	{ "windows-1255", "WINDOWS-1255" }, { "windows-1256", "WINDOWS-1256" },
	{ "windows-1257", "WINDOWS-1257" }, { "windows-1258", "WINDOWS-1258" },
	{ "windows-874", "CP874" }, { "macintosh", "MACINTOSH" },
	{ "koi8-r", "KOI8-R" }, { "koi8-u", "KOI8-U" }, { "ibm866", "IBM866" },
	{ "shift_jis", "CP932" }, { "shift-jis", "CP932" },
	{ "euc-jp", "EUC-JP" }, { "euc-kr", "CP949" }, { "big5", "BIG5" },
	{ "gbk", "GB18030" }, { "gb2312", "GB18030" },
	{ "gb18030", "GB18030" },
};

/* iconv's name for the label, NULL if it is none of ours. */
static const char *name_of(const char *label)
{
	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (strcasecmp(label, known[i].label) == 0)
			return known[i].name;
	return NULL;
}

/* Appends text, letter by letter as far as it goes; *bad_out is set if some of
 * it means nothing in its encoding. */
static void convert(iconv_t cd, const char *text, struct buf *out,
		    bool *bad_out)
{
	char *in = (char *)(uintptr_t)text;	/* iconv's prototype */
	size_t left = strlen(text);

	(void)iconv(cd, NULL, NULL, NULL, NULL);
	while (left > 0) {
		char piece[256];
		char *at = piece;
		size_t room = sizeof(piece);
		size_t done = iconv(cd, &in, &left, &at, &room);

		buf_add(out, piece, (size_t)(at - piece));
		if (done != (size_t)-1 || errno == E2BIG)
			continue;
		*bad_out = true;
		buf_addstr(out, UNKNOWN_LETTER);
		in++;
		left--;
	}
}

/* Reads "&#321;"; returns how long it is, 0 if it is nothing of the kind.  No
 * encoding lacks a letter of ASCII, so those are what somebody typed. */
static size_t reference_read(const char *text, uint32_t *code_out)
{
	size_t digits;
	char number[8];
	int64_t code;

	if (!str_starts_with(text, "&#"))
		return 0;
	digits = strspn(text + 2, "0123456789");
	if (digits == 0 || digits >= sizeof(number) || text[2 + digits] != ';')
		return 0;
	memcpy(number, text + 2, digits);
	number[digits] = '\0';
	if (!str_to_int(number, 0xa0, 0x10ffff, &code) ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*code_out = (uint32_t)code;
	return digits + 3;
}

static void add_letter(struct buf *out, uint32_t code)
{
	if (code < 0x800) {
		buf_addch(out, (char)(0xc0 | code >> 6));
	} else if (code < 0x10000) {
		buf_addch(out, (char)(0xe0 | code >> 12));
		buf_addch(out, (char)(0x80 | (code >> 6 & 0x3f)));
	} else {
		buf_addch(out, (char)(0xf0 | code >> 18));
		buf_addch(out, (char)(0x80 | (code >> 12 & 0x3f)));
		buf_addch(out, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	buf_addch(out, (char)(0x80 | (code & 0x3f)));
}

static void undo_references(char **text)
{
	struct buf out = BUF_INIT;
	uint32_t code;

	if (strstr(*text, "&#") == NULL)
		return;
	for (const char *p = *text; *p != '\0';) {
		size_t len = reference_read(p, &code);

		if (len > 0)
			add_letter(&out, code);
		else
			buf_addch(&out, *p);
		p += len > 0 ? len : 1;
	}
	free(*text);
	*text = alloc_textn(out.data, out.len);
	buf_release(&out);
}

bool form_is_utf8(const struct form *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct form_field *one = &f->fields[i];

		if (!str_is_utf8(one->name, strlen(one->name)) ||
		    !str_is_utf8(one->value, strlen(one->value)))
			return false;
	}
	return true;
}

/* Everything from the encoding of that name. */
static void convert_all(struct form *f, const char *name)
{
	iconv_t cd = iconv_open(UTF8, name);

	/* Its table is not installed: GUESS is within the C library itself. */
	if (cd == (iconv_t)-1) {
		f->guessed = true;
		cd = iconv_open(UTF8, GUESS);
	}
	must(cd != (iconv_t)-1);
	for (size_t i = 0; i < 2 * f->count; i++) {
		struct form_field *one = &f->fields[i / 2];
		char **text = i % 2 ? &one->value : &one->name;
		struct buf out = BUF_INIT;

		convert(cd, *text, &out, &f->guessed);
		free(*text);
		*text = alloc_textn(out.data, out.len);
		buf_release(&out);
	}
	(void)iconv_close(cd);
}

void form_to_utf8(struct form *f, const char *label)
{
	const char *name = name_of(label);
	bool is_utf8 = form_is_utf8(f);

	if (name != NULL && strcmp(name, UTF8) == 0 && is_utf8)
		return;
	if (name == NULL || strcmp(name, UTF8) == 0) {
		name = is_utf8 ? NULL : GUESS;
		f->guessed = !is_utf8;
	}
	if (name != NULL)
		convert_all(f, name);
	for (size_t i = 0; i < f->count; i++)
		undo_references(&f->fields[i].value);
}
