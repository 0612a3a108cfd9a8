#!/bin/sh
# SPDX-License-Identifier: MIT
# Inside a tree that systemd has booted: what each unit does when it is started,
# reloaded, restarted, killed; systemd.sh brings it there.
#
# usage: systemd-in-tree.sh [PART ...]   parts: fences units amqp socket
#        journal package
set -eu

# shellcheck source=tests/packaging/in-tree-parts.sh
. ./in-tree-parts.sh

die()
{
	echo "not ok - $*"
	tail -n 15 "$here"/*.log 2>/dev/null || :
	journalctl --no-pager -n 30
	exit 1
}

property()
{
	systemctl show --value -p "$1" "$2"
}

pid_of()
{
	property MainPID "$1"
}

# The settings file of a unit.
conf_of()
{
	name=$(echo "$1" | sed 's/^reservoir-//; s/^maild-amqp/amqp/')
	echo "/etc/reservoir/$(echo "$name" | tr @ -).conf"
}

# From here on, lines() tells what the journal has about a unit.
mark()
{
	since=@$(date +%s.%6N)
}

# lines UNIT [OPTION ...]
lines()
{
	journalctl --sync
	journalctl -q -o cat --since="$since" -u "$@"
}

said()
{
	lines "$1" | grep -q -- "$2"
}

runs_as()
{
	[ "$(property ActiveState "$1")" = active ] || die "$1 does not run"
	[ "$(pid_of "$1")" = "$2" ] || die "$1 is another process"
}

is_another()
{
	now=$(pid_of "$1")
	[ "$now" != "$2" ] && [ "$now" != 0 ] &&
		[ "$(property ActiveState "$1")" = active ]
}

# with CONF LINE: that goes before what the file says, until "without CONF".
with()
{
	mkdir -p "$1.d"
	echo "$2" >"$1.d/test.conf"
}

without()
{
	rm -r "$1.d"
}

# refuses UNIT LINE WORDS: neither a restart nor a reload touches the service,
# and the journal says why, about this unit.
refuses()
{
	unit=$1
	conf=$(conf_of "$unit")
	pid=$(pid_of "$unit")
	with "$conf" "$2"
	for action in restart try-restart; do
		mark
		is 1 "$unit: $action is refused: $2" systemctl $action "$unit"
		runs_as "$unit" "$pid"
		until_true "$3" said "$unit" "restart refused: .*$3"
	done
	mark
	is 1 "$unit: reload is refused: $2" systemctl reload "$unit"
	runs_as "$unit" "$pid"
	until_true "$3" said "$unit" "$3"
	without "$conf"
}

set_up_instances()
{
	install -d -o reservoir -g reservoir -m 0750 /var/lib/reservoir/eu
	{
		cat /etc/reservoir/maild.conf
		echo 'pid_file = /run/reservoir/maild-eu.pid'
		echo 'journal_dir = /var/lib/reservoir/eu'
	} >/etc/reservoir/maild-eu.conf
	{
		cat /etc/reservoir/booking.conf
		echo 'pid_file = /run/reservoir/booking-eu.pid'
	} | sed 's|^listen = .*||' >/etc/reservoir/booking-eu.conf
	echo 'listen = unix:/run/reservoir/booking-eu.sock' \
		>>/etc/reservoir/booking-eu.conf
}

reloads()
{
	unit=$1
	conf=$(conf_of "$unit")
	pid=$(pid_of "$unit")
	with "$conf" 'log_level = debug'
	mark
	is 0 "$unit: reload" systemctl reload "$unit"
	# The master logs that at level debug only.
	until_true 'the new setting' said "$unit" 'ended .*pid='
	runs_as "$unit" "$pid"
	! said "$unit" 'note: .*journal_dir' || die "$unit: a false note"
	! said "$unit" 'not permitted' || die "$unit: it may not"
	without "$conf"
	is 0 "$unit: reload back" systemctl reload "$unit"
	ok "$unit: a reload is in force, in the same process"
}

# What a signal alone finds is logged as an error, other lines are not.
journal()
{
	for unit in maild reservoir-booking; do
		conf=$(conf_of "$unit")
		with "$conf" 'no_such_setting = 1'
		mark
		systemctl kill -s HUP --kill-whom=main "$unit"
		until_true 'the refusal' said "$unit" 'no_such_setting'
		lines "$unit" -p err | grep -q no_such_setting ||
			die "$unit: an error is not one to the journal"
		without "$conf"
		mark
		is 0 "$unit: reload" systemctl reload "$unit"
		until_true 'the reload' said "$unit" 'reloaded'
		! lines "$unit" -p err | grep . || die "$unit: no error"
		ok "$unit: journalctl -p err has its errors, and no more"
	done
}

moves_its_pid_file()
{
	unit=$1
	conf=$(conf_of "$unit")
	pid=$(pid_of "$unit")
	with "$conf" 'pid_file = /run/reservoir/moved.pid'
	is 0 "$unit: restart with another pid file" systemctl restart "$unit"
	[ ! -d "/proc/$pid" ] || die "$unit: the old process is there"
	[ "$(cat /run/reservoir/moved.pid)" = "$(pid_of "$unit")" ] ||
		die "$unit: another pid file"
	without "$conf"
	is 0 "$unit: restart with the old one" systemctl restart "$unit"
}

comes_back()
{
	unit=$1
	pid=$(pid_of "$unit")
	worker=$(pgrep -P "$pid" -f ': (worker|bridge)' | head -n 1)
	kill -KILL "$worker"
	until_true 'another worker' sh -c \
		"pgrep -P $pid -f ': (worker|bridge)' | grep -qvx $worker &&
		! [ -d /proc/$worker ]"
	runs_as "$unit" "$pid"
	ok "$unit: a worker that was killed is replaced"
	workers=$(pgrep -P "$pid")
	kill -KILL "$pid"
	until_true 'another master' is_another "$unit" "$pid"
	for one in $workers; do
		[ ! -d "/proc/$one" ] || die "$unit: a child outlived it"
	done
	ok "$unit: a master that was killed is replaced"
	pid=$(pid_of "$unit")
	mark
	kill -STOP "$pid"
	until_true 'another master' is_another "$unit" "$pid"
	said "$unit" 'Watchdog timeout' || die "$unit: no watchdog"
	ok "$unit: a master that hangs is replaced"
}

filters()
{
	sed -n 's/^Seccomp_filters:[[:blank:]]*//p' "/proc/$1/status"
}

