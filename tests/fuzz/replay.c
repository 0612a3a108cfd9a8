/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target as a plain test: runs it over files, by default all of
 * corpus/<name> and the inputs in found/<name>.hex, and over all that a cut line
 * would leave of each.
 */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX 1048576
#define CUT_BYTES_MAX 8192	/* longer files are run whole, and no more */

static void run(const char *bytes, size_t len)
{
	/* A block of its own, so that reading behind it is found out. */
	uint8_t *copy = malloc(len);

	must(copy != NULL);
	if (len > 0)
		memcpy(copy, bytes, len);
	must(LLVMFuzzerTestOneInput(copy, len) == 0);
	free(copy);
}

static unsigned long run_cuts(const char *bytes, size_t whole)
{
	unsigned long runs = 1;

	run(bytes, whole);
	for (size_t len = 0; whole <= CUT_BYTES_MAX && len < whole; len++) {
		run(bytes, len);
		runs++;
	}
	return runs;
}

static unsigned long run_file(const char *path)
{
	struct buf text = BUF_INIT;
	unsigned long runs;

	/* The last line of the log names the input that failed. */
	printf("%s\n", path);
	(void)fflush(stdout);
	if (buf_add_file(&text, path, FILE_BYTES_MAX) == -1) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	runs = run_cuts(text.data, text.len);
	buf_release(&text);
	return runs;
}

static char nibble(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = strchr(digits, c);

	must(c != '\0' && at != NULL);
	return (char)(at - digits);
}

/* Inputs that libFuzzer made up, each a line of hexadecimal digits. */
static unsigned long run_found(const char *name)
{
	char *path = alloc_printf("%s/tests/fuzz/found/%s.hex", TEST_SRCDIR,
				  name);
	struct buf text = BUF_INIT;
	struct buf bytes = BUF_INIT;
	unsigned long runs = 0;

	must(buf_add_file(&text, path, FILE_BYTES_MAX) == 0);
	for (const char *p = text.data; *p != '\0'; p++) {
		if (*p == '\n') {
			printf("%.*s\n", (int)(2 * bytes.len),
			       p - 2 * bytes.len);
			(void)fflush(stdout);
			runs += run_cuts(bytes.data, bytes.len);
			buf_clear(&bytes);
		} else {
			buf_addch(&bytes, (char)(nibble(p[0]) << 4 |
						 nibble(p[1])));
			p++;
		}
	}
	buf_release(&bytes);
	buf_release(&text);
	free(path);
	return runs;
}

static unsigned long run_corpus(const char *name)
{
	char *folder = alloc_printf("%s/tests/fuzz/corpus/%s", TEST_SRCDIR,
				    name);
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);
	unsigned long runs = 0;

	if (count == -1) {
		fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		exit(1);
	}
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			char *path = alloc_printf("%s/%s", folder,
						  entries[i]->d_name);

			runs += run_file(path);
			free(path);
		}
		free(entries[i]);
	}
	free(entries);
	free(folder);
	return runs;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	unsigned long runs = 0;

	name = name != NULL ? name + 1 : argv[0];
	name += strncmp(name, "f_", 2) == 0 ? 2 : 0;
	for (int i = 1; i < argc; i++)
		runs += run_file(argv[i]);
	if (argc == 1)
		runs = run_corpus(name) + run_found(name);
	printf("%s: %lu inputs\n", name, runs);
	/* A test without an input would pass for ever. */
	return runs > 0 ? 0 : 1;
}
