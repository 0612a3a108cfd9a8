/* SPDX-License-Identifier: MIT */
/* The socket that a server accepts on. */
#include "config.h"

#include "listener.h"

#include "alloc.h"
#include "fdio.h"
#include "str.h"
#include "ticks.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_PASSED_FD 3	/* sd_listen_fds(3) */

static bool is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

/* The descriptor that a service manager handed to us, or -1. */
static int passed_fd(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	int64_t n;

	if (pid && count && str_to_int(pid, 1, INT64_MAX, &n) &&
	    n == getpid() && str_to_int(count, 1, 1024, &n))
		return FIRST_PASSED_FD;
	return -1;
}

static int open_inherited(struct listener *l, int fd, struct fault *why)
{
	if (fd == -1 && is_listening(STDIN_FILENO))
		fd = STDIN_FILENO;
	if (fd == -1)
		return fault_set(why, FAULT_CONFIG,
				 "listen is empty and no listening socket was "
				 "handed over as descriptor 3 or 0");
	if (!is_listening(fd))
		return fault_set(why, FAULT_CONFIG,
				 "descriptor %d was handed over, but it is no "
				 "listening socket", fd);
	/* A copy, so that daemonising may point 0 at /dev/null. */
	l->fd = dup(fd);
	if (l->fd == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot copy descriptor %d", fd);
	(void)str_copy(l->name, sizeof(l->name), "inherited socket");
	return 0;
}

/* 1 = somebody answers, 0 = the path is free or stale, -1 with errno. */
static int is_answered(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int result;

	if (fd == -1)
		return -1;
	result = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	if (result == 0 || errno == EAGAIN)
		result = 1;
	else
		result = 0;
	(void)close(fd);
	return result;
}

/* Returns false if somebody answers for all of LISTENER_WAIT_MS. */
static bool wait_until_free(const struct sockaddr_un *sun)
{
	const struct timespec pause = { 0, 50000000 };
	int64_t until_ms = ticks_ms() + LISTENER_WAIT_MS;

	while (is_answered(sun) == 1) {
		if (ticks_ms() >= until_ms)
			return false;
		(void)nanosleep(&pause, NULL);	/* shorter is as good */
	}
	return true;
}

static int chown_to_group(const char *path, const char *group,
			  struct fault *why)
{
	struct group *gr;

	if (!group || group[0] == '\0')
		return 0;
	gr = getgrnam(group);
	if (!gr)
		return fault_set(why, FAULT_CONFIG, "no group named %s", group);
	if (chown(path, (uid_t)-1, gr->gr_gid) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot give %s to group %s", path,
				       group);
	return 0;
}

static int open_unix(struct listener *l, const char *path,
		     const struct listener_opts *opts, struct fault *why)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	int bound;

	if (!str_copy(sun.sun_path, sizeof(sun.sun_path), path))
		return fault_set(why, FAULT_CONFIG,
				 "socket path is longer than %zu bytes: %s",
				 sizeof(sun.sun_path) - 1, path);
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return fault_set(why, FAULT_CONFIG,
					 "%s exists and is no socket", path);
		if (!wait_until_free(&sun))
			return fault_set(why, FAULT_CONFIG,
					 "%s: another program listens there",
					 path);
		/* Who was waited for may have removed it itself. */
		if (unlink(path) == -1 && errno != ENOENT)
			return fault_set_errno(why, FAULT_CONFIG, errno,
					       "cannot remove stale %s", path);
	}
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "socket");
	mask = umask(0177);	/* nobody else until mode and group are set */
	bound = bind(l->fd, (const struct sockaddr *)&sun, sizeof(sun));
	(void)umask(mask);
	if (bound == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot bind %s", path);
	l->path = alloc_text(path);
	if (chown_to_group(path, opts->group, why) == -1)
		return -1;
	if (chmod(path, opts->mode) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot set the mode of %s", path);
	return 0;
}

static int open_tcp(struct listener *l, const char *address, struct fault *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	char *host = alloc_text(address);
	char *port = strrchr(host, ':');
	int on = 1;
	int error;
	int result = 0;

	if (!port) {
		free(host);
		return fault_set(why, FAULT_CONFIG,
				 "listen: tcp:%s is not tcp:HOST:PORT",
				 address);
	}
	*port++ = '\0';
	error = getaddrinfo(host, port, &hints, &list);
	if (error) {
		result = fault_set(why, FAULT_CONFIG, "listen: tcp:%s: %s",
				   address, gai_strerror(error));
		goto out;
	}
	l->fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd == -1 ||
	    setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(l->fd, list->ai_addr, list->ai_addrlen) == -1)
		result = fault_set_errno(why, FAULT_CONFIG, errno,
					 "cannot bind tcp:%s", address);
	freeaddrinfo(list);
out:
	free(host);
	return result;
}

int listener_open(struct listener *l, const struct listener_opts *opts,
		  struct fault *why)
{
	int passed = passed_fd();
	const char *address = opts->address && passed == -1 ? opts->address
							    : "";
	int result;

	*l = (struct listener){ .fd = -1 };
	if (address[0] == '\0')
		result = open_inherited(l, passed, why);
	else if (str_starts_with(address, "unix:"))
		result = open_unix(l, address + 5, opts, why);
	else if (str_starts_with(address, "tcp:"))
		result = open_tcp(l, address + 4, why);
	else
		result = fault_set(why, FAULT_CONFIG,
				   "listen: \"%s\" is not unix:/path or "
				   "tcp:HOST:PORT", address);
	if (result == 0 && address[0])
		(void)snprintf(l->name, sizeof(l->name), "%s", address);
	if (result == 0 && address[0] && listen(l->fd, LISTENER_BACKLOG) == -1)
		result = fault_set_errno(why, FAULT_CONFIG, errno,
					 "cannot listen on %s", address);
	if (result == 0 && (fdio_nonblock_set(l->fd, true) == -1 ||
			    fdio_cloexec_set(l->fd) == -1))
		result = fault_set_errno(why, FAULT_CONFIG, errno, "fcntl");
	if (result == -1)
		listener_close(l);
	return result;
}

void listener_close(struct listener *l)
{
	/* In a directory that only root may write it stays, and the next start
	 * replaces it. */
	if (l->path && unlink(l->path) == -1 && errno != EACCES &&
	    errno != EPERM && errno != EROFS)
		(void)fprintf(stderr, "cannot remove %s\n", l->path);
	free(l->path);
	if (l->fd != -1)
		(void)close(l->fd);
	*l = (struct listener){ .fd = -1 };
}
