/* SPDX-License-Identifier: MIT */
/*
 * A power cut at a chosen step of an upgrade; preloaded into dpkg and all that
 * it starts.
 *
 * A step is what leaves a mark: a file that is renamed, removed or linked, a
 * program that is started, a packet that is sent (to the database).  Steps are
 * counted over all processes, in the file that POWERCUT_COUNT names, and written
 * to the one that POWERCUT_LOG names.  Before step POWERCUT_AT every process
 * of the PID namespace but its first is killed.
 *
 * build: cc -shared -fPIC -o powercut.so powercut.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(result, name, ...) \
	result (*real)(__VA_ARGS__) = \
		(result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static atomic_long *count;	/* NULL: nothing is counted here */
static long cut_at;
static int log_fd = -1;

/* Daemons go on after the upgrade: what they do is not one of its steps. */
static bool is_daemon(void)
{
	return !strcmp(program_invocation_short_name, "maild") ||
	       !strcmp(program_invocation_short_name, "booking.fcgi");
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("POWERCUT_COUNT");
	const char *log = getenv("POWERCUT_LOG");
	const char *at = getenv("POWERCUT_AT");
	int fd;
	void *map;

	if (!path || !log || is_daemon())
		return;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*count)) < 0)
		abort();
	map = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED,
		   fd, 0);
	close(fd);
	log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (map == MAP_FAILED || log_fd < 0)
		abort();
	cut_at = at ? atol(at) : 0;
	count = map;
}

static void step(const char *verb, const char *what)
{
	char line[512];
	int kept = errno;
	long number;
	int len;

	if (!count)
		return;
	number = atomic_fetch_add(count, 1) + 1;
	len = snprintf(line, sizeof(line), "%ld %s %s %s\n", number,
		       program_invocation_short_name, verb, what);
	if (len >= (int)sizeof(line))
		len = sizeof(line) - 1;
	/* A process may have closed what it does not know. */
	if (write(log_fd, line, (size_t)len) != len)
		fprintf(stderr, "powercut: lost: %s", line);
	if (number == cut_at) {
		kill(-1, SIGKILL);
		raise(SIGKILL);
	}
	errno = kept;
}

int rename(const char *from, const char *to)
{
	REAL(int, "rename", const char *, const char *);
	step("rename", to);
	return real(from, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to,
	      unsigned flags)
{
	REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
	step("rename", to);
	return real(from_dir, from, to_dir, to, flags);
}

int unlink(const char *path)
{
	REAL(int, "unlink", const char *);
	step("unlink", path);
	return real(path);
}

int unlinkat(int dir, const char *path, int flags)
{
	REAL(int, "unlinkat", int, const char *, int);
	step("unlink", path);
	return real(dir, path, flags);
}

int link(const char *from, const char *to)
{
	REAL(int, "link", const char *, const char *);
	step("link", to);
	return real(from, to);
}

int execve(const char *path, char *const argv[], char *const env[])
{
	REAL(int, "execve", const char *, char *const[], char *const[]);
	step("exec", path);
	return real(path, argv, env);
}

int execv(const char *path, char *const argv[])
{
	REAL(int, "execv", const char *, char *const[]);
	step("exec", path);
	return real(path, argv);
}

int execvp(const char *file, char *const argv[])
{
	REAL(int, "execvp", const char *, char *const[]);
	step("exec", file);
	return real(file, argv);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	REAL(ssize_t, "send", int, const void *, size_t, int);
	step("send", "");
	return real(fd, data, len, flags);
}
