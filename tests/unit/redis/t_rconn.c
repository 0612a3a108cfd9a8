/* SPDX-License-Identifier: MIT */
/* Tests which addresses of Redis are understood. */
#include "config.h"

#include "redis/rconn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#ifdef HAVE_HIREDIS_SSL
#define HAS_TLS true
#else
#define HAS_TLS false
#endif

static struct rconn *make(const char *address, struct fault *why)
{
	const struct rconn_opts opts = {
		.address = address, .connect_timeout_ms = 100,
		.command_timeout_ms = 100, .sentinel_password = "secret",
		.password = "of-redis", .prefix = "{maild}:",
	};

	return rconn_new(&opts, why);
}

static void good_addresses_are_understood(void **state)
{
	static const char *const good[] = {
		"unix:/run/redis.sock", "tcp:127.0.0.1:6379", "tcp:redis:1",
		"tcp:[::1]:6379", "tcp:::1:65535",
		"sentinel:mymaster@10.0.0.1:26379",
		"sentinel:m.y-m_1@a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8,i:9",
		"sentinel:m@[::1]:26379,[2001:db8::1]:26379",
		"cluster:a:1", "cluster:[::1]:7000,b:7001",
		"cluster:a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8,i:9",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		struct fault why = { .text = "" };
		struct rconn *r = make(good[i], &why);

		if (!r)
			fail_msg("%s: %s", good[i], why.text);
		assert_false(rconn_is_open(r));
		rconn_free(r);
	}
}

static void bad_ones_are_refused_by_name(void **state)
{
	static const char *const bad[] = {
		"", "redis", "127.0.0.1:6379", "unix:relative", "tcp:", "tcp:a",
		"tcp::6379", "tcp:a:0", "tcp:a:65536", "tcp:a:b", "tcp:a b:1",
		"tcp:a:1,b:2", "tcp:[]:1", "sentinel:", "sentinel:a:1",
		"sentinel:@a:1", "sentinel:m@", "sentinel:m@a", "sentinel:m@a:1,",
		"sentinel:m@,a:1", "sentinel:m m@a:1", "sentinel:m@a:1@b:2",
		"sentinel:m@a:1,a:2,a:3,a:4,a:5,a:6,a:7,a:8,a:9,a:10",
		"rediss://u:of-redis@a:1", "rediss://u:6379@of-redis:1",
		"rediss:a", "rediss:a:1@", "rediss:of-redis@a:1",
		"tcp:a:1@b", "redis://a:1",
		"cluster:", "cluster:a", "cluster:a:1,", "cluster:,a:1",
		"cluster:m@a:1", "cluster:a:0", "cluster:a:1,b",
		"cluster:a:1,a:2,a:3,a:4,a:5,a:6,a:7,a:8,a:9,a:10",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		struct fault why = { .text = "" };
		struct rconn *r = make(bad[i], &why);

		if (r)
			fail_msg("%s was taken", bad[i]);
		assert_int_equal(why.class, FAULT_CONFIG);
		if (HAS_TLS || !strstr(bad[i], "rediss:"))
			assert_non_null(strstr(why.text, "redis: \""));
		assert_null(strstr(why.text, "of-redis"));
	}
}

static void tls_is_had_or_said_to_be_missing(void **state)
{
	static const char *const with[] = {
		"rediss:a:1", "rediss:[::1]:6380", "rediss:10.0.0.5:1@redis.x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(with); i++) {
		struct fault why = { .text = "" };
		struct rconn *r = make(with[i], &why);

		if (HAS_TLS != (r != NULL))
			fail_msg("%s: %s", with[i], why.text);
		if (!r)
			assert_non_null(strstr(why.text, "stunnel"));
		rconn_free(r);
	}
}

static void authorities_that_cannot_be_read_are_named(void **state)
{
	const struct rconn_opts opts = {
		.address = "cluster:a:1", .prefix = "{maild}:", .tls = true,
		.tls_ca_file = "/nowhere/ca.pem",
	};
	struct fault why;

	(void)state;
	assert_null(rconn_new(&opts, &why));
	assert_int_equal(why.class, FAULT_CONFIG);
	if (HAS_TLS)
		assert_string_equal(why.text, "redis_tls_ca_file: "
				    "/nowhere/ca.pem: No such file or "
				    "directory");
}

