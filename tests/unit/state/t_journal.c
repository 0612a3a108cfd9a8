/* SPDX-License-Identifier: MIT */
/* Tests the journal: what is on the disk is told, nothing else is. */
#include "config.h"

#include "state/journal.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "queue/queue.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

static char *dir;
static struct journal j = { .queue = "{maild}:" };

static int set_up(void **state)
{
	(void)state;
	dir = alloc_text("/tmp/t_journal.XXXXXX");
	j.dir = mkdtemp(dir);
	return j.dir ? 0 : -1;
}

static int tear_down(void **state)
{
	char *command = alloc_printf("rm -r '%s'", dir);
	int result = system(command);

	(void)state;
	free(command);
	free(dir);
	return result;
}

static struct journal_fact fact_of(const char *id, int64_t token)
{
	struct journal_fact fact = { .token = token, .at_ms = 1234567890123,
				     .relay = "main",
				     .reply = "250 2.0.0 Ok: queued as 4F2" };

	(void)snprintf(fact.id, sizeof(fact.id), "%s", id);
	return fact;
}

static void append(unsigned worker, const char *id, int64_t token)
{
	struct journal_fact fact = fact_of(id, token);
	struct fault why;

	if (journal_append(&j, worker, &fact, &why) == -1)
		fail_msg("%s", why.text);
}

/* ---- what a replay told --------------------------------------------------- */

struct told {
	struct buf text;	/* "slot:id:token " for each */
	int fail_at;		/* refuse the so manieth, 0 = none */
	int count;
};

static int note(void *arg, unsigned worker, const struct journal_fact *fact,
		struct fault *why)
{
	struct told *told = arg;

	if (++told->count == told->fail_at)
		return fault_set(why, FAULT_RETRY, "away");
	assert_string_equal(fact->reply, "250 2.0.0 Ok: queued as 4F2");
	assert_int_equal(fact->at_ms, 1234567890123);
	assert_string_equal(fact->relay, strcmp(fact->id, "old") ? "main" : "");
	buf_addf(&told->text, "%u:%s:%lld ", worker, fact->id,
		 (long long)fact->token);
	return 0;
}

/* The journal, read to told. */
static struct journal noted(struct told *told)
{
	struct journal noted = j;

	noted.tell = note;
	noted.arg = told;
	return noted;
}

static void assert_replays(unsigned worker, const char *expected)
{
	struct told told = { .text = BUF_INIT };
	struct fault why = { .class = FAULT_NONE };
	struct journal notes = noted(&told);
	int count = journal_replay(&notes, worker, &why);

	if (count == -1)
		fail_msg("%s", why.text);
	assert_int_equal(count, told.count);
	assert_string_equal(told.text.data, expected);
	buf_release(&told.text);
}

static char *path_of(unsigned worker)
{
	return alloc_printf("%s/acks.%u", j.dir, worker);
}