# Within the unit's limits the processes still set their own.
is_fenced()
{
	unit=$1
	pid=$(pid_of "$unit")
	worker=$(pgrep -P "$pid" -f ': worker' | head -n 1)
	[ "$(filters "$worker")" -gt "$(filters "$pid")" ] ||
		die "$unit: a worker without seccomp"
	ok "$unit: seccomp in its workers"
}

fences()
{
	is_fenced maild
	is_fenced reservoir-booking
	# What -V says that the kernel has.
	has=$(/usr/libexec/booking.fcgi -V | sed -n 's/.*landlock //p')
	curl -s http://127.0.0.1/metrics >metrics.log
	grep -qx "reservoir_fence{by=\"landlock\"} $has" metrics.log ||
		die "landlock is not $has"
	grep -qx 'reservoir_fence{by="seccomp"} 1' metrics.log ||
		die 'no seccomp'
	ok "landlock $has in the workers of booking.fcgi"
}

# Never sooner than its settings are mended.
stays_down()
{
	unit=$1
	conf=$(conf_of "$unit")
	with "$conf" 'no_such_setting = 1'
	begin=$(date +%s)
	is 0 "$unit: stop, whatever the settings" systemctl stop "$unit"
	[ $(($(date +%s) - begin)) -le 20 ] || die "$unit: a slow stop"
	is 1 "$unit: start with wrong settings" systemctl start "$unit"
	[ "$(property Result "$unit")" = exit-code ] || die "$unit: its end"
	[ "$(property ExecMainStatus "$unit")" = 78 ] || die "$unit: its end"
	[ "$(property SubState "$unit")" = failed ] ||
		die "$unit: it is tried again"
	without "$conf"
	is 0 "$unit: start with right ones" systemctl start "$unit"
}

unit_manners()
{
	unit=$1
	conf=$(conf_of "$unit")
	is 0 "$unit: start" systemctl start "$unit"
	is 0 "$unit: it runs" systemctl is-active "$unit"
	[ "$(property OOMPolicy "$unit")" = continue ] || die 'OOMPolicy'
	until_true 'its status' sh -c \
		"systemctl show --value -p StatusText '$unit' | grep -q ."
	ok "$unit: $(property StatusText "$unit")"
	reloads "$unit"
	refuses "$unit" 'no_such_setting = 1' "$conf.d/test.conf:1: .*no_such_setting"
	refuses "$unit" 'user = nobody-of-that-name' "$conf.d/test.conf:1: user: "
	# Root may write there; not in the sandbox of the unit.
	refuses "$unit" 'log = file:/srv/it.log' "$conf.d/test.conf:1: log: .*Read-only"
	pid=$(pid_of "$unit")
	is 0 "$unit: restart" systemctl restart "$unit"
	is_another "$unit" "$pid" || die "$unit: the same process"
	moves_its_pid_file "$unit"
	comes_back "$unit"
	stays_down "$unit"
	systemd-analyze security --no-pager "$unit.service" | tail -n 1
}

