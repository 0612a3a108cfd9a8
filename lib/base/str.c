/* SPDX-License-Identifier: MIT */
/* Checked reading and writing of text. */
#include "config.h"

#include "base/str.h"

#include <string.h>

bool str_to_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *s == '-';
	int64_t value = 0;

	if (negative)
		s++;
	if (*s == '\0')
		return false;
	for (; *s; s++) {
		int digit = *s - '0';

		if (digit < 0 || digit > 9)
			return false;
		if (value < (INT64_MIN + digit) / 10)
			return false;
		/* Counted below zero, where there is one number more. */
		value = value * 10 - digit;
	}
	if (!negative) {
		if (value == INT64_MIN)
			return false;
		value = -value;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

size_t str_int(char dst[STR_INT_SIZE], int64_t number)
{
	char digits[STR_INT_SIZE];
	char *from = digits + sizeof(digits);
	/* Without its sign, which the smallest one has no room to lose. */
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do {
		*--from = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (number < 0)
		*--from = '-';

	size_t len = (size_t)(digits + sizeof(digits) - from);

	memcpy(dst, from, len);
	dst[len] = '\0';
	return len;
}

char *str_digits(char *dst, int number, size_t count)
{
	for (size_t i = count; i-- > 0; number /= 10)
		dst[i] = (char)('0' + number % 10);
	return dst + count;
}

bool str_to_quantity(const char *s, const struct str_unit *units, size_t count,
		     int64_t *out)
{
	char digits[24];
	size_t len = strspn(s, "0123456789");
	int64_t number;

	if (len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, s, len);
	digits[len] = '\0';
	if (!str_to_int(digits, 0, INT64_MAX, &number))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(s + len, units[i].name) != 0)
			continue;
		if (number > INT64_MAX / units[i].factor)
			return false;
		*out = number * units[i].factor;
		return true;
	}
	return false;
}

bool str_copy(char *dst, size_t size, const char *src)
{
	size_t len = strlen(src);

	if (len >= size)
		return false;
	memcpy(dst, src, len + 1);
	return true;
}

/*
 * Decodes one code point of well-formed UTF-8 (RFC 3629 section 4: no overlong
 * forms, no surrogates).  Returns its length, 0 if it is not well-formed.
 */
static size_t utf8_decode(const unsigned char *s, size_t len, uint32_t *out)
{
	uint32_t c = s[0];
	uint32_t least;
	size_t need;

	if (c < 0x80) {
		*out = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf) {
		need = 2;
		least = 0x80;
		c &= 0x1f;
	} else if (c >= 0xe0 && c <= 0xef) {
		need = 3;
		least = 0x800;
		c &= 0x0f;
	} else if (c >= 0xf0 && c <= 0xf4) {
		need = 4;
		least = 0x10000;
		c &= 0x07;
	} else {
		return 0;
	}
	if (len < need)
		return 0;
	for (size_t i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return need;
}

/* Eight bytes of ASCII without NUL: most of what we read. */
static bool is_plain_8(const unsigned char *p)
{
	const uint64_t high = 0x8080808080808080;
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	/* A byte below 1 borrows its high bit. */
	return ((x | (x - 0x0101010101010101)) & high) == 0;
}

size_t str_utf8_span(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t left = len;
	uint32_t c;

	while (left > 0) {
		if (left >= 8 && is_plain_8(p)) {
			p += 8;
			left -= 8;
			continue;
		}

		size_t n = utf8_decode(p, left, &c);

		if (n == 0 || c == 0)
			break;
		p += n;
		left -= n;
	}
	return len - left;
}

bool str_is_utf8(const char *s, size_t len)
{
	return str_utf8_span(s, len) == len;
}

bool str_is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] > 127)
			return false;
	return true;
}

bool str_is_name(const char *s, size_t len, size_t max)
{
	return len > 0 && len <= max &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789_.-") >= len;
}

size_t str_utf8_count(const char *s, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			count++;
	return count;
}

uint32_t str_utf8_next(const char **s)
{
	uint32_t c = 0;

	if (**s == '\0')
		return 0;
	size_t n = utf8_decode((const unsigned char *)*s, strnlen(*s, 4), &c);

	*s += n;
	return n > 0 ? c : 0;
}

void str_mask_controls(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

bool str_contains_nocase(const char *s, const char *needle)
{
	return strcasestr(s, needle) != NULL;
}

bool str_starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends_with(const char *s, const char *suffix)
{
	size_t len = strlen(s);
	size_t tail = strlen(suffix);

	return len >= tail && memcmp(s + len - tail, suffix, tail) == 0;
}

unsigned str_distance(const char *a, const char *b)
{
	unsigned row[64];
	size_t len = strlen(b);

	if (len >= ARRAY_COUNT(row))
		return ARRAY_COUNT(row);
	for (size_t j = 0; j <= len; j++)
		row[j] = (unsigned)j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[len];
}

const char *str_printable(char *dst, size_t size, const char *src)
{
	size_t i = 0;

	if (size == 0)
		return dst;
	for (; src[i] && i < size - 1; i++)
		dst[i] = src[i] >= 0x20 && src[i] < 0x7f ? src[i] : '?';
	dst[i] = '\0';
	return dst;
}

const char *str_without_addresses(char *dst, size_t size, const char *src)
{
	size_t len = 0;

	if (size == 0)
		return dst;
	while (*src && len < size - 1) {
		size_t word = strcspn(src, " ");
		bool hidden = memchr(src, '@', word) != NULL;
		const char *from = hidden ? "[address]" : src;
		size_t n = hidden ? strlen(from) : word;

		for (size_t i = 0; i < n && len < size - 1; i++)
			dst[len++] = from[i] >= 0x20 && from[i] < 0x7f
				     ? from[i] : '?';
		src += word;
		if (*src == ' ' && len < size - 1) {
			dst[len++] = ' ';
			src++;
		}
	}
	dst[len] = '\0';
	return dst;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char *str_trim(char *s)
{
	size_t len;

	while (is_blank(*s))
		s++;
	len = strlen(s);
	while (len > 0 && is_blank(s[len - 1]))
		s[--len] = '\0';
	return s;
}

void str_hex(char *dst, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*dst++ = digits[bytes[i] >> 4];
		*dst++ = digits[bytes[i] & 15];
	}
	*dst = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool str_unhex(uint8_t *dst, size_t len, const char *hex)
{
	if (strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(hex[2 * i]);
		int low = hex_value(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		dst[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void str_base64url(char *dst, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		have += 8;
		while (have >= 6) {
			have -= 6;
			*dst++ = digits[bits >> have & 63];
		}
	}
	if (have > 0)
		*dst++ = digits[bits << (6 - have) & 63];
	*dst = '\0';
}

uint64_t str_hash(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * UINT64_C(1099511628211);
	return hash ? hash : 1;
}

bool str_equal_secret(const char *a, const char *b, size_t len)
{
	volatile unsigned char differ = 0;

	for (size_t i = 0; i < len; i++)
		differ = (unsigned char)(differ | ((unsigned char)a[i] ^
						   (unsigned char)b[i]));
	return differ == 0;
}