static void write_raw(unsigned worker, const void *bytes, size_t len)
{
	char *path = path_of(worker);
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static off_t size_of(unsigned worker)
{
	char *path = path_of(worker);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return st.st_size;
}

static void what_was_appended_is_told_once(void **state)
{
	(void)state;
	append(3, "RK7F3M2Q.confirm.0", 1);
	append(3, "RK7F3M2Q.confirm.1", INT64_MAX);
	append(4, "x", 7);
	assert_replays(3, "3:RK7F3M2Q.confirm.0:1 "
			  "3:RK7F3M2Q.confirm.1:9223372036854775807 ");
	assert_replays(3, "");
	assert_int_equal(size_of(3), 0);
	assert_replays(4, "4:x:7 ");
	assert_replays(5, "");
}

static void a_replay_that_fails_is_told_again_whole(void **state)
{
	struct told told = { .text = BUF_INIT, .fail_at = 2 };
	struct journal notes = noted(&told);
	struct fault why;

	(void)state;
	append(0, "a", 1);
	append(0, "b", 2);
	assert_int_equal(journal_replay(&notes, 0, &why), -1);
	assert_string_equal(why.text, "away");
	buf_release(&told.text);
	assert_replays(0, "0:a:1 0:b:2 ");
}

static void a_torn_line_harms_no_other(void **state)
{
	char *path = path_of(0);

	(void)state;
	/* Wherever the power went; a line that lacks only its end is whole. */
	append(0, "a", 1);
	assert_int_equal(truncate(path, size_of(0) - 1), 0);
	append(0, "b", 2);
	assert_int_equal(truncate(path, size_of(0) - 1), 0);
	assert_replays(0, "0:a:1 0:b:2 ");
	for (off_t cut = 2; cut < 40; cut++) {
		append(0, "a", 1);
		append(0, "b", 2);
		assert_int_equal(truncate(path, size_of(0) - cut), 0);
		append(0, "c", 3);
		assert_replays(0, "0:a:1 0:c:3 ");
	}
	free(path);
}

static void a_line_that_names_no_relay_is_told(void **state)
{
	static const char old[] = "1 782b5e06 old 7 1234567890123 250 2.0.0 Ok: queued as 4F2\n";
	struct journal_fact fact = fact_of("old", 8);
	struct fault why;

	(void)state;
	write_raw(2, old, sizeof(old) - 1);
	fact.relay[0] = '\0';
	assert_int_equal(journal_append(&j, 2, &fact, &why), 0);
	append(2, "a", 1);
	assert_replays(2, "2:old:7 2:old:8 2:a:1 ");
}

static void foreign_and_damaged_lines_are_passed_over(void **state)
{
	static const char *const lines[] = {
		"\n", "hello\n", "1 00000000 a 1 2 reply\n", "1  \n", "1\n",
		"2 12345678 a 1 2 reply\n", " \n", "1 x\n", "1 00000000 \n",
	};
	char nul[] = "1 \0 2\n";
	char *text = alloc_zeroed(1, 100001);

	(void)state;
	append(1, "a", 1);
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++)
		write_raw(1, lines[i], strlen(lines[i]));
	write_raw(1, nul, sizeof(nul) - 1);
	memset(text, 'x', 100000);
	text[99999] = '\n';
	write_raw(1, text, 100000);
	free(text);
	append(1, "b", 2);
	assert_replays(1, "1:a:1 1:b:2 ");
}

/* Each byte of a line counts. */
static void a_changed_line_is_not_believed(void **state)
{
	char *path = path_of(0);
	off_t size;

	(void)state;
	append(0, "RK7F3M2Q.confirm.0", 1);
	size = size_of(0);
	assert_replays(0, "0:RK7F3M2Q.confirm.0:1 ");
	for (off_t i = 0; i < size - 1; i++) {
		int fd;
		char c;

		append(0, "RK7F3M2Q.confirm.0", 1);
		fd = open(path, O_RDWR);
		assert_int_equal(pread(fd, &c, 1, i), 1);
		c ^= 1;
		assert_int_equal(pwrite(fd, &c, 1, i), 1);
		assert_int_equal(close(fd), 0);
		assert_replays(0, "");
	}
	free(path);
}

static void another_queue_s_mails_are_not_told(void **state)
{
	(void)state;
	append(0, "a", 1);
	j.queue = "{other}:";
	append(0, "b", 2);
	assert_replays(0, "0:b:2 ");
	j.queue = "{maild}:";
}

static void all_files_are_told_and_no_others(void **state)
{
	struct told told = { .text = BUF_INIT };
	struct journal notes = noted(&told);
	struct fault why;
	char *command = alloc_printf("cd '%s' && cp acks.255 acks.256 && "
				     "cp acks.255 acks.1x && mkdir sub && "
				     "cp acks.255 notes && cp acks.255 acks.",
				     j.dir);

	(void)state;
	append(255, "z", 9);
	assert_int_equal(system(command), 0);
	free(command);
	assert_int_equal(journal_replay_all(&notes, &why), 1);
	assert_string_equal(told.text.data, "255:z:9 ");
	buf_release(&told.text);
}

