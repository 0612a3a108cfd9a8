#!/bin/sh
# SPDX-License-Identifier: MIT
# Inside a fresh tree that has OpenRC and runit: start, stop, status, reload by
# the scripts that the packages have as examples.
set -eu

# shellcheck source=tests/packaging/in-tree-parts.sh
. ./in-tree-parts.sh
examples=/usr/share/doc/reservoir-doc/examples

pid_of()
{
	cat "/run/reservoir/$1.pid"
}

# conf_of NAME, pid_name NAME, log_of NAME: what a service calls its own.
conf_of()
{
	echo "$1" | sed 's/^reservoir-//; s/^maild-amqp/amqp/'
}

pid_name()
{
	echo "${1#reservoir-}"
}

log_of()
{
	case $1 in
	maild-amqp) echo /var/log/reservoir-amqp/maild-amqp.log ;;
	*) echo "/var/log/reservoir/${1#reservoir-}.log" ;;
	esac
}

# Gone, but for who waits for it.
has_ended()
{
	[ ! -d "/proc/$1" ] || grep -q '^State:[[:blank:]]*Z' "/proc/$1/status"
}

# A reload, by what the log says.
has_reloaded()
{
	grep -q reloaded "$(log_of "$1")"
}

log_to_file()
{
	install -d -o reservoir -g reservoir -m 0750 /var/log/reservoir
	install -d -o reservoir-amqp -g reservoir-amqp -m 0750 \
		/var/log/reservoir-amqp
	for name in maild maild-amqp reservoir-booking; do
		echo "log = file:$(log_of $name)" \
			>>"/etc/reservoir/$(conf_of $name).conf"
	done
}

openrc()
{
	# What OpenRC makes at the start of a machine.
	for name in daemons exclusive failed inactive options scheduled \
	    started starting stopping tmp wasinactive; do
		mkdir -p "/run/openrc/$name"
	done
	: >/run/openrc/softlevel
	for name in maild maild-amqp reservoir-booking; do
		cp "$examples/openrc/$name" /etc/init.d/
	done
	for name in maild maild-amqp reservoir-booking; do
		conf=$(conf_of $name)
		own=$(pid_name $name)
		is 3 "OpenRC: $name is stopped" rc-service $name status
		is 0 "OpenRC: $name starts" rc-service $name start
		is 0 "OpenRC: status of $name" rc-service $name status
		pid=$(pid_of "$own")
		is 0 "OpenRC: start of $name that runs" rc-service $name start
		is 0 "OpenRC: check of $name" rc-service $name configtest
		is 0 "OpenRC: reload of $name" rc-service $name reload
		until_true 'the reload' has_reloaded $name
		is 0 "OpenRC: reopen of $name" rc-service $name reopen
		# The rule has the log opened again, too.
		log=$(log_of $name)
		rule=/etc/logrotate.d/$(basename "${log%/*}")
		is 0 "logrotate: $name" logrotate --force "$rule"
		[ -s "$log.1" ] || die 'no old log'
		until_true 'the new log' sh -c "ls -l /proc/$pid/fd |
			grep -q '$log\$'"
		[ "$pid" = "$(pid_of "$own")" ] || die 'another process'
		echo 'no_such_setting = 1' >>"/etc/reservoir/$conf.conf"
		for action in reload restart; do
			! rc-service $name $action >said.log 2>&1 ||
				die "$action takes wrong settings"
		done
		is 0 "OpenRC: $name runs on, with the settings it had" \
			rc-service $name status
		[ "$pid" = "$(pid_of "$own")" ] || die 'another process'
		sed -i '/^no_such_setting/d' "/etc/reservoir/$conf.conf"
		is 0 "OpenRC: restart of $name" rc-service $name restart
		[ "$pid" != "$(pid_of "$own")" ] || die 'the same process'
		pid=$(pid_of "$own")
		echo 'pid_file = /run/reservoir/moved.pid' \
			>>"/etc/reservoir/$conf.conf"
		is 0 "OpenRC: reload of $name, its pid file moved" \
			rc-service $name reload
		is 0 "OpenRC: restart of it" rc-service $name restart
		has_ended "$pid" || die "an old $name is left"
		sed -i '/moved.pid$/d' "/etc/reservoir/$conf.conf"
		pid=$(pid_of moved)
		is 0 "OpenRC: and back" rc-service $name restart
		has_ended "$pid" || die "an old $name is left"
		pid=$(pid_of "$own")
		is 0 "OpenRC: stop of $name" rc-service $name stop
		has_ended "$pid" || die "$name runs after the stop"
		[ ! -e "/run/reservoir/$own.pid" ] || die 'a pid file is left'
		is 0 "OpenRC: stop of $name that is stopped" rc-service $name \
			stop
		is 3 "OpenRC: $name is stopped" rc-service $name status
	done
	# An instance is a link, with settings and a pid file of its own.
	ln -s maild /etc/init.d/maild.eu
	{
		grep -v '^log' /etc/reservoir/maild.conf
		echo 'pid_file = /run/reservoir/maild-eu.pid'
	} >/etc/reservoir/maild-eu.conf
	is 0 'OpenRC: an instance starts' rc-service maild.eu start
	is 0 'OpenRC: it runs' rc-service maild.eu status
	is 3 'OpenRC: the other does not' rc-service maild status
	is 0 'OpenRC: it stops' rc-service maild.eu stop
	rm /etc/init.d/maild.eu /etc/reservoir/maild-eu.conf
}

