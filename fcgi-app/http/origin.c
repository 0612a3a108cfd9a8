/* SPDX-License-Identifier: MIT */
/* Reads and compares origins; decides where a visitor may be sent. */
#include "config.h"

#include "http/origin.h"

#include "base/buf.h"
#include "base/str.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The length of "https://", 0 if url is none of ours. */
static size_t scheme_len(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0)
		return 7;
	return strncasecmp(url, "https://", 8) == 0 ? 8 : 0;
}

/* A host name or an address; browsers write names of other scripts in ASCII. */
static bool host_is_sound(const char *host, size_t len)
{
	if (len > 2 && host[0] == '[')
		return host[len - 1] == ']' &&
		       strspn(host + 1, "0123456789abcdefABCDEF:.") == len - 2;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)host[i]) &&
		    strchr("-._", host[i]) == NULL)
			return false;
	return len > 0;
}

bool origin_of(const char *url, char out[ORIGIN_MAX + 1])
{
	size_t scheme = scheme_len(url);
	const char *host = url + scheme;
	size_t len = strcspn(host, "/?#");
	const char *bracket = memchr(host, ']', len);
	const char *from = bracket != NULL ? bracket : host;
	const char *colon = memchr(from, ':', (size_t)(host + len - from));
	size_t host_len = colon != NULL ? (size_t)(colon - host) : len;
	char port[8] = "";
	int64_t number;

	out[0] = '\0';
	if (scheme == 0 || scheme + len > ORIGIN_MAX ||
	    !host_is_sound(host, host_len))
		return false;
	if (colon != NULL) {
		size_t digits = len - host_len - 1;

		if (digits >= sizeof(port))
			return false;
		memcpy(port, colon + 1, digits);
		if (!str_to_int(port, 1, 65535, &number) || port[0] == '0')
			return false;
		/* The scheme's own port is not written. */
		if (number != (scheme == 7 ? 80 : 443))
			host_len = len;
	}
	for (size_t i = 0; i < scheme + host_len; i++)
		out[i] = (char)tolower((unsigned char)url[i]);
	out[scheme + host_len] = '\0';
	return true;
}

bool origin_is_exact(const char *text)
{
	char origin[ORIGIN_MAX + 1];

	return origin_of(text, origin) && strcmp(origin, text) == 0;
}

/* Takes the next word of a blank-separated list; its length, 0 at the end. */
static size_t next_word(const char **list)
{
	*list += strspn(*list, " ");
	return strcspn(*list, " ");
}

bool origin_is_listed(const char *list, const char *origin)
{
	size_t wanted = strlen(origin);
	size_t len;

	for (; (len = next_word(&list)) > 0; list += len)
		if (len == wanted && memcmp(list, origin, len) == 0)
			return true;
	return false;
}

/* What follows the host; "/" if nothing does. */
static const char *path_of(const char *url)
{
	const char *rest = url + scheme_len(url);

	rest += strcspn(rest, "/?#");
	return *rest == '/' ? rest : "/";
}

/* Does a server take it for "." or ".." after it has cut something off? */
static bool is_dots(const char *segment, size_t len)
{
	size_t dots = strspn(segment, ".");

	return dots > 0 &&
	       (dots == len || segment[dots] == ';' || segment[dots] == '%');
}

/* Servers and browsers read some characters in more than one way; "%25" is read
 * twice by some. */
static bool path_is_plain(const char *path)
{
	static const char *const hidden[] = { "%2e", "%2f", "%5c", "%00",
					      "%25" };
	size_t len = strcspn(path, "?#");

	for (size_t i = 0; i < len; i++) {
		for (size_t h = 0; h < ARRAY_COUNT(hidden); h++)
			if (strncasecmp(path + i, hidden[h], 3) == 0)
				return false;
		if (path[i] != '/')
			continue;
		size_t segment = strcspn(path + i + 1, "/?#");

		if (is_dots(path + i + 1, segment))
			return false;
	}
	return true;
}

static bool url_is_plain(const char *url)
{
	size_t len = strlen(url);

	if (len > ORIGIN_URL_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (url[i] <= ' ' || url[i] > '~' ||
		    strchr("\"<>\\^`{|}", url[i]) != NULL)
			return false;
	return path_is_plain(path_of(url));
}

static bool lies_below(const char *path, const char *begin)
{
	size_t len = strlen(begin);

	if (strncmp(path, begin, len) != 0)
		return false;
	return begin[len - 1] == '/' || strchr("/?#", path[len]) != NULL;
}

bool origin_may_return(const char *list, const char *url)
{
	char origin[ORIGIN_MAX + 1];
	char row[ORIGIN_URL_MAX + 1];
	char row_origin[ORIGIN_MAX + 1];
	size_t len;

	if (!url_is_plain(url) || !origin_of(url, origin))
		return false;
	for (; (len = next_word(&list)) > 0; list += len) {
		if (len >= sizeof(row))
			continue;
		memcpy(row, list, len);
		row[len] = '\0';
		if (origin_of(row, row_origin) &&
		    strcmp(origin, row_origin) == 0 &&
		    lies_below(path_of(url), path_of(row)))
			return true;
	}
	return false;
}

void origin_add_query(struct buf *out, const char *url, const char *name,
		      const char *value)
{
	size_t end = strcspn(url, "#");
	bool has_query = memchr(url, '?', end) != NULL;

	buf_add(out, url, end);
	buf_addf(out, "%c%s=%s", has_query ? '&' : '?', name, value);
	buf_addstr(out, url + end);
}

void origin_escape(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~", c) != NULL)
			buf_addch(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}
