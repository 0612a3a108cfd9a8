#!/bin/sh
# SPDX-License-Identifier: MIT
# Inside a fresh tree: install, book, stop with a mail in hand, upgrade,
# remove, purge.  debs.sh brings it there, and the packages.
#
# usage: in-tree.sh        in a directory with old/*.deb, new/*.deb
set -eu

# shellcheck source=tests/packaging/in-tree-parts.sh
. ./in-tree-parts.sh

# with_mail_in_hand ADDRESS COMMAND ...: the mail server answers only while
# the command waits.
with_mail_in_hand()
{
	address=$1
	shift
	: >/run/hold-mail
	book "$address"
	until_true 'the mail in hand' grep -q "^$address\$" "$mail/begun"
	"$@" >"$here/command.log" 2>&1 &
	waiter=$!
	until_true 'the stop to begin' grep -q 'stopping mail sender' \
		"$here/command.log"
	[ ! -e "$mail/$address" ] || die 'the mail was not held'
	rm /run/hold-mail
	wait "$waiter" || die "$* failed: $(cat "$here/command.log")"
	[ -s "$mail/$address" ] || die "$* did not wait for the mail in hand"
	ok "the mail in hand was finished: $*"
}

codes()
{
	for one in maild reservoir-booking; do
		script=/etc/init.d/$one
		is 0 "$one: status of one that runs" "$script" status
		is 0 "$one: status as nobody" nobody "$script" status
		is 0 "$one: start of one that runs" "$script" start
		is 0 "$one: reload" "$script" reload
		is 0 "$one: try-restart" "$script" try-restart
		is 4 "$one: stop as nobody" nobody "$script" stop
		is 2 "$one: no such action" "$script" frobnicate
		is 3 "$one: an action that is not there" "$script" condstop
		is 0 "$one: stop" "$script" stop
		is 0 "$one: stop of a stopped one" "$script" stop
		is 3 "$one: status of a stopped one" "$script" status
		is 7 "$one: reload of a stopped one" "$script" reload
		is 0 "$one: try-restart of a stopped one" "$script" \
			try-restart
		is 0 "$one: start" "$script" start
		name=${one#reservoir-}
		kill -KILL "$(cat "/run/reservoir/$name.pid")"
		until_true 'its death' sh -c "! $script status"
		is 1 "$one: status of a dead one" "$script" status
		is 0 "$one: start of a dead one" "$script" start
		conf=/etc/reservoir/$name.conf
		mv "$conf" "$conf.kept"
		is 6 "$one: restart without settings" "$script" restart
		mv "$conf.kept" "$conf"
		is 0 "$one: it still runs" "$script" status
	done
}

# blocks LANGUAGE: those of operations.md on who may do what, in order.
blocks()
{
	zcat -f /usr/share/doc/reservoir-doc/operations.md* | awk -v word="$1" '
		/^##/ { here = /Who may do what$/ }
		/^```/ { in_it = here && !in_it && $0 == "```" word; next }
		in_it'
}

# settings PROGRAM: the lines of those blocks for it.
settings()
{
	blocks conf | awk -v name="# $1.conf" '
		/^#/ { here = $0 == name; next }
		here'
}

# Where all had one account, as operations.md says.
an_account_for_each_part()
{
	(
		umask 077
		cd /etc/reservoir/secrets
		printf 'A THIRD' >mysql_relay
		printf 'A FOURTH' >mysql_bookctl
	)
	blocks mysql | grep -v '^REVOKE' | mariadb reservoir
	echo 'grants_file = /usr/share/reservoir/schema/grants.sql' \
		>>/etc/reservoir/owner.conf
	is 0 'the grants' bookctl -c /etc/reservoir/owner.conf migrate
	blocks mysql | grep '^REVOKE' | mariadb reservoir
	blocks 'sh users' | sed 's|DOCDIR|/usr/share/doc/reservoir-doc|' | sh -e
	service redis-server restart >said.log 2>&1
	until_true 'redis with users' sh -c 'redis-cli ping | grep NOAUTH'
	book without-redis@example.org
	settings booking >>/etc/reservoir/booking.conf
	settings maild >>/etc/reservoir/maild.conf
	is 0 'restart' /etc/init.d/reservoir-booking restart
	is 0 'restart' /etc/init.d/maild restart
	book with-accounts@example.org
	until_true 'the mail' test -s "$mail/with-accounts@example.org"
	until_true 'the one before' test -s "$mail/without-redis@example.org"
	until_true 'the verdict' all_are_settled
	[ "$(sort "$mail/begun" | uniq -d)" = '' ] || die 'a mail was sent twice'
	for program in /usr/libexec/booking.fcgi maild; do
		$program -t >said.log 2>&1 || die "$program -t"
		! grep 'may do more' said.log || die "$program: a note"
	done
	is 0 'bookctl with its account' bookctl doctor
	ok 'each part has an account of its own'
}

# A package that does nothing until it is set up.
mails_from_rabbitmq()
{
	script=/etc/init.d/maild-amqp
	is 3 'maild-amqp was not started' $script status
	[ -z "$(ls /etc/rc[2-5].d/S*maild-amqp 2>/dev/null)" ] ||
		die 'maild-amqp starts with the machine'
	is 6 'nor can it be' $script start
	READY=yes MAIL_DIR=$mail sh ./rabbitmq-to-mail >rabbitmq.log 2>&1 ||
		die 'by way of RabbitMQ'
	ok 'mails by way of RabbitMQ, set up word for word'
	ls /etc/rc2.d/S*maild-amqp >said.log 2>&1 || die 'it was not enabled'
	bridge=$(cat /run/reservoir/maild-amqp.pid)
	for one in $bridge $(pgrep -P "$bridge"); do
		[ "$(stat -c %U "/proc/$one")" = reservoir-amqp ] ||
			die "process $one is of $(stat -c %U "/proc/$one")"
	done
	for path in /var/lib/reservoir /etc/reservoir/secrets/amqp \
	    /etc/reservoir/secrets/server_key; do
		! setpriv --reuid=reservoir-amqp --regid=reservoir-amqp \
			--clear-groups test -r $path ||
			die "its account opens $path"
	done
	ok 'its account is its own, and opens nothing of the others'
}

# What is left of us on the system.
leftovers()
{
	find / -xdev \( -path "$here" -o -path /proc -o -path /var/lib/mysql \
		-o -path /var/cache -o -path /var/log -o -path /dev \
		-o -path /etc/nginx -o -path /var/lib/nginx \
		-o -path /var/lib/rabbitmq -o -path /var/lib/dpkg \) -prune -o \
		\( -name '*reservoir*' -o -name '*maild*' \
		-o -name 'booking*' -o -name bookctl \) -print
	find /run -name '*reservoir*'
	getent passwd reservoir reservoir-amqp || :
	getent group reservoir reservoir-amqp || :
}

dpkg -i old/*.deb >install.log 2>&1 || die 'the installation'
ok 'installed'
is 0 'maild was started' /etc/init.d/maild status
is 0 'booking.fcgi was started' /etc/init.d/reservoir-booking status
[ "$(stat -c %U /etc/reservoir/secrets/server_key)" = root ] || die 'a key'
server_key=$(cat /etc/reservoir/secrets/server_key)

mkdir -p "$mail"
KEEP=yes ACCOUNTS=one MAIL_DIR=$mail sh ./book-and-mail >book.log 2>&1 ||
	die 'booking'
ok 'a booking through nginx, and its mail'
users=$(ps -o user= -p "$(cat /run/reservoir/maild.pid)")
[ "$users" = reservo+ ] || [ "$users" = reservoir ] || die "user $users"
with_mail_in_hand stop@example.org /etc/init.d/maild stop
/etc/init.d/maild start >start.log
until_true 'the verdict' all_are_settled
[ "$(count stop@example.org)" = 1 ] || die 'a mail was sent twice'
ok 'it was sent once'

before=$(cat /run/reservoir/maild.pid)
with_mail_in_hand upgrade@example.org dpkg -i --force-confold new/*.deb
[ "$before" != "$(cat /run/reservoir/maild.pid)" ] || die 'the old maild runs'
[ "$server_key" = "$(cat /etc/reservoir/secrets/server_key)" ] || die 'a new key'
grep -q '^mysql_password_file' /etc/reservoir/booking.conf ||
	die 'the settings were lost'
until_true 'the page' curl -sf http://127.0.0.1/readyz
book after@example.org
until_true 'the mail after' test -s "$mail/after@example.org"
until_true 'the verdict' all_are_settled
[ "$(sort "$mail/begun" | uniq -d)" = '' ] || die 'a mail was sent twice'
is 0 'the schema was brought up to date' bookctl \
	-c /etc/reservoir/owner.conf migrate
grep -q 'nothing to do' said.log || die "the upgrade did not migrate"
ok 'upgraded while bookings went on; nothing lost, nothing twice'
an_account_for_each_part
mails_from_rabbitmq

before=$(cat /run/reservoir/maild.pid)
echo 'no_such_setting = 1' >>/etc/reservoir/maild.conf
is 0 'an upgrade with wrong settings' dpkg -i --force-confold new/*.deb
[ "$before" = "$(cat /run/reservoir/maild.pid)" ] || die 'maild was stopped'
is 0 'it leaves maild as it was' /etc/init.d/maild status
is 0 'maild-amqp runs' /etc/init.d/maild-amqp status
[ "$bridge" != "$(cat /run/reservoir/maild-amqp.pid)" ] ||
	die 'the old maild-amqp runs'
[ -z "$(dpkg --audit)" ] || die 'a package is not whole'
sed -i '/^no_such_setting/d' /etc/reservoir/maild.conf
codes

dpkg -r reservoir-amqp reservoir-maild reservoir-booking \
	>remove.log 2>&1 || die 'removal'
! pgrep -x maild || die 'maild runs after its removal'
! pgrep -x maild-amqp || die 'maild-amqp runs after its removal'
! pgrep -x booking.fcgi || die 'booking.fcgi runs after its removal'
[ -e /etc/reservoir/maild.conf ] || die 'removal took the settings'
is 5 'start of a removed one' sh /etc/init.d/maild start
is 4 'status of a removed one' sh /etc/init.d/maild status
# What the administrator made.
rm /etc/reservoir/owner.conf /etc/reservoir/secrets/mysql* \
	/etc/reservoir/secrets/redis* /etc/reservoir/secrets/amqp
dpkg -P reservoir-amqp reservoir-maild reservoir-booking reservoir-common \
	reservoir-doc >purge.log 2>&1 || die 'purge'
left=$(leftovers)
[ -z "$left" ] || die "left after the purge: $left"
ok 'purged; nothing is left'
echo "$passed passed"