units()
{
	for unit in maild maild@eu reservoir-booking reservoir-booking@eu; do
		dir=/run/systemd/system/$unit.service.d
		mkdir -p "$dir"
		printf '[Service]\nWatchdogSec=3\n' >"$dir/test.conf"
	done
	systemctl daemon-reload
	systemctl restart maild reservoir-booking
	set_up_instances
	for unit in maild maild@eu reservoir-booking reservoir-booking@eu; do
		unit_manners "$unit"
	done
	refuses reservoir-booking 'listen_group = elves' \
		'listen_group: no group named elves'
	refuses reservoir-booking@eu 'listen = tcp:127.0.0.1:6379' \
		'listen: tcp:127.0.0.1:6379: another program listens there'
	# Root reads it without a right that the unit does not have.
	chown reservoir /etc/reservoir/secrets/reservoir
	refuses reservoir-booking '# a secret of another user' \
		'secrets/reservoir: Permission denied'
	chown root /etc/reservoir/secrets/reservoir
	page=/usr/share/reservoir/locale/en.json
	chmod 0600 $page
	refuses reservoir-booking '# a text of root' "$page: Permission denied"
	chmod 0644 $page
	is 0 'both go on' systemctl restart maild reservoir-booking
	systemctl stop maild@eu reservoir-booking@eu
	waits_for_its_address
}

# An address that comes late is no wrong setting.
waits_for_its_address()
{
	unit=reservoir-booking@eu
	conf=$(conf_of $unit)
	with "$conf" 'listen = tcp:[fd00::25]:9000'
	mark
	systemctl start --no-block $unit
	until_true 'a second try' sh -c \
		"[ \$(systemctl show --value -p NRestarts $unit) -ge 2 ]"
	ip address add fd00::25/128 dev lo
	until_true 'its start' systemctl is-active $unit
	ok 'a unit waits for the address that it is to have'
	systemctl stop $unit
	ip address del fd00::25/128 dev lo
	without "$conf"
}

# Asks until told to stop, and counts what was not answered.
visit()
{
	failed=0
	while [ -e "$here/visiting" ]; do
		curl -sf -m 20 -o /dev/null http://127.0.0.1/readyz ||
			failed=$((failed + 1))
	done
	echo $failed >"$here/failed"
}

socket()
{
	is 1 'a socket is refused while the service runs' \
		systemctl start reservoir-booking.socket
	is 0 'the service runs on' systemctl is-active reservoir-booking
	# As the manual says.
	systemctl stop reservoir-booking
	is 0 'its socket' systemctl enable --now reservoir-booking.socket
	mark
	is 0 'the service behind it' systemctl start reservoir-booking
	until_true 'the socket of systemd' said reservoir-booking \
		'on=inherited socket'
	: >visiting
	visit &
	visitor=$!
	for _ in 1 2 3; do
		is 0 'restart behind the socket' systemctl restart \
			reservoir-booking
		is 0 'reload behind it' systemctl reload reservoir-booking
	done
	rm visiting
	wait $visitor
	[ "$(cat failed)" = 0 ] || die "$(cat failed) visitors were refused"
	ok 'no visitor notices a restart'
	refuses reservoir-booking 'no_such_setting = 1' 'no_such_setting'
	systemctl stop reservoir-booking
	is 0 'a visitor starts it' curl -sf http://127.0.0.1/readyz
	is 0 'it runs' systemctl is-active reservoir-booking
	systemctl disable --now reservoir-booking.socket
	is 0 'without the socket' systemctl restart reservoir-booking
	until_true 'its own' curl -sf http://127.0.0.1/readyz
}

