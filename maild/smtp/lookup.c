/* SPDX-License-Identifier: MIT */
/* A server's name to its addresses, in bounded time. */
#include "config.h"

#include "smtp/lookup.h"

#include "base/ticks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <resolv.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS_MIN 4		/* how often each name server is asked */

/* What the child says, in one piece. */
struct answer {
	int error;		/* of getaddrinfo(), 0 = none */
	int number;		/* errno, if that is EAI_SYSTEM */
	struct lookup_result found;
};

_Static_assert(sizeof(struct answer) <= PIPE_BUF, "written in one piece");

/* ---- the child ----------------------------------------------------------- */

/*
 * By default, the wait for the first name server may exceed our whole limit,
 * though the second would answer at once.  Administrators may be less patient
 * than this, never more.
 */
static void hurry(int limit_ms)
{
	int patience_s = limit_ms / 1000 / ROUNDS_MIN;

	if (res_init() == -1)
		return;		/* a resolver of another kind, or none */
	if (patience_s < 1)
		patience_s = 1;
	if (_res.retrans > patience_s)
		_res.retrans = patience_s;
	if (_res.retry < ROUNDS_MIN)
		_res.retry = ROUNDS_MIN;
}

static void keep(struct lookup_result *found, const struct addrinfo *list)
{
	for (const struct addrinfo *at = list; at && found->count < LOOKUP_MAX;
	     at = at->ai_next) {
		struct lookup_address *to = &found->list[found->count];

		if (at->ai_addrlen > sizeof(to->at))
			continue;
		to->len = at->ai_addrlen;
		memcpy(&to->at, at->ai_addr, at->ai_addrlen);
		found->count++;
	}
}

NORETURN static void ask(const struct lookup_question *q, int fd, pid_t parent)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	struct answer answer;
	char service[24];

	/* Nobody would hear it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || dup2(fd, STDERR_FILENO + 1) == -1)
		_exit(1);
	/* Redis must see at once that the worker died.  With a kernel that
	 * cannot do this, it sees so when we end. */
	(void)close_range(STDERR_FILENO + 2, UINT_MAX, 0);
	hurry(q->limit_ms);
	memset(&answer, 0, sizeof(answer));
	(void)snprintf(service, sizeof(service), "%lld", (long long)q->port);
	answer.error = getaddrinfo(q->host, service, &hints, &list);
	answer.number = errno;
	if (answer.error == 0)
		keep(&answer.found, list);
	/* One that is gone already does not need it. */
	(void)!write(STDERR_FILENO + 1, &answer, sizeof(answer));
	_exit(0);
}

/* ---- the caller ---------------------------------------------------------- */

/* Waits for the child's answer, and for its end.  False if none came. */
static bool hear(pid_t pid, int fd, int limit_ms, struct answer *answer)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int64_t until_ms = ticks_ms() + limit_ms;
	int64_t left_ms;
	int ready = 0;
	bool heard;

	/* With no time left, not even an answer that is already there counts:
	 * the result would depend on which process ran first. */
	while ((left_ms = until_ms - ticks_ms()) > 0) {
		ready = poll(&pfd, 1, (int)left_ms);
		if (ready != -1 || errno != EINTR)
			break;
	}
	heard = ready == 1 &&
		read(fd, answer, sizeof(*answer)) == (ssize_t)sizeof(*answer);
	/* One that has answered ends by itself. */
	if (!heard)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	return heard;
}

static int ask_in_child(const struct lookup_question *q, struct answer *answer,
			struct fault *why)
{
	pid_t self = getpid();
	int fds[2];
	bool heard;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return fault_set_errno(why, FAULT_RETRY, errno, "look up %s",
				       q->host);
	pid = fork();
	if (pid == 0)
		ask(q, fds[1], self);
	(void)close(fds[1]);
	if (pid == -1) {
		(void)close(fds[0]);
		return fault_set_errno(why, FAULT_RETRY, errno, "look up %s",
				       q->host);
	}
	heard = hear(pid, fds[0], q->limit_ms, answer);
	(void)close(fds[0]);
	if (!heard)
		return fault_set(why, FAULT_RETRY, "look up %.100s: no answer "
				 "within %.1f s", q->host,
				 q->limit_ms / 1000.0);
	return 0;
}

static bool is_number(const char *host, int64_t port,
		      struct lookup_address *out)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, host, &out->at.v4.sin_addr) == 1) {
		out->len = sizeof(out->at.v4);
		out->at.v4.sin_family = AF_INET;
		out->at.v4.sin_port = htons((uint16_t)port);
		return true;
	}
	return false;
}

int lookup(const struct lookup_question *q, struct lookup_result *out,
	   struct fault *why)
{
	struct answer answer;

	out->count = 1;
	if (is_number(q->host, q->port, &out->list[0]))
		return 0;
	if (ask_in_child(q, &answer, why) == -1)
		return -1;
	if (answer.error == EAI_SYSTEM)
		return fault_set_errno(why, FAULT_RETRY, answer.number,
				       "look up %.100s", q->host);
	if (answer.error != 0)
		return fault_set(why, answer.error == EAI_NONAME ||
				 answer.error == EAI_NODATA ? FAULT_REJECT
							    : FAULT_RETRY,
				 "look up %.100s: %s", q->host,
				 gai_strerror(answer.error));
	if (answer.found.count == 0)
		return fault_set(why, FAULT_REJECT, "look up %.100s: no "
				 "address", q->host);
	*out = answer.found;
	lookup_interleave(out);
	return 0;
}

/* The first one left that is not of this family; the count if there is none. */
static size_t first_unused(const struct lookup_result *all, const bool *used,
			   int family)
{
	size_t i = 0;

	while (i < all->count &&
	       (used[i] || all->list[i].at.any.sa_family == family))
		i++;
	return i;
}

void lookup_interleave(struct lookup_result *result)
{
	const struct lookup_result old = *result;
	bool used[LOOKUP_MAX] = { false };
	int family = -1;		/* of the one before */

	for (size_t n = 0; n < old.count; n++) {
		size_t pick = first_unused(&old, used, family);

		/* There may be none of the other family left. */
		if (pick == old.count)
			pick = first_unused(&old, used, -1);
		used[pick] = true;
		family = old.list[pick].at.any.sa_family;
		result->list[n] = old.list[pick];
	}
}

const char *lookup_text(const struct lookup_address *address,
			char text[INET6_ADDRSTRLEN])
{
	const void *bytes = address->at.any.sa_family == AF_INET6
			    ? (const void *)&address->at.v6.sin6_addr
			    : (const void *)&address->at.v4.sin_addr;

	/* There is room, and it knows both families. */
	if (!inet_ntop(address->at.any.sa_family, bytes, text,
		       INET6_ADDRSTRLEN))
		text[0] = '\0';
	return text;
}
