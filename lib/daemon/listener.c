/* SPDX-License-Identifier: MIT */
/* The socket that a server accepts on. */
#include "config.h"

#include "daemon/listener.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/ticks.h"
#include "conf/check.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_PASSED_FD 3	/* sd_listen_fds(3) */
#define MANAGER 1		/* process 1 */

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
	/* A copy, so that daemonising may point 0 to 2 at /dev/null. */
	l->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (l->fd == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot copy descriptor %d", fd);
	(void)str_copy(l->name, sizeof(l->name), LISTENER_INHERITED);
	return 0;
}

/* ---- unix sockets ------------------------------------------------------- */

#define NOBODY (-1)

/* The process that answers there, 0 = one that we cannot see, or NOBODY. */
static pid_t who_answers(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred who = { .pid = 0 };
	socklen_t len = sizeof(who);
	bool answered;

	if (fd == -1)
		return NOBODY;
	answered = connect(fd, (const struct sockaddr *)sun,
			   sizeof(*sun)) == 0 || errno == EAGAIN;
	if (answered &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == -1)
		who.pid = 0;
	(void)close(fd);
	return answered ? who.pid : NOBODY;
}

static void pause_briefly(void)
{
	const struct timespec pause = { 0, 50000000 };

	(void)nanosleep(&pause, NULL);	/* shorter is as good */
}

/* Returns false if somebody answers for all of LISTENER_WAIT_MS. */
static bool wait_until_free(const struct sockaddr_un *sun)
{
	int64_t until_ms = ticks_ms() + LISTENER_WAIT_MS;

	while (who_answers(sun) != NOBODY) {
		if (ticks_ms() >= until_ms)
			return false;
		pause_briefly();
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
		return fault_set(why, FAULT_CONFIG,
				 "listen_group: no group named %s", group);
	if (chown(path, (uid_t)-1, gr->gr_gid) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "listen_group: cannot give %s to group "
				       "%s", path, group);
	return 0;
}

static int fill_address(struct sockaddr_un *sun, const char *path,
			struct fault *why)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (str_copy(sun->sun_path, sizeof(sun->sun_path), path))
		return 0;
	return fault_set(why, FAULT_CONFIG,
			 "listen: socket path is longer than %zu bytes: %s",
			 sizeof(sun->sun_path) - 1, path);
}

/* May the path become our socket, in place of what is there?  Sets
 * *is_there. */
static int check_path(const struct sockaddr_un *sun, bool *is_there,
		      struct fault *why)
{
	struct stat st;

	*is_there = lstat(sun->sun_path, &st) == 0;
	if (!*is_there)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return fault_set(why, FAULT_CONFIG,
				 "listen: %s exists and is no socket",
				 sun->sun_path);
	if (!wait_until_free(sun))
		return fault_set(why, FAULT_CONFIG,
				 "listen: %s: another program listens there",
				 sun->sun_path);
	return 0;
}

static int bind_unix(struct listener *l, const struct sockaddr_un *sun,
		     const struct listener_opts *opts, struct fault *why)
{
	mode_t mask;
	int bound;

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "socket");
	mask = umask(0177);	/* nobody else until mode and group are set */
	bound = bind(l->fd, (const struct sockaddr *)sun, sizeof(*sun));
	(void)umask(mask);
	if (bound == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "listen: cannot bind %s",
				       sun->sun_path);
	l->path = alloc_text(sun->sun_path);
	if (chown_to_group(l->path, opts->group, why) == -1)
		return -1;
	if (chmod(l->path, opts->mode) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "listen_mode: cannot set the mode of %s",
				       l->path);
	return 0;
}

static int open_unix(struct listener *l, const char *path,
		     const struct listener_opts *opts, struct fault *why)
{
	struct sockaddr_un sun;
	bool is_there;

	if (fill_address(&sun, path, why) == -1 ||
	    check_path(&sun, &is_there, why) == -1)
		return -1;
	/* The program waited for may have removed it. */
	if (is_there && unlink(path) == -1 && errno != ENOENT)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "listen: cannot remove stale %s", path);
	return bind_unix(l, &sun, opts, why);
}

/* May we listen there?  What a service manager holds it will hand to us. */
static int try_path(const char *path, struct fault *why)
{
	struct sockaddr_un sun;
	bool is_there;

	if (fill_address(&sun, path, why) == -1)
		return -1;
	return who_answers(&sun) == MANAGER ? 0
	       : check_path(&sun, &is_there, why);
}