static void without_a_directory_there_is_no_journal(void **state)
{
	struct journal none = { .queue = "q", .dir = "" };
	struct journal gone = { .queue = "q", .dir = "/no/such/directory" };
	struct journal_fact fact = fact_of("a", 1);
	struct fault why;

	(void)state;
	assert_int_equal(journal_check(&none, &why), 0);
	assert_int_equal(journal_append(&none, 0, &fact, &why), 0);
	assert_int_equal(journal_replay(&none, 0, &why), 0);
	assert_int_equal(journal_replay_all(&none, &why), 0);
	assert_int_equal(journal_check(&gone, &why), -1);
	assert_int_equal(journal_append(&gone, 0, &fact, &why), -1);
	assert_int_equal(journal_replay(&gone, 0, &why), 0);
	assert_int_equal(journal_replay_all(&gone, &why), 0);
	gone.dir = "/dev/null";
	assert_int_equal(journal_check(&gone, &why), -1);
	assert_int_equal(journal_check(&j, &why), 0);
}

/* A full disk: the limit of a file's size gives a short write as well. */
static void a_full_disk_leaves_what_was_there(void **state)
{
	struct rlimit before;
	struct rlimit tight;
	struct journal_fact fact = fact_of("b", 2);
	struct fault why;
	off_t size;

	(void)state;
	append(0, "a", 1);
	size = size_of(0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_ptr_not_equal(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
	tight = before;
	tight.rlim_cur = (rlim_t)size + 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(journal_append(&j, 0, &fact, &why), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(why.text, "acks.0"));
	assert_int_equal(size_of(0), size);
	assert_replays(0, "0:a:1 ");
}

/* Somebody else reads the file while we want to write. */
static void a_writer_waits_for_a_reader(void **state)
{
	char *path = path_of(0);
	int go[2];
	pid_t pid;
	char c;

	(void)state;
	append(0, "a", 1);
	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(path, O_RDWR);

		if (fd == -1 || flock(fd, LOCK_EX) == -1 ||
		    write(go[1], "x", 1) != 1)
			_exit(1);
		(void)usleep(50000);	/* the writer is waiting now */
		if (ftruncate(fd, 0) == -1)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(read(go[0], &c, 1), 1);
	append(0, "b", 2);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_replays(0, "0:b:2 ");
	free(path);
	(void)close(go[0]);
	(void)close(go[1]);
}

static int count_only(void *arg, unsigned worker,
		      const struct journal_fact *fact,
		      struct fault *why)
{
	(void)worker;
	(void)fact;
	(void)why;
	(*(int *)arg)++;
	return 0;
}

static void very_many_entries_are_read_one_by_one(void **state)
{
	struct buf line = BUF_INIT;
	char *path = path_of(0);
	struct fault why;
	int count = 0;
	struct journal counted = j;

	(void)state;
	counted.tell = count_only;
	counted.arg = &count;
	append(0, "RK7F3M2Q.confirm.0", 1);
	assert_int_equal(buf_add_file(&line, path, 1000), 0);
	buf_reserve(&line, line.len * 1000);
	for (size_t n = line.len, i = 1; i < 1000; i++)
		buf_add(&line, line.data, n);
	for (int i = 0; i < 1000; i++)
		write_raw(0, line.data, line.len);
	buf_release(&line);
	assert_int_equal(journal_replay(&counted, 0, &why), 1000001);
	assert_int_equal(count, 1000001);
	assert_int_equal(size_of(0), 0);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define EACH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		EACH(what_was_appended_is_told_once),
		EACH(a_replay_that_fails_is_told_again_whole),
		EACH(a_torn_line_harms_no_other),
		EACH(a_line_that_names_no_relay_is_told),
		EACH(foreign_and_damaged_lines_are_passed_over),
		EACH(a_changed_line_is_not_believed),
		EACH(another_queue_s_mails_are_not_told),
		EACH(all_files_are_told_and_no_others),
		EACH(without_a_directory_there_is_no_journal),
		EACH(a_full_disk_leaves_what_was_there),
		EACH(a_writer_waits_for_a_reader),
		EACH(very_many_entries_are_read_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
