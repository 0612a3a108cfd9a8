/* SPDX-License-Identifier: MIT */
/* TLS to the database: when, whom to trust, and under which name. */
#include "config.h"

#include "db/tls.h"

#include "conf/check.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

bool dbtls_is_wanted(const struct dbtls *tls, const char *host)
{
	if (!tls->mode || strcmp(tls->mode, "auto") == 0)
		return !conf_is_this_host(host);
	return strcmp(tls->mode, "required") == 0;
}

int dbtls_check(const struct dbtls *tls, struct fault *why)
{
	X509 *one;
	FILE *file;

	if (!tls->ca_file || !*tls->ca_file)
		return 0;
	file = fopen(tls->ca_file, "re");
	if (!file)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "mysql_tls_ca_file: %s", tls->ca_file);
	one = PEM_read_X509(file, NULL, NULL, NULL);
	(void)fclose(file);	/* it was only read */
	ERR_clear_error();
	if (!one)
		return fault_set(why, FAULT_CONFIG, "mysql_tls_ca_file: %s "
				 "holds no certificate", tls->ca_file);
	X509_free(one);
	return 0;
}
