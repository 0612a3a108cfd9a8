/* SPDX-License-Identifier: MIT */
/* Tests settings files: what is read, and how wrong lines are named. */
#include "config.h"

#include "conf/conf.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct settings {
	char *name;
	char *dir;
	char *color;
	bool on;
	int64_t count, wait, size, mode;
};

static const struct conf_row rows[] = {
	{ "name", CONF_TEXT, "abc", offsetof(struct settings, name), 0, 20,
	  NULL, "A name.", false },
	{ "dir", CONF_PATH, "/tmp", offsetof(struct settings, dir), 0, 100,
	  NULL, "A directory.", false },
	{ "color", CONF_CHOICE, "red", offsetof(struct settings, color), 0, 0,
	  "red|green|blue", "A color.", false },
	{ "on", CONF_BOOL, "no", offsetof(struct settings, on), 0, 0, NULL,
	  "A switch.", false },
	{ "count", CONF_COUNT, "3", offsetof(struct settings, count), 1, 9,
	  NULL, "A number.", false },
	{ "wait", CONF_MS, "5s", offsetof(struct settings, wait), 1, 86400000,
	  NULL, "A time that has a long help text so that it must be broken "
	  "into two lines when it is printed.", false },
	{ "size", CONF_BYTES, "64k", offsetof(struct settings, size), 0,
	  1 << 30, NULL, "A size.", false },
	{ "mode", CONF_MODE, "0660", offsetof(struct settings, mode), 0, 0,
	  NULL, "A mode.", false },
};
static const struct conf_table table = { rows, ARRAY_COUNT(rows), NULL };

/* Loads text from a file of its own. */
static int load(const char *text, struct settings *s, struct fault *why)
{
	char path[] = "/tmp/t_conf.XXXXXX";
	int fd = mkstemp(path);
	int result;

	*s = (struct settings){ .name = NULL };
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
	result = conf_load(&table, path, s, why);
	assert_int_equal(unlink(path), 0);
	return result;
}

static void without_a_file_the_defaults_hold(void **state)
{
	struct settings s = { .name = NULL };
	struct fault why;

	(void)state;
	assert_int_equal(conf_load(&table, NULL, &s, &why), 0);
	assert_string_equal(s.name, "abc");
	assert_false(s.on);
	assert_int_equal(s.wait, 5000);
	assert_int_equal(s.size, 65536);
	assert_int_equal(s.mode, 0660);
	conf_release(&table, &s);
}

static void a_value_is_the_rest_of_its_line(void **state)
{
	struct settings s;
	struct fault why;

	(void)state;
	/* A byte order mark is what some editors begin a file with. */
	assert_int_equal(load("\xef\xbb\xbf# comment\n\n  name =  a = b ; # c \n"
			      "on=yes\r\nwait = 2min\ncolor = blue", &s, &why),
			 0);
	assert_string_equal(s.name, "a = b ; # c");
	assert_true(s.on);
	assert_int_equal(s.wait, 120000);
	assert_string_equal(s.color, "blue");
	conf_release(&table, &s);
}

struct wrong {
	const char *text;
	const char *place;	/* behind the file's name */
};

static const struct wrong wrong[] = {
	{ "name = a\nnmae = b\n", ":2: unknown setting \"nmae\"; did you mean "
	  "\"name\"?" },
	{ "completely_else = b\n", ":1: unknown setting \"completely_else\"" },
	{ "name = a\n\nname = b\n", ":3: name was set in line 1 already" },
	{ "name\n", ":1: \"name\" is not \"name = value\"" },
	{ "count = 10\n", ":1: count: 10 is out of bounds (1 to 9)" },
	{ "count = 3x\n", ":1: count: \"3x\" is not a number" },
	{ "wait = 10\n", ":1: wait: \"10\" is not a time" },
	{ "wait = 2d\n", ":1: wait: 2d is out of bounds (1ms to 1d)" },
	{ "\xef\xbb\xbfnmae = b\n", ":1: unknown setting \"nmae\"; did you "
	  "mean \"name\"?" },
	{ "size = 99999999999999999999\n", ":1: size: " },
	{ "on = true\n", ":1: on: \"true\" is not yes or no" },
	{ "color = re\n", ":1: color: \"re\" is not red|green|blue" },
	{ "dir = here\n", ":1: dir: \"here\" is not an absolute path" },
	{ "mode = 0668\n", ":1: mode: " },
	{ "name = 123456789012345678901\n", ":1: name: longer than 20 bytes" },
	{ "name = \xff\n", ": not UTF-8" },
};

