# SPDX-License-Identifier: MIT
# How tests are built: cmocka programs, which each room lists, and one for the
# manuals.  Run by "make check".  These are the flags of all programs that name
# none of their own.
AM_CPPFLAGS = $(BASE_CPPFLAGS) -I$(srcdir)/fcgi-app -I$(srcdir)/maild \
	-DTEST_SRCDIR='"$(abs_srcdir)"' $(CMOCKA_CFLAGS) $(JSONC_CFLAGS) \
	$(GMIME_CFLAGS)
LDADD = tests/fuzz/libfuzz.a fcgi-app/libbooking.a maild/libmaild.a $(COMMON_LIBS) \
	$(FCGI_LIBS) $(MYSQL_LIBS) $(IDN2_LIBS) $(CRYPTO_LIBS) \
	$(ESMTP_LIBS) $(GMIME_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)
TESTS += $(check_PROGRAMS) tests/unit/check-man-settings.sh
EXTRA_DIST += tests/unit/scratch.h tests/unit/check-man-settings.sh \
	build-aux/bash-completion.awk build-aux/man-synopsis.awk
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; export top_srcdir;

# What integration tests build when they need it.
EXTRA_PROGRAMS = tests/tools/queuecall tests/tools/zonecall
tests_tools_queuecall_SOURCES = \
	tests/tools/queuecall.c \
	tests/tools/queuecall.h \
	tests/tools/queuecall_admin.c \
	tests/tools/queuecall_worker.c
CLEANFILES += $(EXTRA_PROGRAMS)
