/* SPDX-License-Identifier: MIT */
/* What a well-behaved daemon does once. */
#include "config.h"

#include "daemon/daemon.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* Of the pid file that this process holds, -1 = none. */
static int pidfile_fd = -1;

/* Where the waiting first process listens; -1 = nobody waits. */
static int ready_fd = -1;

/* Tells the first process how we ended before we were ready. */
static void report_exit(int status, void *unused)
{
	unsigned char code = (unsigned char)status;

	(void)unused;
	if (ready_fd != -1)
		(void)!fdio_write_all(ready_fd, &code, 1);
}

/* In the first process: waits for the daemon's word and leaves with it. */
NORETURN static void wait_until_ready(int fd, pid_t child)
{
	unsigned char code = EX_OSERR;
	ssize_t got;

	do
		got = read(fd, &code, 1);
	while (got == -1 && errno == EINTR);
	while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
		;
	if (got == 1)
		_exit(code);
	/* Killed by a signal: it could not say a word itself. */
	(void)dprintf(STDERR_FILENO,
		      "the daemon was killed before it was ready\n");
	_exit(EX_OSERR);
}

int daemon_detach(struct fault *why)
{
	int pipe_fds[2];
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) == -1)
		return fault_set_errno(why, FAULT_RETRY, errno, "pipe");
	pid = fork();
	if (pid == -1)
		return fault_set_errno(why, FAULT_RETRY, errno, "fork");
	if (pid > 0) {
		(void)close(pipe_fds[1]);
		wait_until_ready(pipe_fds[0], pid);
	}
	(void)close(pipe_fds[0]);
	ready_fd = pipe_fds[1];
	/* A new session, and not its leader: never a terminal again. */
	if (on_exit(report_exit, NULL) != 0)
		return fault_set(why, FAULT_RETRY, "on_exit failed");
	if (setsid() == -1)
		return fault_set_errno(why, FAULT_RETRY, errno, "setsid");
	pid = fork();
	if (pid == -1)
		return fault_set_errno(why, FAULT_RETRY, errno, "fork");
	if (pid > 0)
		_exit(0);
	if (chdir("/") == -1)
		return fault_set_errno(why, FAULT_RETRY, errno, "chdir /");
	return 0;
}

static void close_standard_streams(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Without /dev/null they stay as they are, which harms nobody. */
	if (fd == -1)
		return;
	for (int std = 0; std <= 2; std++)
		(void)dup2(fd, std);
	if (fd > 2)
		(void)close(fd);
}

void daemon_ready(void)
{
	unsigned char code = 0;

	if (ready_fd != -1) {
		close_standard_streams();
		log_stderr_changed();
		(void)!fdio_write_all(ready_fd, &code, 1);
		(void)close(ready_fd);
		ready_fd = -1;
	}
	daemon_notify("READY=1");
}

int pidfile_check(const char *path, struct fault *why)
{
	struct flock holder = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	int held;

	if (fd == -1)
		return 0;	/* pidfile_open() says what is wrong */
	held = fcntl(fd, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK;
	(void)close(fd);
	if (!held)
		return 0;
	return fault_set(why, FAULT_CONFIG,
			 "already running as process %ld (%s)",
			 (long)holder.l_pid, path);
}

int pidfile_open(const char *path, struct fault *why)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[24];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	int len;

	if (fd == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot open pid file %s", path);
	if (fcntl(fd, F_SETLK, &lock) == -1) {
		int err = errno;

		(void)close(fd);
		if (pidfile_check(path, why) == -1)
			return -1;
		return fault_set_errno(why, FAULT_CONFIG, err,
				       "cannot lock pid file %s", path);
	}
	len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	/* Whatever the umask: "status" is for everybody. */
	if (fchmod(fd, 0644) == -1 || ftruncate(fd, 0) == -1 ||
	    fdio_write_all(fd, text, (size_t)len) == -1) {
		int err = errno;

		(void)close(fd);
		return fault_set_errno(why, FAULT_CONFIG, err,
				       "cannot write pid file %s", path);
	}
	pidfile_fd = fd;
	return fd;
}

void pidfile_abandon(void)
{
	/* Closing drops no lock: those of fcntl are the process's, and this
	 * one never had it. */
	if (pidfile_fd != -1)
		(void)close(pidfile_fd);
	pidfile_fd = -1;
}

void pidfile_close(int fd, const char *path)
{
	if (fd == -1)
		return;
	/* Fails in a directory that only root may write.  Then no number stays
	 * in it, which another process may have by the time that somebody
	 * sends it a signal; the next start takes the file. */
	if (unlink(path) == -1)
		(void)!ftruncate(fd, 0);
	(void)close(fd);
	pidfile_fd = -1;
}

/*
 * 1024 files for each process: enough for what one has open, and no more than
 * select(2) in the FastCGI library can hold.
 */
static int limit_files(struct fault *why)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot read the limit of open files");
	files.rlim_cur = files.rlim_max < FD_SETSIZE ? files.rlim_max
						     : FD_SETSIZE;
	if (setrlimit(RLIMIT_NOFILE, &files) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot limit open files");
	return 0;
}

/* The limit of a core's size does not hold for a core_pattern that is a pipe;
 * and no other process of our user may look into this one. */
static int become_undumpable(struct fault *why)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot become undumpable");
	return 0;
}

