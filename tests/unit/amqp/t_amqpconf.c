/* SPDX-License-Identifier: MIT */
/* Tests where RabbitMQ is, by the settings, and what goes together. */
#include "config.h"

#include "amqp/amqpconf.h"

#include "../scratch.h"

#include <string.h>

static int load(const char *text, struct amqpconf *conf, struct fault *why)
{
	char *path = scratch_path("amqp.conf");
	int rc;

	put("amqp.conf", text);
	rc = amqpconf_load(path, conf, why);
	free(path);
	return rc;
}

static void hosts_are_read_one_by_one(void **state)
{
	static const struct {
		const char *name;
		int port;
		bool tls;
	} rows[] = {
		{ "mq1.example", 5671, true }, { "127.0.0.1", 5672, false },
		{ "::1", 5673, false }, { "localhost", 1, false },
		{ "10.0.0.7", 65535, true },
	};
	struct amqpconf_place place;
	struct amqpconf conf;
	struct fault why;

	(void)state;
	assert_int_equal(load("amqp = mq1.example:5671, 127.0.0.1:5672 ,"
			      "[::1]:5673,localhost:1,10.0.0.7:65535\n",
			      &conf, &why), 0);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		assert_int_equal(amqpconf_place_at(&conf, i, &place, &why), 1);
		assert_string_equal(place.name, rows[i].name);
		assert_int_equal(place.port, rows[i].port);
		assert_int_equal(place.tls, rows[i].tls);
	}
	assert_int_equal(amqpconf_place_at(&conf, ARRAY_COUNT(rows), &place,
					   &why), 0);
	assert_int_equal(amqpconf_place_at(&conf, 99, &place, &why), 0);
	amqpconf_release(&conf);
}

static void tls_is_what_is_said(void **state)
{
	struct amqpconf_place place;
	struct amqpconf conf;
	struct fault why;

	(void)state;
	assert_int_equal(load("amqp = localhost:5671\namqp_tls = required\n",
			      &conf, &why), 0);
	assert_int_equal(amqpconf_place_at(&conf, 0, &place, &why), 1);
	assert_true(place.tls);
	amqpconf_release(&conf);
	assert_int_equal(load("amqp = mq:5672\namqp_tls = off\n", &conf, &why),
			 0);
	assert_int_equal(amqpconf_place_at(&conf, 0, &place, &why), 1);
	assert_false(place.tls);
	amqpconf_release(&conf);
}

static void mistakes_are_named_with_their_line(void **state)
{
	static const struct {
		const char *settings;
		const char *why;
	} rows[] = {
		{ "amqp =\n", "amqp.conf:2: amqp: \"\" is not HOST:PORT" },
		{ "amqp = mq1\n", "amqp: \"mq1\" is not HOST:PORT" },
		{ "amqp = mq1:5671,\n", "amqp: \"\" is not HOST:PORT" },
		{ "amqp = ::1:5671\n", "is not HOST:PORT" },
		{ "amqp = mq1:0\n", "is not HOST:PORT" },
		{ "amqp = mq1:65536\n", "is not HOST:PORT" },
		{ "amqp = m q:5671\n", "is not HOST:PORT" },
		{ "amqp = amqp://mq1:5671\n", "is not HOST:PORT" },
		{ "amqp = a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1\n",
		  "amqp: more than 8 hosts" },
		{ "amqp_tls = maybe\n", "amqp.conf:2: amqp_tls" },
		{ "queue =\n", "amqp.conf:2: queue is empty" },
		{ "refused = reservoir.mails\n",
		  "amqp.conf:2: refused is the same queue" },
		{ "prefetch = 201\n", "amqp.conf:2: prefetch" },
		{ "message_age = 6\n", "amqp.conf:2: message_age" },
		{ "redis = nowhere\n", "amqp.conf:2: redis" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char *text = alloc_printf("# ours\n%s", rows[i].settings);
		struct fault why = { .text = "" };
		struct amqpconf conf;

		if (load(text, &conf, &why) != -1)
			fail_msg("%s is taken", rows[i].settings);
		if (!strstr(why.text, rows[i].why))
			fail_msg("%s gives: %s", rows[i].settings, why.text);
		free(text);
	}
}

static void a_password_is_wanted(void **state)
{
	char *path = scratch_path("password");
	struct amqpconf conf;
	struct fault why;
	char *text;

	(void)state;
	assert_int_equal(load("", &conf, &why), 0);
	assert_int_equal(amqpconf_secrets_read(&conf, &why), -1);
	assert_string_equal(why.text, "amqp_password_file is missing");
	amqpconf_release(&conf);
	text = alloc_printf("amqp_password_file = %s\n", path);
	put("password", "secret\n");
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(load(text, &conf, &why), 0);
	assert_int_equal(amqpconf_secrets_read(&conf, &why), -1);
	assert_non_null(strstr(why.text, "amqp_password_file: "));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(amqpconf_secrets_read(&conf, &why), 0);
	assert_string_equal(conf.amqp_password, "secret");
	amqpconf_release(&conf);
	free(text);
	free(path);
}

static int set_up(void **state)
{
	(void)state;
	return scratch_begin(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_read_one_by_one),
		cmocka_unit_test(tls_is_what_is_said),
		cmocka_unit_test(mistakes_are_named_with_their_line),
		cmocka_unit_test(a_password_is_wanted),
	};

	return cmocka_run_group_tests(tests, set_up, scratch_end);
}
