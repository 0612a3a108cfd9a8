/* SPDX-License-Identifier: MIT */
/*
 * Settings files, by the tables of both programs: what is read is written and
 * read again the same; what is wrong is said with its line.
 */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "settings/mailconf.h"
#include "site/appconf.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file that is only in memory; the caller closes it. */
static int file_of(const char *text, size_t len, char path[64])
{
	int fd = memfd_create("settings", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	must(snprintf(path, 64, "/proc/self/fd/%d", fd) > 0);
	return fd;
}

/* As "-T" writes them; the caller frees it. */
static char *printed(const struct conf_table *table, const void *settings)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	must(out != NULL);
	conf_print(table, settings, out);
	must(fclose(out) == 0 && text != NULL);
	return text;
}

/* "path:line: what" */
static void check_fault(const struct fault *why, const char *path,
			const char *text, size_t len)
{
	size_t lines = 1;
	unsigned long line = 0;
	char *end;

	must(why->class == FAULT_CONFIG);
	must(strncmp(why->text, path, strlen(path)) == 0);
	must(strpbrk(why->text, "\r\n") == NULL);
	if (strstr(why->text, "not UTF-8") != NULL)
		return;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	line = strtoul(why->text + strlen(path) + 1, &end, 10);
	must(*end == ':' && line >= 1 && line <= lines);
}

/* room: the program's settings, zeroed. */
static void check(const struct conf_table *table, void *room, size_t room_size,
		  const char *text, size_t len)
{
	struct fault why = { .class = FAULT_NONE };
	char path[64];
	int fd = file_of(text, len, path);

	if (conf_load(table, path, room, &why) == -1) {
		check_fault(&why, path, text, len);
		close(fd);
		return;
	}
	close(fd);

	char *first = printed(table, room);

	conf_release(table, room);
	memset(room, 0, room_size);
	fd = file_of(first, strlen(first), path);
	must(conf_load(table, path, room, &why) == 0);
	close(fd);

	char *second = printed(table, room);

	must(strcmp(first, second) == 0);
	conf_release(table, room);
	free(first);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct appconf app = { 0 };
	struct mailconf mail = { 0 };
	size_t len;
	char *text = fuzz_rest(&in, &len);

	check(&appconf_table, &app, sizeof(app), text, len);
	check(&mailconf_table, &mail, sizeof(mail), text, len);
	free(text);
	return 0;
}