/* open_unix() beside the path, under a name that nobody uses. */
static int try_beside(struct listener *l, const char *path,
		      const struct listener_opts *opts, struct fault *why)
{
	struct sockaddr_un sun;
	char *beside;
	bool fits;

	if (fill_address(&sun, path, why) == -1)
		return -1;
	beside = alloc_printf("%.*s/.%ld", (int)(strrchr(path, '/') - path),
			      path, (long)getpid());
	fits = str_copy(sun.sun_path, sizeof(sun.sun_path), beside);
	free(beside);
	/* Too long beside a name as short as that: bind() is not tried. */
	return fits ? bind_unix(l, &sun, opts, why) : 0;
}

/* ---- TCP ---------------------------------------------------------------- */

/* "HOST:PORT" in memory of the caller's, cut in two; brackets are for people
 * who know URLs. */
static void cut_address(char *address, char **host, char **port)
{
	char *colon = strrchr(address, ':');
	size_t len;

	*colon = '\0';
	*port = colon + 1;
	*host = address;
	len = strlen(address);
	if (len > 2 && address[0] == '[' && address[len - 1] == ']') {
		address[len - 1] = '\0';
		*host = address + 1;
	}
}

/*
 * The children of a master that was killed hold the port until their request is
 * done, and an address may come a moment after us at the start of a machine:
 * both are waited for.
 */
static int bind_tcp(int fd, const struct addrinfo *at)
{
	int64_t until_ms = ticks_ms() + LISTENER_WAIT_MS;

	while (bind(fd, at->ai_addr, at->ai_addrlen) == -1) {
		if ((errno != EADDRINUSE && errno != EADDRNOTAVAIL) ||
		    ticks_ms() >= until_ms)
			return -1;
		pause_briefly();
	}
	return 0;
}

static int open_tcp_at(struct listener *l, const char *address,
		       const struct addrinfo *at, struct fault *why)
{
	int on = 1;

	l->fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd != -1 &&
	    setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind_tcp(l->fd, at) == 0)
		return 0;
	if (errno == EADDRINUSE)
		return fault_set(why, FAULT_CONFIG,
				 "listen: tcp:%s: another program listens "
				 "there", address);
	return fault_set_errno(why, errno == EADDRNOTAVAIL ? FAULT_RETRY
							   : FAULT_CONFIG,
			       errno, "listen: cannot bind tcp:%s", address);
}

static int open_tcp(struct listener *l, const char *address, struct fault *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	char *text = alloc_text(address);
	char *host;
	char *port;
	int error;
	int result;

	cut_address(text, &host, &port);
	error = getaddrinfo(host, port, &hints, &list);
	free(text);
	/* Before the network is there, a good name is as unknown as a bad. */
	if (error)
		return fault_set(why, FAULT_RETRY, "listen: tcp:%s: %s",
				 address, gai_strerror(error));
	result = open_tcp_at(l, address, list, why);
	freeaddrinfo(list);
	return result;
}

/* ---- both --------------------------------------------------------------- */

static int open_address(struct listener *l, const struct listener_opts *opts,
			struct fault *why)
{
	if (conf_check_listen(opts->address, why) == -1)
		return -1;
	if (str_starts_with(opts->address, "unix:"))
		return open_unix(l, opts->address + 5, opts, why);
	return open_tcp(l, opts->address + 4, why);
}

int listener_open(struct listener *l, const struct listener_opts *opts,
		  struct fault *why)
{
	int passed = passed_fd();
	bool inherits = passed != -1 || opts->address[0] == '\0';
	int result;

	*l = (struct listener){ .fd = -1 };
	result = inherits ? open_inherited(l, passed, why)
			  : open_address(l, opts, why);
	if (result == 0 && !inherits) {
		(void)snprintf(l->name, sizeof(l->name), "%s", opts->address);
		if (listen(l->fd, LISTENER_BACKLOG) == -1)
			result = fault_set_errno(why, FAULT_CONFIG, errno,
						 "listen: %s", opts->address);
	}
	if (result == 0 && (fdio_nonblock_set(l->fd, true) == -1 ||
			    fdio_cloexec_set(l->fd) == -1))
		result = fault_set_errno(why, FAULT_CONFIG, errno, "fcntl");
	if (result == -1)
		listener_close(l);
	return result;
}

int listener_try(const struct listener_opts *opts, bool ours,
		 struct fault *why)
{
	struct listener l = { .fd = -1 };
	int result = 0;

	if (opts->address[0] == '\0')
		return 0;	/* who starts it will hand one over */
	if (conf_check_listen(opts->address, why) == -1)
		return -1;
	if (str_starts_with(opts->address, "unix:")) {
		const char *path = opts->address + 5;

		if ((!ours && try_path(path, why) == -1) ||
		    try_beside(&l, path, opts, why) == -1)
			result = -1;
	} else if (!ours) {
		result = open_tcp(&l, opts->address + 4, why);
	}
	listener_close(&l);
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
