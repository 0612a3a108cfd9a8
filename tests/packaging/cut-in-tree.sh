#!/bin/sh
# SPDX-License-Identifier: MIT
# Inside a fresh tree: an upgrade with a power cut in it, and what comes after.
# powercut.sh calls it; between two calls nothing lives on but the disk.
#
# usage: cut-in-tree.sh prepare     old packages, settings, a first booking
#        cut-in-tree.sh cut STEP    boot, a mail in hand, upgrade up to STEP
#        cut-in-tree.sh after       boot, bring the upgrade to its end, look
set -eu

# shellcheck source=tests/packaging/in-tree-parts.sh
. ./in-tree-parts.sh

# As at the start of a machine; what cannot start now is not the question.
boot()
{
	service mariadb start
	service redis-server start
	until_true 'the database' mariadb -e 'SELECT 1'
	until_true 'redis' redis-cli ping
	service nginx start
	./keep-mail "$mail" &
	until_true 'the mail server' curl -s smtp://127.0.0.1/
	for name in reservoir-booking maild; do
		[ ! -x /etc/init.d/$name ] || /etc/init.d/$name start || :
	done
}

envelope()
{
	printf '{"v":1,"id":"%s","kind":"notice","to":{"email":"%s"},' \
		"$1" "$1@example.org"
	printf '"locale":"en","data":{"subject":"S","paragraphs":["P"]}}\n'
}

prepare()
{
	dpkg -i --force-unsafe-io old/*.deb
	# As doc/operations.md demands it.
	printf 'appendonly yes\nmaxmemory-policy noeviction\n' \
		>>/etc/redis/redis.conf
	mkdir -p "$mail"
	KEEP=yes ACCOUNTS=one MAIL_DIR=$mail sh ./book-and-mail
	for name in maild reservoir-booking nginx redis-server mariadb; do
		service "$name" stop
	done
	sha256sum /etc/reservoir/secrets/* >secrets.sum
}

cut()
{
	boot
	until_true 'the page' curl -sf http://127.0.0.1/readyz
	# Before their end: those past it wait for minutes after a crash.
	: >/run/hold-rcpt
	book hand@example.org
	envelope pushed | maildctl enqueue -
	until_true 'mails in hand' grep -q '^hand@' "$mail/named"
	until_true 'mails in hand' grep -q '^pushed@' "$mail/named"
	number_of booking >bookings
	sync
	# A stop must not wait for the mail that is held.
	(
		until_true 'the end of the wait' grep -q 'stopping mail' cut.log
		rm -f /run/hold-rcpt
	) &
	POWERCUT_COUNT=$here/steps POWERCUT_LOG=$here/steps.txt \
		POWERCUT_AT=$1 LD_PRELOAD=$here/powercut.so \
		dpkg -i --force-confold --force-unsafe-io new/*.deb \
		>cut.log 2>&1 || die "the upgrade: $(cat cut.log)"
}

is_installed()
{
	new=$(dpkg-deb -f new/reservoir-common_*.deb Version)
	for name in booking common doc maild; do
		# shellcheck disable=SC2016 # dpkg-query's own variables
		[ "$(dpkg-query -W -f '${Status} ${Version}' \
			"reservoir-$name")" = "install ok installed $new" ] ||
			return 1
	done
}

after()
{
	boot >boot.log 2>&1
	dpkg --configure -a --force-confold >configure.log 2>&1 || :
	is_installed || dpkg -i --force-confold --force-unsafe-io new/*.deb \
		>again.log 2>&1 || die "the second try: $(cat again.log)"
	is_installed || die 'not all are installed'
	[ -z "$(dpkg --audit)" ] || die "dpkg: $(dpkg --audit)"
	left=$(find /etc /usr /lib -name '*.dpkg-new' -o -name '*.dpkg-tmp' \
		-o -path '*/reservoir/*.new')
	[ -z "$left" ] || die "left lying about: $left"
	sha256sum --quiet -c secrets.sum || die 'secrets have changed'
	bookctl -c /etc/reservoir/owner.conf migrate >migrate.log 2>&1 ||
		die "migrate: $(cat migrate.log)"
	grep -q 'nothing to do' migrate.log || die 'no migration was made'
	for name in reservoir-booking maild; do
		/etc/init.d/$name status >status.log || die "$name is down"
	done
	until_true 'the page' curl -sf http://127.0.0.1/readyz
	[ "$(number_of booking)" = "$(cat bookings)" ] || die 'bookings are lost'
	book after@example.org
	for name in hand pushed after; do
		until_true "the mail to $name" test -s "$mail/$name@example.org"
	done
	until_true 'the end of all mails' all_are_settled
	[ "$(number_of 'notification WHERE state <> 1')" = 0 ] ||
		die 'a mail was not sent'
	# Those in hand may have been past their end when the power went.
	[ "$(count after@example.org)" = 1 ] || die 'a mail was sent twice'
	[ "$(count zoe@example.org)" = 1 ] || die 'an old mail was sent again'
}

case ${1:-} in
prepare) prepare ;;
cut) cut "$2" ;;
after) after ;;
*) exit 64 ;;
esac
