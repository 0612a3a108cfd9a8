/* SPDX-License-Identifier: MIT */
/* Tests the thread between libesmtp and a connection. */
#include "config.h"

#include "base/ticks.h"
#include "settings/relayconf.h"
#include "smtp/tls.h"
#include "smtp/tunnel.h"
#include "peer.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define MUCH (3 * 1024 * 1024)	/* more than all buffers on the way hold */
#define QUICKLY_MS 5000
#define EHLO "EHLO me\r\n"
#define HEARD "220 ESMTP\r\n250 mx\r\n"

static char heard_text[] = HEARD;
static const struct buf heard = { heard_text, sizeof(heard_text) - 1, 0 };
static bool is_secure;			/* this run is with TLS */

struct scene {
	struct peer peer;
	struct tunnel *tunnel;
	int fd;				/* the library's end */
};

static void shake(struct wire *w)
{
	struct relay_conf relay = {
		.tls_ca_file = peer_trusted,
		.tls_name = (char *)(uintptr_t)PEER_NAME,
		.tls_min = (char *)(uintptr_t)"1.2",
	};
	struct fault why;
	struct sender_tls *tls = sender_tls_new(&relay, &why);
	short wants;
	int n;

	assert_non_null(tls);
	sender_tls_begin(tls, w);
	while ((n = wire_shake(w, &wants)) == -1) {
		struct pollfd one = { .fd = w->fd, .events = wants };

		assert_int_equal(poll(&one, 1, QUICKLY_MS), 1);
	}
	assert_int_equal(n, 1);
	sender_tls_free(tls);
}

/* What the peer does begins with peer_secure() where that is wanted. */
static void begin(struct scene *s, void (*act)(struct peer *p))
{
	struct wire wire = { .fd = -1 };
	struct fault why;

	memset(s, 0, sizeof(*s));
	s->peer.act = act;
	s->peer.ctx = peer_server;
	wire.fd = peer_start(&s->peer);
	if (is_secure)
		shake(&wire);
	s->tunnel = tunnel_new(&wire, &heard, &s->fd, &why);
	assert_non_null(s->tunnel);
	assert_int_equal(wire.fd, -1);
	/* The library polls; these tests may block. */
	assert_int_equal(fcntl(s->fd, F_SETFL, 0), 0);
}

static void end(struct scene *s)
{
	int64_t begun_ms = ticks_ms();

	(void)close(s->fd);
	tunnel_free(s->tunnel);
	assert_true(ticks_ms() - begun_ms < QUICKLY_MS);
	peer_end(&s->peer);
}