static void a_unix_socket_has_no_tls(void **state)
{
	const struct rconn_opts opts = { .address = "unix:/a", .tls = true };
	struct fault why;

	(void)state;
	assert_null(rconn_new(&opts, &why));
	assert_int_equal(why.class, FAULT_CONFIG);
	assert_memory_equal(why.text, "redis_tls: ", 11);
}

static void only_addresses_are_literal(void **state)
{
	(void)state;
	assert_true(rconn_is_literal("unix:/a"));
	assert_true(rconn_is_literal("tcp:10.0.0.5:1"));
	assert_true(rconn_is_literal("tcp:::1:1"));
	assert_true(rconn_is_literal("rediss:10.0.0.5:1@redis.x"));
	assert_true(rconn_is_literal("rediss:::1:1@redis.x"));
	assert_false(rconn_is_literal("rediss:redis.x:1@10.0.0.5"));
	assert_false(rconn_is_literal("tcp:redis.x:1"));
	assert_false(rconn_is_literal("cluster:10.0.0.5:1"));
	assert_false(rconn_is_literal("rediss:10.0.0.5"));
	assert_true(rconn_has_names("rediss:redis.x:1"));
	assert_false(rconn_has_names("rediss:10.0.0.5:1"));
}

/* What CLUSTER KEYSLOT says of such keys. */
static void the_slot_is_that_of_the_word_in_braces(void **state)
{
	(void)state;
	assert_int_equal(rconn_slot("{123456789}:"), 0x31c3);
	assert_int_equal(rconn_slot("{maild}:"), 12383);
	assert_int_equal(rconn_slot("{foo}:"), 12182);
	assert_int_equal(rconn_slot("a{foo}b}:"), 12182);
	assert_int_equal(rconn_slot("{user1000}."), 3443);
	assert_int_equal(rconn_slot("{\xc3\xa9}:"), 10180);
	assert_int_equal(rconn_slot(""), -1);
	assert_int_equal(rconn_slot("maild:"), -1);
	assert_int_equal(rconn_slot("{}:"), -1);
	assert_int_equal(rconn_slot("{}{a}:"), -1);
	assert_int_equal(rconn_slot("}{a:"), -1);
	assert_int_equal(rconn_slot("{a:"), -1);
}

static void a_cluster_needs_a_word_in_braces(void **state)
{
	const struct rconn_opts opts = { .address = "cluster:a:1",
					 .prefix = "maild:" };
	struct fault why;

	(void)state;
	assert_null(rconn_new(&opts, &why));
	assert_int_equal(why.class, FAULT_CONFIG);
	assert_memory_equal(why.text, "queue_prefix: ", 14);
}

static void no_node_that_answers_is_a_fault_to_try_again(void **state)
{
	struct fault why;
	struct rconn *r = make("cluster:127.0.0.1:1,127.0.0.1:2", &why);

	(void)state;
	assert_non_null(r);
	assert_int_equal(rconn_open(r, &why), -1);
	assert_int_equal(why.class, FAULT_RETRY);
	assert_non_null(strstr(why.text, "cluster node 127.0.0.1:2"));
	assert_null(strstr(why.text, "of-redis"));
	rconn_free(r);
}

static void no_sentinel_that_answers_is_a_fault_to_try_again(void **state)
{
	struct fault why;
	/* Ports of services that nobody runs. */
	struct rconn *r = make("sentinel:m@127.0.0.1:1,127.0.0.1:2", &why);

	(void)state;
	assert_non_null(r);
	assert_int_equal(rconn_open(r, &why), -1);
	assert_int_equal(why.class, FAULT_RETRY);
	assert_non_null(strstr(why.text, "sentinel 127.0.0.1:2"));
	assert_null(strstr(why.text, "secret"));
	rconn_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses_are_understood),
		cmocka_unit_test(bad_ones_are_refused_by_name),
		cmocka_unit_test(tls_is_had_or_said_to_be_missing),
		cmocka_unit_test(authorities_that_cannot_be_read_are_named),
		cmocka_unit_test(a_unix_socket_has_no_tls),
		cmocka_unit_test(only_addresses_are_literal),
		cmocka_unit_test(the_slot_is_that_of_the_word_in_braces),
		cmocka_unit_test(a_cluster_needs_a_word_in_braces),
		cmocka_unit_test(no_node_that_answers_is_a_fault_to_try_again),
		cmocka_unit_test(
			no_sentinel_that_answers_is_a_fault_to_try_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
