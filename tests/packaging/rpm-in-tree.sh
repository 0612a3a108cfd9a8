#!/bin/sh
# SPDX-License-Identifier: MIT
# Inside a fresh tree with rpm: install, run, upgrade, erase the RPM packages.
set -eu

# shellcheck source=tests/packaging/in-tree-parts.sh
. ./in-tree-parts.sh
secrets=/etc/reservoir/secrets

owner()
{
	stat -c '%U:%G %a' "$1"
}

# quiet WHAT COMMAND ...: neither fails nor warns.
quiet()
{
	what=$1
	shift
	"$@" >said.log 2>&1 || die "$what: $(cat said.log)"
	! grep -i 'warning\|failed\|error' said.log || die "$what"
	ok "$what"
}

quiet 'installed' rpm -i --nodeps old/*.rpm
getent passwd reservoir | grep -q ':/var/lib/reservoir:.*nologin$' ||
	die 'the user'
getent passwd reservoir-amqp | grep -q ':/:.*nologin$' || die 'the other user'
[ "$(owner /var/lib/reservoir)" = 'reservoir:reservoir 750' ] ||
	die 'the state directory'
[ "$(owner $secrets)" = 'root:root 700' ] || die 'the secrets'
[ "$(owner $secrets/server_key)" = 'root:root 600' ] || die 'the key'
[ "$(wc -c <$secrets/server_key)" -eq 64 ] || die 'the length of the key'
for unit in maild maild-amqp reservoir-booking; do
	grep -qx "install-system-units $unit.service" helper ||
		die "systemd was not told of $unit"
done
ok 'the user, the directories, the key and the units are there'
quiet 'rpm finds what it installed' rpm -V --nodeps reservoir-common \
	reservoir-booking reservoir-maild reservoir-amqp reservoir-doc

# The group of the web server is that of Red Hat's package.
groupadd -r nginx
mkdir -p /run/reservoir
echo 'mail_from_address = a@example.org' >>/etc/reservoir/maild.conf
echo 'workers = 3' >>/etc/reservoir/booking.conf
for program in /usr/sbin/maild /usr/libexec/booking.fcgi; do
	is 0 "$program starts" $program
	name=${program##*/}
	pid=$(cat "/run/reservoir/${name%.fcgi}.pid")
	[ "$(stat -c %U "/proc/$pid")" = reservoir ] || die "$name is root"
	kill "$pid"
	until_true "the end of $name" [ ! -d "/proc/$pid" ]
done

cp $secrets/server_key key
: >helper
quiet 'upgraded' rpm -U --nodeps new/*.rpm
cmp key $secrets/server_key || die 'the upgrade changed the key'
grep -q '^workers = 3' /etc/reservoir/booking.conf ||
	die 'the upgrade took settings'
for unit in maild maild-amqp reservoir-booking; do
	grep -qx "mark-restart-system-units $unit.service" helper ||
		die "systemd was not told to restart $unit"
	! grep -qx "remove-system-units $unit.service" helper ||
		die "the upgrade removed $unit"
done
ok 'key and settings stay, the units are restarted'

: >helper
rpm -e --nodeps reservoir-doc reservoir-amqp reservoir-maild \
	reservoir-booking reservoir-common >said.log 2>&1 || die "erase: $(cat said.log)"
for unit in maild maild-amqp reservoir-booking; do
	grep -qx "remove-system-units $unit.service" helper ||
		die "systemd was not told of the end of $unit"
done
cmp key $secrets/server_key || die 'the erasure took the key'
left=$(find /etc /usr /lib /var/lib -path /var/lib/mysql -prune -o \
	\( -name '*reservoir*' -o -name '*maild*' -o -name 'booking*' \
	-o -name bookctl \) -print | sort | tr '\n' ' ')
want='/etc/reservoir /etc/reservoir/booking.conf.rpmsave'
want="$want /etc/reservoir/maild.conf.rpmsave "
[ "$left" = "$want" ] || die "left: $left"
ok 'erased; what the administrator changed, and the key, are kept'
echo "$passed passed"