static void a_wrong_line_is_named_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct settings s;
		struct fault why;

		print_message("%s", wrong[i].text);
		assert_int_equal(load(wrong[i].text, &s, &why), -1);
		assert_int_equal(why.class, FAULT_CONFIG);
		assert_non_null(strstr(why.text, wrong[i].place));
		assert_null(s.name);
	}
}

static void what_is_printed_is_read_again(void **state)
{
	struct settings s;
	struct settings again;
	struct fault why;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	assert_int_equal(load("name = x y\nwait = 1500ms\nmode = 0600\n"
			      "size = 3k\n", &s, &why), 0);
	conf_print(&table, &s, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(load(text, &again, &why), 0);
	assert_string_equal(again.name, "x y");
	assert_int_equal(again.wait, 1500);
	assert_int_equal(again.mode, 0600);
	assert_int_equal(again.size, 3072);
	free(text);
	conf_release(&table, &s);
	conf_release(&table, &again);
}

/* ---- sections ------------------------------------------------------------- */

struct part {
	struct conf_item item;
	char *color;
	int64_t speed;
};

struct whole {
	int64_t count;
	struct conf_list parts;
};

static const struct conf_row part_rows[] = {
	{ "color", CONF_TEXT, "", offsetof(struct part, color), 0, 20, NULL,
	  "A color.", false },
	{ "speed", CONF_RATE, "0", offsetof(struct part, speed), 0, 3600000,
	  NULL, "A rate.", false },
};
static const struct conf_table part_table = {
	part_rows, ARRAY_COUNT(part_rows), NULL
};

static int check_part(const void *item, struct fault *why)
{
	const struct part *part = item;

	if (part->color[0] == '\0')
		return fault_set(why, FAULT_CONFIG, "color is missing");
	return 0;
}

static void fill_part(void *item)
{
	struct part *part = item;

	free(part->color);
	part->color = alloc_text("grey");
}

static const struct conf_section part_section = {
	.kind = "part", .table = &part_table, .size = sizeof(struct part),
	.max = 2, .offset = offsetof(struct whole, parts), .fallback = "only",
	.fill = fill_part, .check = check_part,
};
static const struct conf_row whole_rows[] = {
	{ "count", CONF_COUNT, "3", offsetof(struct whole, count), 1, 9,
	  NULL, "A number.", false },
};
static const struct conf_table whole_table = {
	whole_rows, ARRAY_COUNT(whole_rows), &part_section
};

static int load_whole(const char *text, struct whole *w, struct fault *why)
{
	char path[] = "/tmp/t_conf.XXXXXX";
	int fd = mkstemp(path);
	int result;

	*w = (struct whole){ .count = 0 };
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
	result = conf_load(&whole_table, path, w, why);
	assert_int_equal(unlink(path), 0);
	return result;
}

static const struct part *part_of(const struct whole *w, size_t i)
{
	return (const struct part *)w->parts.items + i;
}

static void sections_have_settings_of_their_own(void **state)
{
	struct whole w;
	struct fault why;

	(void)state;
	assert_int_equal(load_whole("count = 4\n[part  a-1]\ncolor = red\n"
				    "# speed\nspeed = 5/s\n [ part b ]\n"
				    "color = blue\n", &w, &why), 0);
	assert_int_equal(w.count, 4);
	assert_int_equal(w.parts.count, 2);
	assert_string_equal(part_of(&w, 0)->item.name, "a-1");
	assert_int_equal(part_of(&w, 0)->item.line, 2);
	assert_int_equal(part_of(&w, 0)->speed, 18000);
	assert_string_equal(part_of(&w, 1)->color, "blue");
	assert_int_equal(part_of(&w, 1)->speed, 0);
	conf_release(&whole_table, &w);
}

static void without_sections_there_is_the_fallback(void **state)
{
	struct whole w;
	struct fault why;

	(void)state;
	assert_int_equal(load_whole("", &w, &why), 0);
	assert_int_equal(w.parts.count, 1);
	assert_string_equal(part_of(&w, 0)->item.name, "only");
	assert_string_equal(part_of(&w, 0)->color, "grey");
	conf_release(&whole_table, &w);
}

static const struct wrong wrong_sections[] = {
	{ "[prt a]\n", ":1: unknown section \"prt\"; there is [part NAME]" },
	{ "[part a\n", ":1: \"[part a\" has no \"]\"" },
	{ "[part]\n", ":1: [part ]: a name has 1 to" },
	{ "[]\n", ":1: unknown section \"\"" },
	{ "[part a b]\n", ":1: [part a b]: a name has" },
	{ "[part a]\ncolor = x\n[part a]\n",
	  ":3: [part a] stands in line 1 already" },
	{ "[part a]\n[part b]\n[part c]\n", ":3: more than 2 [part]" },
	{ "[part a]\ncolor = x\ncolor = y\n",
	  ":3: color was set in line 2 already" },
	{ "color = x\n", ":1: \"color\" belongs in a section [part NAME]" },
	{ "[part a]\ncount = 3\n", ":2: unknown setting \"count\"" },
	{ "[part a]\ncolr = 3\n", "did you mean \"color\"?" },
	{ "count = 3\n[part a]\n\n", ":2: [part a] color is missing" },
	{ "[part a]\nspeed = 5\n", ":2: speed: \"5\" is not 0 or a rate" },
	{ "[part a]\nspeed = 5/d\n", ":2: speed: " },
	{ "[part a]\nspeed = 3600001/h\n", "out of bounds (0 to 1000/s)" },
};

static void a_wrong_section_is_named_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(wrong_sections); i++) {
		struct whole w;
		struct fault why;

		print_message("%s", wrong_sections[i].text);
		assert_int_equal(load_whole(wrong_sections[i].text, &w, &why),
				 -1);
		assert_non_null(strstr(why.text, wrong_sections[i].place));
		assert_null(w.parts.items);
	}
}

