/* SPDX-License-Identifier: MIT */
/* What settings of both programs may hold, beyond what their rows say. */
#include "config.h"

#include "conf/check.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/utext.h"
#include "conf/impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <netinet/in.h>
#include <pwd.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/un.h>

#define FILE_BYTES_MAX 262144
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"

/* The line that sets name before the first section, or that is the section
 * "[kind name]"; 0 = none. */
static int line_of(const char *path, const char *name, size_t len)
{
	struct buf text = BUF_INIT;
	int found = 0;
	int number = 0;

	if (buf_add_file(&text, path, FILE_BYTES_MAX) == -1)
		buf_clear(&text);
	for (const char *p = text.data; *p && !found;) {
		const char *word = p + strspn(p, " \t");
		const char *rest;

		number++;
		if (*word == '[' && *name != '[')
			break;
		rest = word + len;
		if (strncmp(word, name, len) == 0 &&
		    (*name == '[' || rest[strspn(rest, " \t")] == '='))
			found = number;
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	buf_release(&text);
	return found;
}

void conf_place_at(const char *path, const char *name, struct fault *why)
{
	char text[sizeof(why->text)];

	memcpy(text, why->text, sizeof(text));
	(void)fault_set(why, why->class, "%s: %s", name, text);
	conf_place(path, why);
}

/* Where a setting stands. */
struct place {
	const char *name;
	size_t len;
	char file[PATH_MAX];
	int line;		/* 0 = not found yet */
};

/* The last file that names it is the one in force. */
static void look_in(struct place *place, const char *file)
{
	int line = line_of(file, place->name, place->len);

	if (line > 0 && str_copy(place->file, sizeof(place->file), file))
		place->line = line;
}

static int look_in_part(void *arg, const char *file, const char *name,
			struct fault *why)
{
	(void)name;
	(void)why;
	look_in(arg, file);
	return 0;
}

void conf_place(const char *path, struct fault *why)
{
	struct place place = { .line = 0 };
	struct fault unused;
	char text[sizeof(why->text)];

	if (!path)
		return;
	memcpy(text, why->text, sizeof(text));
	place.name = text;
	place.len = text[0] == '[' ? strcspn(text, "]") + 1
				   : strspn(text, NAME_CHARS);
	if (place.len > 0) {
		look_in(&place, path);
		/* A folder that cannot be read has no line to name. */
		(void)!conf_parts_each(path, look_in_part, &place, &unused);
	}
	if (place.line > 0)
		(void)fault_set(why, why->class, "%s:%d: %s", place.file,
				place.line, text);
	else
		(void)fault_set(why, why->class, "%s: %s", path, text);
}

int conf_check_log(const char *value, struct fault *why)
{
	if (strcmp(value, "syslog") == 0 || strcmp(value, "stderr") == 0 ||
	    (str_starts_with(value, "file:/") && !utext_has_invisible(value)))
		return 0;
	return fault_set(why, FAULT_CONFIG,
			 "log: \"%s\" is not stderr, syslog or file:/path",
			 value);
}

int conf_check_line(const char *name, const char *value, struct fault *why)
{
	if (!utext_has_invisible(value))
		return 0;
	return fault_set(why, FAULT_CONFIG,
			 "%s: holds a control character", name);
}

static bool is_host(const char *s, size_t len)
{
	return len > 0 && len <= 253 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789-._:[]") >= len;
}

int conf_check_host(const char *name, const char *value, struct fault *why)
{
	if (value[0] == '\0' || is_host(value, strlen(value)))
		return 0;
	return fault_set(why, FAULT_CONFIG,
			 "%s: \"%s\" is not the name of a host", name, value);
}

bool conf_is_this_host(const char *host)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET;
	if (inet_pton(AF_INET6, host, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six) ||
		       (IN6_IS_ADDR_V4MAPPED(&six) &&
			six.s6_addr[12] == IN_LOOPBACKNET);
	return strcasecmp(host, "localhost") == 0;
}

int conf_check_domain(const char *name, const char *value, struct fault *why)
{
	if (is_host(value, strlen(value)) && !strpbrk(value, ":[]"))
		return 0;
	return fault_set(why, FAULT_CONFIG, "%s: \"%s\" is not a domain", name,
			 value);
}

int conf_check_listen(const char *value, struct fault *why)
{
	const char *host = value + strlen("tcp:");
	const char *colon = strrchr(value, ':');
	int64_t port;

	if (value[0] == '\0' ||
	    (str_starts_with(value, "unix:/") &&
	     strlen(value) - strlen("unix:") <
	     sizeof(((struct sockaddr_un *)NULL)->sun_path)) ||
	    (str_starts_with(value, "tcp:") && colon > host &&
	     is_host(host, (size_t)(colon - host)) &&
	     str_to_int(colon + 1, 1, 65535, &port)))
		return 0;
	return fault_set(why, FAULT_CONFIG,
			 "listen: \"%s\" is not unix:/path (short enough for a "
			 "socket) or tcp:HOST:PORT", value);
}

int conf_check_dir(const char *name, const char *value, const char *fallback,
		   struct fault *why)
{
	struct stat st;

	if (value[0] == '\0')
		return 0;
	if (stat(value, &st) == -1) {
		if (strcmp(value, fallback) == 0 &&
		    (errno == ENOENT || errno == ENOTDIR))
			return 0;
		return fault_set_errno(why, FAULT_CONFIG, errno, "%s: %s",
				       name, value);
	}
	if (S_ISDIR(st.st_mode))
		return 0;
	return fault_set(why, FAULT_CONFIG, "%s: %s is not a directory", name,
			 value);
}

int conf_check_user(const char *user, const char *group, struct fault *why)
{
	if (user[0] && !getpwnam(user))
		return fault_set(why, FAULT_CONFIG, "user: no user named %s",
				 user);
	if (group[0] && !getgrnam(group))
		return fault_set(why, FAULT_CONFIG,
				 "group: no group named %s", group);
	return 0;
}