int daemon_limits_set(struct fault *why)
{
	const struct rlimit no_core = { 0, 0 };

	(void)umask(027);
	if (setrlimit(RLIMIT_CORE, &no_core) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot switch core dumps off");
	return become_undumpable(why) == -1 ? -1 : limit_files(why);
}

void daemon_descriptors_tidy(unsigned keep)
{
	int fd;

	/* Whatever is opened next must not become standard output. */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		(void)close(fd);
	/* A caller's locks and pipes would stay held for as long as we live. */
	if (keep < INT_MAX - STDERR_FILENO)
		closefrom(STDERR_FILENO + 1 + (int)keep);
}

int privileges_find(const char *user, const char *group, struct privileges *p,
		    struct fault *why)
{
	const struct passwd *pw;
	const struct group *gr;

	*p = (struct privileges){ .change = false };
	if (!user || user[0] == '\0' || geteuid() != 0)
		return 0;
	pw = getpwnam(user);
	if (!pw)
		return fault_set(why, FAULT_CONFIG, "no user named %s", user);
	p->change = true;
	p->user = user;
	p->uid = pw->pw_uid;
	p->gid = pw->pw_gid;
	if (!group || group[0] == '\0')
		return 0;
	gr = getgrnam(group);
	if (!gr)
		return fault_set(why, FAULT_CONFIG, "no group named %s", group);
	p->gid = gr->gr_gid;
	return 0;
}

int privileges_lend(const struct privileges *p,
		    int (*work)(void *arg, struct fault *why), void *arg,
		    struct fault *why)
{
	gid_t group = getegid();
	gid_t *groups;
	int count;
	int result = -1;

	if (!p->change)
		return work(arg, why);
	count = getgroups(0, NULL);
	must(count >= 0);
	groups = alloc_zeroed((size_t)count + 1, sizeof(*groups));
	count = getgroups(count, groups);
	if (count == -1 || initgroups(p->user, p->gid) == -1 ||
	    setegid(p->gid) == -1 || seteuid(p->uid) == -1)
		(void)fault_set_errno(why, FAULT_CONFIG, errno,
				      "cannot work as user %s", p->user);
	else
		result = work(arg, why);
	/* Anything between the two users would be neither. */
	must(seteuid(0) == 0 && setegid(group) == 0 && count >= 0 &&
	     setgroups((size_t)count, groups) == 0);
	free(groups);
	return result;
}

/* The kernel forgets that it is undumpable when it becomes another user, and
 * does as fs.suid_dumpable says. */
int privileges_drop(const struct privileges *p, struct fault *why)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "no-new-privs");
	if (!p->change)
		return become_undumpable(why);
	if (initgroups(p->user, p->gid) == -1 ||
	    setresgid(p->gid, p->gid, p->gid) == -1 ||
	    setresuid(p->uid, p->uid, p->uid) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot become user %s", p->user);
	/* A set-back that works would mean that nothing was dropped. */
	must(p->uid == 0 || setuid(0) == -1);
	return become_undumpable(why);
}

void daemon_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (!path || !str_copy(sun.sun_path, sizeof(sun.sun_path), path))
		return;
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			  strlen(path));
	if (sun.sun_path[0] == '@')
		sun.sun_path[0] = '\0';	/* abstract namespace, unix(7) */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return;
	/* The manager's time-out notices if this is lost. */
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		     (const struct sockaddr *)&sun, len);
	(void)close(fd);
}

void daemon_notify_reloading(void)
{
	char text[64];

	/* ticks_ms() is the clock that the manager compares with. */
	(void)snprintf(text, sizeof(text),
		       "RELOADING=1\nMONOTONIC_USEC=%lld",
		       (long long)ticks_ms() * 1000);
	daemon_notify(text);
}

bool daemon_is_watched(void)
{
	const char *limit = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	int64_t n;

	return limit && str_to_int(limit, 1, INT64_MAX, &n) &&
	       (!pid || (str_to_int(pid, 1, INT64_MAX, &n) && n == getpid()));
}

static char *title_room;	/* NULL until proctitle_init() */
static size_t title_size;
static const char *title_program;
/* Only kept: at exit the C library drops its own pointer. */
static char **volatile title_environ;

/*
 * The kernel shows the bytes where argv and the environment lay at the start
 * (proc(5), /proc/pid/cmdline).  The environment moves to the heap, so that all
 * of that room is ours.
 */
void proctitle_init(int argc, char **argv)
{
	char *end = argv[0];
	char **copy;
	size_t count = 0;
	const char *slash = strrchr(argv[0], '/');

	title_program = alloc_text(slash ? slash + 1 : argv[0]);
	for (int i = 0; i < argc; i++)
		if (argv[i] == end)
			end += strlen(end) + 1;
	while (environ[count])
		count++;
	copy = alloc_zeroed(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		if (environ[i] == end)
			end += strlen(end) + 1;
		copy[i] = alloc_text(environ[i]);
	}
	title_environ = copy;
	environ = title_environ;
	title_room = argv[0];
	title_size = (size_t)(end - argv[0]);
}

void proctitle_set(const char *fmt, ...)
{
	char what[160];
	char text[200] = "";
	va_list args;
	size_t shown;

	if (!title_room)
		return;
	va_start(args, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	(void)snprintf(text, sizeof(text), "%s: %s", title_program, what);
	/* A reader now finds the old beginning or the same one, not nothing. */
	shown = strnlen(text, title_size - 1);
	memcpy(title_room, text, shown);
	memset(title_room + shown, 0, title_size - shown);
}