static void say(const struct scene *s, const char *text)
{
	assert_int_equal(send(s->fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

static void hear(const struct scene *s, const char *wanted)
{
	char bytes[200];
	size_t len = strlen(wanted);

	assert_true(len < sizeof(bytes));
	assert_int_equal(recv(s->fd, bytes, len, MSG_WAITALL), len);
	bytes[len] = '\0';
	assert_string_equal(bytes, wanted);
}

static void secure_if_wanted(struct peer *p)
{
	if (is_secure)
		peer_secure(p);
}

/* ---- what is carried -------------------------------------------------------- */

static void answer(struct peer *p)
{
	secure_if_wanted(p);
	peer_expect(p, "MAIL FROM:<a@b>\r\n");
	(void)peer_say(p, "250 ok\r\n", 8);
	peer_expect(p, "QUIT\r\n");
	(void)peer_say(p, "221 bye\r\n", 9);
}

static void the_ehlo_goes_no_further(void **state)
{
	struct scene s;

	(void)state;
	for (int split = 0; split < 3; split++) {
		begin(&s, answer);
		hear(&s, HEARD);
		if (split == 0) {
			say(&s, EHLO);
			say(&s, "MAIL FROM:<a@b>\r\n");
		} else if (split == 1) {
			say(&s, EHLO "MAIL FROM:<a@b>\r\n");
		} else {
			say(&s, "EH");
			say(&s, "LO me");
			say(&s, "\r");
			say(&s, "\nMAIL FROM:<a@b>\r\n");
		}
		hear(&s, "250 ok\r\n");
		say(&s, "QUIT\r\n");
		hear(&s, "221 bye\r\n");
		hear(&s, "");
		end(&s);
	}
}

/* The peer's side of a large mail: each byte is known by its place. */
static char byte_at(size_t i)
{
	return i % 80 == 79 ? '\n' : (char)('a' + (i / 80 + i) % 26);
}

static void take_much(struct peer *p)
{
	static char bytes[50000];
	size_t place = 0;
	size_t n = 1;

	secure_if_wanted(p);
	while (place < MUCH && n > 0) {
		n = peer_hear(p, bytes, 1 + place % (sizeof(bytes) - 1));
		for (size_t i = 0; i < n && place + i < MUCH; i++)
			if (bytes[i] != byte_at(place + i))
				n = 0;
		place += n;
	}
	if (place < MUCH)
		(void)snprintf(p->wrong, sizeof(p->wrong), "at byte %zu",
			       place);
	(void)peer_say(p, "250 ok\r\n", 8);
}

static void a_long_mail_arrives_as_it_is(void **state)
{
	struct scene s;
	char piece[2048];

	(void)state;
	begin(&s, take_much);
	hear(&s, HEARD);
	say(&s, EHLO);
	for (size_t place = 0; place < MUCH; place += sizeof(piece)) {
		for (size_t i = 0; i < sizeof(piece); i++)
			piece[i] = byte_at(place + i);
		assert_int_equal(send(s.fd, piece, sizeof(piece), 0),
				 sizeof(piece));
	}
	/* As the library does: the last of it ends a line. */
	assert_int_equal(send(s.fd, "\n", 1, 0), 1);
	hear(&s, "250 ok\r\n");
	end(&s);
}

static void say_much(struct peer *p)
{
	static char bytes[MUCH];

	secure_if_wanted(p);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = byte_at(i);
	(void)peer_say(p, bytes, sizeof(bytes));
}

static void long_answers_arrive_as_they_are(void **state)
{
	struct scene s;
	char piece[1000];
	size_t place = 0;
	ssize_t n;

	(void)state;
	begin(&s, say_much);
	hear(&s, HEARD);
	while ((n = recv(s.fd, piece, sizeof(piece), 0)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(piece[i], byte_at(place + (size_t)i));
		place += (size_t)n;
	}
	assert_int_equal(place, MUCH);
	end(&s);
}

/* ---- ends -------------------------------------------------------------------- */

static void hear_to_the_end(struct peer *p)
{
	char bytes[100];
	size_t len = 0;
	size_t n;

	secure_if_wanted(p);
	peer_expect(p, "DATA\r\nSubject: x\r\n");
	(void)peer_say(p, "go on", 5);
	while ((n = peer_hear(p, bytes + len, sizeof(bytes) - 1 - len)) > 0)
		len += n;
	bytes[len] = '\0';
	/* The tunnel keeps half a line back: all of it, or nothing. */
	if (len > 0 && strcmp(bytes, "half a line") != 0)
		(void)snprintf(p->wrong, sizeof(p->wrong), "heard %.60s",
			       bytes);
}

static void a_mail_that_is_broken_off_gets_no_dot(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, hear_to_the_end);
	hear(&s, HEARD);
	say(&s, EHLO);
	say(&s, "DATA\r\n");
	say(&s, "Subject: x\r\n");
	/* Unless the lines are gone, half a line may keep them back. */
	hear(&s, "go on");
	say(&s, "half a line");
	end(&s);
}

static void say_last_words(struct peer *p)
{
	secure_if_wanted(p);
	(void)peer_say(p, "421 closing\r\n", 13);
	if (p->ssl)
		(void)SSL_shutdown(p->ssl);
	(void)shutdown(p->fd, SHUT_RDWR);
}

/* The library may find out by writing: it reads the reason all the same. */
static void last_words_are_heard(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, say_last_words);
	hear(&s, HEARD);
	say(&s, EHLO);
	for (int i = 0; i < 1000; i++)
		if (send(s.fd, "MAIL\r\n", 6, MSG_NOSIGNAL) == -1)
			break;
	hear(&s, "421 closing\r\n");
	hear(&s, "");
	end(&s);
}

static int release[2];			/* closed: the peer may end */

static void say_nothing(struct peer *p)
{
	char byte;

	secure_if_wanted(p);
	(void)!read(release[0], &byte, 1);
}

/* Nor does it read: what the library gave up is not waited for. */
static void a_silent_server_holds_nobody_up(void **state)
{
	static char much[64 * 1024];
	struct scene s;

	(void)state;
	assert_int_equal(pipe(release), 0);
	begin(&s, say_nothing);
	hear(&s, HEARD);
	say(&s, EHLO);
	memset(much, '\n', sizeof(much));
	while (send(s.fd, much, sizeof(much), MSG_DONTWAIT) > 0)
		(void)poll(NULL, 0, 20);
	(void)shutdown(s.fd, SHUT_RDWR);
	tunnel_free(s.tunnel);
	s.tunnel = NULL;
	(void)close(release[1]);
	end(&s);
	(void)close(release[0]);
}

/* A thread that spins for want of something to wait for burns this up. */
static void waiting_costs_nothing(void **state)
{
	struct scene s;
	clock_t before;

	(void)state;
	begin(&s, say_last_words);
	hear(&s, HEARD);
	hear(&s, "421 closing\r\n");
	hear(&s, "");
	before = clock();
	(void)poll(NULL, 0, 300);
	assert_true(clock() - before < CLOCKS_PER_SEC / 20);
	end(&s);
}

/* Some account that is not root's, for which limits count. */
static int try_without_threads(void)
{
	const struct rlimit none = { 0, 0 };
	struct fault why = { .class = FAULT_NONE };
	struct wire wire = { .fd = -1 };
	int fd = -1;

	if (getuid() == 0 && setresuid(65534, 65534, 65534) == -1)
		return 2;
	if (setrlimit(RLIMIT_NPROC, &none) == -1)
		return 3;
	wire.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (tunnel_new(&wire, &heard, &fd, &why))
		return 4;
	if (why.class != FAULT_CONFIG || !strstr(why.text, "no thread"))
		return 5;
	/* The connection is as it was. */
	return wire.fd != -1 && close(wire.fd) == 0 ? 0 : 6;
}

static void without_a_thread_nothing_is_begun(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0)
		_exit(try_without_threads());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* ---- many --------------------------------------------------------------------- */

static int count(const char *directory)
{
	DIR *dir = opendir(directory);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	(void)closedir(dir);
	return n;
}

static void nothing_is_left_of_a_session(void **state)
{
	int fds = count("/proc/self/fd");
	int threads = count("/proc/self/task");
	struct scene s;

	(void)state;
	for (int i = 0; i < 300; i++) {
		begin(&s, answer);
		hear(&s, HEARD);
		say(&s, EHLO "MAIL FROM:<a@b>\r\n");
		hear(&s, "250 ok\r\n");
		say(&s, "QUIT\r\n");
		end(&s);
	}
	assert_int_equal(count("/proc/self/fd"), fds);
	assert_int_equal(count("/proc/self/task"), threads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ehlo_goes_no_further),
		cmocka_unit_test(a_long_mail_arrives_as_it_is),
		cmocka_unit_test(long_answers_arrive_as_they_are),
		cmocka_unit_test(a_mail_that_is_broken_off_gets_no_dot),
		cmocka_unit_test(last_words_are_heard),
		cmocka_unit_test(a_silent_server_holds_nobody_up),
		cmocka_unit_test(waiting_costs_nothing),
		cmocka_unit_test(without_a_thread_nothing_is_begun),
		cmocka_unit_test(nothing_is_left_of_a_session),
	};
	int failed = cmocka_run_group_tests_name("in clear", tests, NULL, NULL);

	is_secure = true;
	return failed + cmocka_run_group_tests_name("in TLS", tests,
						    peer_certificate_make,
						    peer_certificate_drop);
}
