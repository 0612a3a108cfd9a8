# SPDX-License-Identifier: MIT
fcgi_app_libbooking_a_SOURCES += \
	fcgi-app/db/conn.c \
	fcgi-app/db/conn.h \
	fcgi-app/db/errors.c \
	fcgi-app/db/errors.h \
	fcgi-app/db/hosts.c \
	fcgi-app/db/hosts.h \
	fcgi-app/db/impl.h \
	fcgi-app/db/look.c \
	fcgi-app/db/node.c \
	fcgi-app/db/node.h \
	fcgi-app/db/open.c \
	fcgi-app/db/pin.c \
	fcgi-app/db/pin.h \
	fcgi-app/db/rows.c \
	fcgi-app/db/rows.h \
	fcgi-app/db/sqlsplit.c \
	fcgi-app/db/sqlsplit.h \
	fcgi-app/db/tls.c \
	fcgi-app/db/tls.h \
	fcgi-app/db/transaction.c \
	fcgi-app/db/transaction.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/db/t_errors \
	tests/unit/db/t_hosts \
	tests/unit/db/t_node \
	tests/unit/db/t_sqlsplit \
	tests/unit/db/t_tls
endif
