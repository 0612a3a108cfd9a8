/* SPDX-License-Identifier: MIT */
/* Reads a mail server's reply: its numbers, and its words without those that
 * are not its own. */
#include "config.h"

#include "smtpreply/impl.h"

#include <string.h>

#define ADDRESS_MAX 320		/* RFC 5321, 4.5.3.1, with its brackets */

/* ---- characters, in no locale ------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\0';
}

static bool is_word_character(char c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '_' ||
	       c == '?' || c == '.' || (unsigned char)c >= 0x80;
}

/* ---- the numbers -------------------------------------------------------- */

static bool number_read(const char **at, int max, int *out)
{
	size_t len = strspn(*at, "0123456789");
	int value = 0;

	if (len == 0 || len > 3)
		return false;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + ((*at)[i] - '0');
	if (value > max)
		return false;
	*out = value;
	*at += len;
	return true;
}

static bool enhanced_read(const char *at, struct answer_code *r)
{
	struct answer_code e = { .code = r->code };

	if (!number_read(&at, 5, &e.class) ||
	    (e.class != 2 && e.class != 4 && e.class != 5) || *at++ != '.' ||
	    !number_read(&at, 999, &e.subject) || *at++ != '.' ||
	    !number_read(&at, 999, &e.detail))
		return false;
	/* Not an address of a network, nor the beginning of a name. */
	if (is_letter(to_lower(*at)) || *at == '-' ||
	    (*at == '.' && is_digit(at[1])))
		return false;
	*r = e;
	return true;
}

struct answer_code answer_code_read(const char *reply)
{
	struct answer_code r = { .code = 0 };

	while (*reply && strspn(reply, "0123456789") != 3) {
		reply += strcspn(reply, " \t");
		reply += strspn(reply, " \t");
	}
	if (!number_read(&reply, 599, &r.code) || r.code < 200) {
		r.code = 0;
		return r;
	}
	if (*reply && enhanced_read(reply + 1, &r))
		return r;
	for (; *reply; reply++)
		if (is_digit(reply[1]) &&
		    !is_word_character(to_lower(reply[0])) &&
		    enhanced_read(reply + 1, &r))
			break;
	return r;
}

/* ---- the words ---------------------------------------------------------- */

/* Lower case, lines joined, one blank for each gap. */
static void fold(const char *reply, char *out, size_t max)
{
	size_t len = 0;

	for (; *reply && len < max; reply++) {
		char c = to_lower(*reply);

		if (c == '\\' && strchr("nrNR", reply[1]) && reply[1]) {
			reply++;	/* a line's end as people show it */
			c = ' ';
		}
		if (c == '\'')
			continue;
		if (c == '\t' || c == '\r' || c == '\n')
			c = ' ';
		if (c != ' ' || (len > 0 && out[len - 1] != ' '))
			out[len++] = c;
	}
	out[len] = '\0';
}

static void blank_out(char *from, const char *end)
{
	memset(from, ' ', (size_t)(end - from));
}

/*
 * People choose their addresses, and servers quote them: they are no words of
 * the server's.  What stands between < and > with an @ in it goes as a whole;
 * else what stands around the @, with a local part in quotes.
 */
static void forget_addresses(char *text)
{
	for (char *open = strchr(text, '<'); open;
	     open = strchr(open + 1, '<')) {
		size_t len = strcspn(open, ">");

		if (len <= ADDRESS_MAX && memchr(open, '@', len))
			blank_out(open, open + len);
	}
	for (char *at = strchr(text, '@'); at; at = strchr(at, '@')) {
		char *end = at + strcspn(at, " >)]");
		char *from = at;

		if (from > text && from[-1] == '"')
			for (from--; from > text && from[-1] != '"';)
				from--;
		while (from > text && !strchr(" <([", from[-1]))
			from--;
		blank_out(from, end);
		at = end;
	}
}

/* What put_word() takes off the ends of a word does not make it another. */
static bool is_word(const char *text, const char *word, size_t len)
{
	const char *end = word + len;

	while (word > text && word[-1] == '.')
		word--;
	end += strspn(end, "?.-");
	return (word == text || !is_word_character(word[-1])) &&
	       !is_word_character(*end);
}

/* Blanks the word out wherever it stands.  Returns whether it does. */
static bool forget_word(char *text, const char *word, size_t len)
{
	bool found = false;
	char *at = text;

	while (len > 0 && (at = memmem(at, strlen(at), word, len)) != NULL) {
		if (is_word(text, at, len)) {
			blank_out(at, at + len);
			found = true;
		}
		at += len;
	}
	return found;
}

/* A server may repeat the address in part: without its domain, without its
 * tag, or one of those alone. */
static bool forget_recipient(char *text, const char *recipient)
{
	char name[ADDRESS_MAX + 1];
	size_t local;
	size_t tag;
	bool found;

	fold(recipient, name, ADDRESS_MAX);
	local = strcspn(name, "@");
	tag = strcspn(name, "+@");
	found = forget_word(text, name, local);
	found |= forget_word(text, name, tag);
	if (tag < local)
		found |= forget_word(text, name + tag + 1, local - tag - 1);
	if (name[local])
		found |= forget_word(text, name + local + 1,
				     strlen(name + local + 1));
	return found;
}

