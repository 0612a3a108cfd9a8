/* SPDX-License-Identifier: MIT */
/* What a well-behaved daemon does once. */
#include "config.h"

#include "daemon.h"

#include "fdio.h"
#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

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
	_exit(got == 1 ? code : EX_OSERR);
}

int daemon_detach(struct fault *why)
{
	int pipe_fds[2];
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "pipe");
	pid = fork();
	if (pid == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "fork");
	if (pid > 0) {
		(void)close(pipe_fds[1]);
		wait_until_ready(pipe_fds[0], pid);
	}
	(void)close(pipe_fds[0]);
	ready_fd = pipe_fds[1];
	/* A new session, and not its leader: never a terminal again. */
	if (setsid() == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "setsid");
	pid = fork();
	if (pid == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "fork");
	if (pid > 0)
		_exit(0);
	if (on_exit(report_exit, NULL) != 0)
		return fault_set(why, FAULT_CONFIG, "on_exit failed");
	(void)umask(027);
	if (chdir("/") == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "chdir /");
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
		(void)!fdio_write_all(ready_fd, &code, 1);
		(void)close(ready_fd);
		ready_fd = -1;
	}
	daemon_notify("READY=1");
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
	if (ftruncate(fd, 0) == -1 ||
	    fdio_write_all(fd, text, (size_t)len) == -1) {
		int err = errno;

		(void)close(fd);
		return fault_set_errno(why, FAULT_CONFIG, err,
				       "cannot write pid file %s", path);
	}
	return fd;
}

void pidfile_close(int fd, const char *path)
{
	if (fd == -1)
		return;
	/* Fails in a directory that only root may write: the lock is gone with
	 * the descriptor, so the file is stale and the next start takes it. */
	(void)unlink(path);
	(void)close(fd);
}

static int look_up(const char *user, const char *group, uid_t *uid, gid_t *gid,
		   struct fault *why)
{
	const struct passwd *pw = getpwnam(user);
	const struct group *gr;

	if (!pw)
		return fault_set(why, FAULT_CONFIG, "no user named %s", user);
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	if (!group || group[0] == '\0')
		return 0;
	gr = getgrnam(group);
	if (!gr)
		return fault_set(why, FAULT_CONFIG, "no group named %s", group);
	*gid = gr->gr_gid;
	return 0;
}

int privileges_drop(const char *user, const char *group, struct fault *why)
{
	const struct rlimit no_core = { 0, 0 };
	uid_t uid = 0;
	gid_t gid = 0;

	if (setrlimit(RLIMIT_CORE, &no_core) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot switch core dumps off");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "no-new-privs");
	if (!user || user[0] == '\0' || geteuid() != 0)
		return 0;
	if (look_up(user, group, &uid, &gid, why) == -1)
		return -1;
	if (initgroups(user, gid) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot become user %s", user);
	/* A set-back that works would mean that nothing was dropped. */
	must(uid == 0 || setuid(0) == -1);
	return 0;
}
