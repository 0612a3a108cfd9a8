# SPDX-License-Identifier: MIT
# What tests call, and needs no RabbitMQ, stands in the library.
maild_libmaild_a_SOURCES += \
	maild/amqp/amqpconf.c \
	maild/amqp/amqpconf.h \
	maild/amqp/judge.c \
	maild/amqp/judge.h

if WITH_RABBITMQ
maild_amqp_maild_amqp_SOURCES += \
	maild/amqp/bridge.c \
	maild/amqp/bridge.h \
	maild/amqp/broker.c \
	maild/amqp/broker.h \
	maild/amqp/main.c \
	maild/amqp/master.c \
	maild/amqp/master.h
endif

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/amqp/t_amqpconf \
	tests/unit/amqp/t_judge
endif