runit()
{
	sed -i '/^log = /d' /etc/reservoir/maild.conf \
		/etc/reservoir/amqp.conf /etc/reservoir/booking.conf
	mkdir -p /etc/service
	cp -r "$examples"/runit/* /etc/service/
	runsvdir -P /etc/service >runsvdir.log 2>&1 &
	for name in maild maild-amqp reservoir-booking; do
		conf=$(conf_of $name)
		own=$(pid_name $name)
		log=/etc/service/$name/log/main/current
		until_true "runit: $name" sv check $name
		until_true 'its pid file' test -s "/run/reservoir/$own.pid"
		pid=$(pid_of "$own")
		[ "$(cat /etc/service/$name/supervise/pid)" = "$pid" ] ||
			die 'runit watches another process'
		ok "runit: $name runs"
		until_true 'its log' grep -q ' info: ' "$log"
		is 0 "runit: hup of $name" sv hup $name
		until_true 'the reload' grep -q 'reloaded' "$log"
		kill -KILL "$pid"
		until_true 'another one' sh -c "p=\$(cat \
			/run/reservoir/$own.pid) && [ \$p != $pid ] &&
			[ -d /proc/\$p ]"
		ok "runit: $name was killed, and runs again"
		is 0 "runit: stop of $name" sv -w 60 down $name
		is 0 "runit: it is down" sh -c "sv status $name |
			grep -q '^down:'"
		until_true 'its end in the log' grep -q 'stopped' "$log"
		echo 'no_such_setting = 1' >>"/etc/reservoir/$conf.conf"
		sv up $name
		until_true 'the complaint' grep -q no_such_setting "$log"
		until_true 'no more tries' sh -c "sv status $name |
			grep '^down:.*normally up' | grep -qv 'want up'"
		sed -i '/^no_such_setting/d' "/etc/reservoir/$conf.conf"
		ok "runit: $name with wrong settings is not tried for ever"
	done
}

dpkg -i --force-unsafe-io new/*.deb >install.log 2>&1 ||
	die 'the installation'
for name in maild maild-amqp reservoir-booking; do
	/etc/init.d/$name stop >stop.log 2>&1
done
(umask 077; echo NONE >/etc/reservoir/secrets/amqp)
echo 'mail_from_address = bookings@reservoir.example' \
	>>/etc/reservoir/maild.conf
log_to_file
openrc
runit
echo "$passed passed"