static void printed_sections_are_read_again(void **state)
{
	struct whole w;
	struct whole again;
	struct fault why;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	assert_int_equal(load_whole("[part a]\ncolor = red\nspeed = 90/min\n"
				    "[part b]\ncolor = blue\nspeed = 7/h\n",
				    &w, &why), 0);
	conf_print(&whole_table, &w, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "[part b]\n"));
	assert_non_null(strstr(text, "speed = 90/min\n"));
	assert_int_equal(load_whole(text, &again, &why), 0);
	assert_int_equal(again.parts.count, 2);
	assert_int_equal(part_of(&again, 0)->speed, 5400);
	assert_int_equal(part_of(&again, 1)->speed, 7);
	free(text);
	conf_release(&whole_table, &w);
	conf_release(&whole_table, &again);
}

/* ---- conf.d --------------------------------------------------------------- */

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void remove_file(const char *dir, const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(remove(path), 0);
}

static void parts_are_read_in_order_after_the_file(void **state)
{
	char dir[] = "/tmp/t_conf.XXXXXX";
	char path[64];
	struct settings s = { .name = NULL };
	struct fault why;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/x.conf.d", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(dir, "x.conf", "name = main\ncount = 1\nwait = 1s\n");
	write_file(dir, "x.conf.d/20-b.conf", "count = 7\n");
	write_file(dir, "x.conf.d/10-a.conf", "name = a\ncount = 5\n");
	write_file(dir, "x.conf.d/30-c.conf~", "count = 9\n");
	(void)snprintf(path, sizeof(path), "%s/x.conf", dir);
	assert_int_equal(conf_load(&table, path, &s, &why), 0);
	assert_string_equal(s.name, "a");
	assert_int_equal(s.count, 7);
	assert_int_equal(s.wait, 1000);
	conf_release(&table, &s);

	write_file(dir, "x.conf.d/20-b.conf", "\ncuont = 7\n");
	s = (struct settings){ .name = NULL };
	assert_int_equal(conf_load(&table, path, &s, &why), -1);
	assert_non_null(strstr(why.text, "x.conf.d/20-b.conf:2: "));
	remove_file(dir, "x.conf.d/10-a.conf");
	remove_file(dir, "x.conf.d/20-b.conf");
	remove_file(dir, "x.conf.d/30-c.conf~");
	remove_file(dir, "x.conf.d");
	remove_file(dir, "x.conf");
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_read_in_order_after_the_file),
		cmocka_unit_test(without_a_file_the_defaults_hold),
		cmocka_unit_test(a_value_is_the_rest_of_its_line),
		cmocka_unit_test(a_wrong_line_is_named_with_its_place),
		cmocka_unit_test(what_is_printed_is_read_again),
		cmocka_unit_test(sections_have_settings_of_their_own),
		cmocka_unit_test(without_sections_there_is_the_fallback),
		cmocka_unit_test(a_wrong_section_is_named_with_its_place),
		cmocka_unit_test(printed_sections_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