# An upgrade is a restart, too.
package()
{
	for unit in maild reservoir-booking; do
		pid=$(pid_of $unit)
		with "$(conf_of $unit)" 'no_such_setting = 1'
		is 0 "$unit: upgrade with wrong settings" dpkg -i \
			--force-confold new/*.deb
		runs_as $unit "$pid"
		without "$(conf_of $unit)"
		is 0 "$unit: upgrade" dpkg -i --force-confold new/*.deb
		is_another $unit "$pid" || die "$unit: the old one runs"
	done
	dpkg -P reservoir-amqp reservoir-maild reservoir-booking reservoir-doc \
		>purge.log 2>&1 || die 'purge'
	for program in maild booking.fcgi; do
		! pgrep -x $program || die "$program runs"
	done
	ok 'removed while it ran'
}

# RabbitMQ is not there, and it waits for it.
amqp()
{
	unit=maild-amqp
	is 1 "$unit: it was not enabled" systemctl is-enabled "$unit"
	is 3 "$unit: it was not started" systemctl is-active "$unit"
	is 1 "$unit: start without a password" systemctl start "$unit"
	[ "$(property ExecMainStatus "$unit")" = 78 ] || die "$unit: its end"
	systemctl reset-failed "$unit"
	(umask 077; echo NONE >/etc/reservoir/secrets/amqp)
	cat >>/etc/reservoir/amqp.conf <<-'END'
	redis_user = reservoir_amqp
	redis_password_file = /etc/reservoir/secrets/redis_amqp
	END
	dir=/run/systemd/system/$unit.service.d
	mkdir -p $dir
	printf '[Service]\nWatchdogSec=3\n' >$dir/test.conf
	is 0 "$unit: enabled as README.Debian says" update-rc.d "$unit" enable
	is 0 "$unit: it starts with the machine" systemctl is-enabled "$unit"
	systemctl daemon-reload
	unit_manners "$unit"
	pid=$(pid_of "$unit")
	[ "$(stat -c %U "/proc/$pid")" = reservoir-amqp ] ||
		die "$unit: not its own account"
	install -d -o reservoir-amqp -g reservoir-amqp -m 0750 \
		/var/log/reservoir-amqp
	with /etc/reservoir/amqp.conf \
		'log = file:/var/log/reservoir-amqp/maild-amqp.log'
	is 0 "$unit: restart with a log" systemctl restart "$unit"
	until_true 'its log' grep -q started \
		/var/log/reservoir-amqp/maild-amqp.log
	without /etc/reservoir/amqp.conf
	is 0 "$unit: restart without" systemctl restart "$unit"
	{
		cat /etc/reservoir/amqp.conf
		echo 'pid_file = /run/reservoir/maild-amqp-eu.pid'
	} >/etc/reservoir/amqp-eu.conf
	is 0 "$unit@eu: start" systemctl start "$unit@eu"
	is 0 "$unit@eu: it runs" systemctl is-active "$unit@eu"
	systemctl stop "$unit@eu"
	pid=$(pid_of "$unit")
	is 0 "$unit: upgrade" dpkg -i --force-confold new/*.deb
	is_another "$unit" "$pid" || die "$unit: the old one runs"
	is 0 "$unit: removal" dpkg -r reservoir-amqp
	! pgrep -x maild-amqp || die "$unit runs"
}

# As in a container that may make no name spaces for its units.
install_where_no_unit_starts()
{
	dir=/run/systemd/system/service.d
	mkdir -p $dir
	printf '[Service]\nBindPaths=/no/such/directory\n' >$dir/test.conf
	systemctl daemon-reload
	is 0 'an installation where no unit starts' \
		dpkg -i --force-unsafe-io new/*.deb
	[ -z "$(dpkg --audit)" ] || die 'a package is not whole'
	for unit in maild reservoir-booking; do
		[ "$(property ExecMainStatus $unit)" = 226 ] ||
			die "$unit: another end"
	done
	rm -r $dir
	systemctl daemon-reload
	systemctl stop maild reservoir-booking
	dpkg -P reservoir-amqp reservoir-maild reservoir-booking reservoir-doc \
		reservoir-common >purge.log 2>&1 || die 'purge'
}

[ $# -gt 0 ] || set -- fences units amqp socket journal package
install_where_no_unit_starts
is 0 'the installation' dpkg -i --force-unsafe-io new/*.deb
for unit in maild reservoir-booking; do
	is 0 "$unit: it was started" systemctl is-active $unit
	is 0 "$unit: it starts with the machine" systemctl is-enabled $unit
done
mkdir -p "$mail"
KEEP=yes MAIL_DIR=$mail sh ./book-and-mail >book.log 2>&1 || die 'booking'
ok 'a booking through nginx, and its mail'
for part in "$@"; do
	"$part"
done
! systemctl list-units --failed --plain --no-legend |
	grep '^reservoir\|^maild' || die 'units that have failed'
echo "$passed passed"
