/* SPDX-License-Identifier: MIT */
/*
 * Says where the client library finds a host.
 *
 * Both libraries take one name for three purposes: to look the address up, to
 * connect, and to compare with the certificate.  Our addresses are looked up
 * by another process (daemon/names.h), and a certificate may have another name
 * than the host has here.  So while one connects, getaddrinfo(3), which this
 * file defines over the system's, knows that name for another one, or for an
 * address.
 */
#ifndef DB_PIN_H
#define DB_PIN_H

/* Until the next call, this name is found where that host is; both are
 * borrowed.  NULL, NULL: nothing is changed. */
void dbpin_set(const char *name, const char *host);

#endif