/*
 * What stands in quotes, and all that follows "subject:", is from the mail,
 * partly written by visitors: servers cite it to tell what they dislike.  A
 * server that puts all of its reply in quotes means it.
 */
static void forget_quotations(char *text)
{
	char *subject = strstr(text, " subject: ");
	char *open = text + strcspn(text, "abcdefghijklmnopqrstuvwxyz");

	if (subject)
		blank_out(subject + strlen(" subject:"), strchr(subject, '\0'));
	if (open > text && open[-1] == '"')
		return;
	while ((open = strchr(open, '"')) != NULL) {
		char *close = strchr(++open, '"');

		if (!close)
			break;
		blank_out(open, close);
		open = close + 1;
	}
}

/* A link, or a name of a host: "http://...", "mx.example.org". */
static bool is_name(const char *word, size_t len)
{
	static const char *const ends[] = {
		".com", ".net", ".org", ".edu", ".gov", ".info", ".biz",
		".io", ".eu", ".de", ".fr", ".it", ".es", ".pt", ".br", ".jp",
		".ch", ".at", ".nl", ".be", ".pl", ".uk", ".ru", ".cn",
		".example", ".test", ".local", ".localdomain",
	};
	size_t dots = 0;

	if (len > 8 && memmem(word, len, "://", 3))
		return true;
	while (len > 0 && strchr(".,;:)]>\"", word[len - 1]))
		len--;
	for (size_t i = 1; i + 1 < len; i++)
		if (word[i] == '.' && word[i - 1] != '.' &&
		    !strchr("(<[ ", word[i + 1]))
			dots++;
	for (size_t i = 0; dots == 1 && i < ARRAY_COUNT(ends); i++)
		if (len > strlen(ends[i]) &&
		    !memcmp(word + len - strlen(ends[i]), ends[i],
			    strlen(ends[i])))
			return true;
	return dots > 1;
}

/* One word, or several if signs part it; each with a blank behind it. */
static size_t put_word(char *out, size_t len, const char *word, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = word[i];
		bool last = i + 1 == size || !is_word_character(word[i + 1]);

		if ((unsigned char)c >= 0x80)
			c = '?';	/* an accent, in whatever coding */
		if (c == '?' && out[len - 1] == '?')
			continue;
		if (!is_word_character(c) || (last && strchr("?.-", c)) ||
		    (c == '.' && (out[len - 1] == ' ' || word[i + 1] == '.')))
			c = ' ';
		if (c != ' ' || out[len - 1] != ' ')
			out[len++] = c;
	}
	if (out[len - 1] != ' ')
		out[len++] = ' ';
	return len;
}

void answer_text_read(struct answer_text *t, const char *reply,
		      const char *recipient)
{
	size_t len = 1;

	fold(reply, t->whole, ANSWER_TEXT_MAX);
	forget_addresses(t->whole);
	t->names_recipient = recipient &&
			     forget_recipient(t->whole, recipient);
	forget_quotations(t->whole);
	t->words[0] = ' ';
	for (const char *at = t->whole; *at;) {
		size_t size = strcspn(at, " ");

		if (size > 0 && !is_name(at, size))
			len = put_word(t->words, len, at, size);
		at += size;
		at += strspn(at, " ");
	}
	t->words[len] = '\0';
}

/* ---- phrases ------------------------------------------------------------ */

bool answer_list_next(const char **list, char sep, const char **item,
		      size_t *len)
{
	const char *end;

	if (**list == '\0')
		return false;
	end = strchrnul(*list, sep);
	*item = *list;
	*len = (size_t)(end - *list);
	*list = *end ? end + 1 : end;
	return true;
}

/* Does the phrase stand at the beginning of these words? */
static bool phrase_is_at(const char *p, size_t len, const char *words)
{
	for (const char *end = p + len; p < end; p++)
		switch (*p) {
		case '-':
			if (*words == ' ' || *words == '-' || *words == '_')
				words++;
			break;
		case '*':
			words += strcspn(words, " ");
			break;
		case '?':
			if (is_blank(*words++))
				return false;
			break;
		default:
			if (*p != *words++)
				return false;
		}
	return is_blank(*words);
}

bool answer_text_says(const struct answer_text *t, const char *phrases)
{
	const char *p;
	size_t len;

	while (answer_list_next(&phrases, '|', &p, &len))
		for (const char *at = t->words; *at; at++)
			if (*at == ' ' && phrase_is_at(p, len, at + 1))
				return true;
	return false;
}

bool answer_text_has(const struct answer_text *t, const char *tokens)
{
	const char *p;
	size_t len;
	size_t size = strlen(t->whole);

	while (answer_list_next(&tokens, '|', &p, &len))
		if (memmem(t->whole, size, p, len))
			return true;
	return false;
}
