/* SPDX-License-Identifier: MIT */
/* Tests which settings of a relay go together. */
#include "config.h"

#include "settings/mailconf.h"

#include "../scratch.h"

#include <string.h>

#define USER "auth_user = me\n"
#define FAR "host = mx.example\n"
#define COMMAND "auth_token_command = /bin/token\n"
#define FILE_SET "auth_token_file = /run/token\n"
#define PASSWORD "auth_password_file = /etc/password\n"
#define XOAUTH2 "auth = xoauth2\n"
#define BEARER "auth = oauthbearer\n"

static void a_log_in_comes_from_one_place(void **state)
{
	static const struct {
		const char *settings;
		const char *why;	/* NULL = they are good */
	} rows[] = {
		{ FAR, NULL },
		{ FAR USER PASSWORD, NULL },
		{ FAR "auth = password\n" USER PASSWORD, NULL },
		{ FAR USER XOAUTH2 COMMAND, NULL },
		{ FAR USER XOAUTH2 FILE_SET, NULL },
		{ FAR USER BEARER COMMAND, NULL },
		{ FAR USER BEARER FILE_SET, NULL },
		{ FAR USER, "auth_password_file is not" },
		{ FAR PASSWORD, "auth_user is not" },
		{ FAR USER XOAUTH2, "auth_token_command or auth_token_file" },
		{ FAR USER BEARER, "auth_token_command or auth_token_file" },
		{ FAR USER XOAUTH2 COMMAND FILE_SET, "not both" },
		{ FAR XOAUTH2 COMMAND, "auth_user is not" },
		{ FAR BEARER FILE_SET, "auth_user is not" },
		{ FAR USER XOAUTH2 PASSWORD, "auth_password_file is set" },
		{ FAR USER XOAUTH2 PASSWORD COMMAND,
		  "auth_password_file is set" },
		{ FAR USER COMMAND, "set auth = xoauth2" },
		{ FAR USER FILE_SET, "set auth = xoauth2" },
		{ FAR USER PASSWORD FILE_SET, "set auth = xoauth2" },
		{ FAR COMMAND, "set auth = xoauth2" },
		{ FAR USER "auth = XOAUTH2\n" COMMAND, "auth: " },
		{ FAR USER "auth = cram-md5\n", "auth: " },
		{ FAR USER XOAUTH2 "auth_token_command = token -x\n",
		  "an absolute path" },
		{ FAR USER XOAUTH2 "auth_token_file = token\n",
		  "an absolute path" },
		{ FAR "auth_user = a\001b\n" XOAUTH2 COMMAND,
		  "control character" },
		/* In clear nobody shows it by mistake. */
		{ "host = 127.0.0.1\n" USER XOAUTH2 COMMAND,
		  "access token in clear" },
		{ "host = 127.0.0.1\n" USER PASSWORD, "password in clear" },
		{ "host = 127.0.0.1\nauth_clear = yes\n" USER XOAUTH2 COMMAND,
		  NULL },
		{ FAR "tls = off-anywhere\n" USER BEARER FILE_SET,
		  "access token in clear" },
	};
	char *path = scratch_path("maild.conf");

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char *text = alloc_printf("template_dir =\n[relay one]\n%s",
					  rows[i].settings);
		struct mailconf conf;
		struct fault why = { .text = "" };
		int rc;

		put("maild.conf", text);
		rc = mailconf_load(path, &conf, &why);
		if (rc == 0)
			mailconf_release(&conf);
		if ((rc == 0) != (rows[i].why == NULL) ||
		    (rc == -1 && (!strstr(why.text, rows[i].why) ||
				  !strstr(why.text, "maild.conf:"))))
			fail_msg("%s gives %d: %s", rows[i].settings, rc,
				 why.text);
		free(text);
	}
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
		cmocka_unit_test(a_log_in_comes_from_one_place),
	};

	return cmocka_run_group_tests(tests, set_up, scratch_end);
}
