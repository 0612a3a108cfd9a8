#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Debian packages of the named sections that are not there yet.
set -eu

self=$(readlink -f -- "$0")
list=${self%/dev/*}/packages.txt
policy=/usr/sbin/policy-rc.d

say()
{
	echo "dev: $*" >&2
}

# Prints the packages of the given sections of the list.
wanted()
{
	section=
	while read -r word served; do
		case $word in
		''|'#'*)
			continue ;;
		'['*)
			section=${word#'['}
			section=${section%']'}
			continue ;;
		esac
		if [ -n "$served" ] && command -v "$served" >/dev/null 2>&1
		then
			continue
		fi
		for name in "$@"; do
			[ "$name" != "$section" ] || echo "$word"
		done
	done <"$list"
}

# Prints those of the given packages that are not installed.
missing()
{
	for package in "$@"; do
		# shellcheck disable=SC2016 # dpkg-query's own variable
		state=$(dpkg-query -W -f '${db:Status-Status}' "$package" \
			2>/dev/null) || state=none
		[ "$state" = installed ] || echo "$package"
	done
}

# As root.  Packages that contain servers must not start them: theirs are
# the machine's, ours run privately.
install_packages()
{
	own_policy=no
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
		own_policy=yes
		trap 'rm -f "$policy"' EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM HUP
	fi
	export DEBIAN_FRONTEND=noninteractive
	if ! apt_install -s "$@" >/dev/null 2>&1 || ! apt_install "$@"; then
		say "refreshing the package lists"
		apt-get -q update
		apt_install "$@"
	fi
	if [ "$own_policy" = yes ]; then
		rm -f "$policy"
		trap - EXIT INT TERM HUP
	fi
	# Nor at the next start of the machine.
	command -v systemctl >/dev/null 2>&1 || return 0
	for package in "$@"; do
		case $package in
		nginx|redis-server|postfix|prometheus|fetchmail)
			;;
		dovecot-core)
			package=dovecot ;;
		*)
			continue ;;
		esac
		say "$package: not started at boot" \
			"(systemctl enable $package changes that)"
		systemctl disable "$package" >/dev/null 2>&1 || :
	done
}

apt_install()
{
	apt-get -q -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
		install "$@" </dev/null
}

if [ "${1:-}" = --install ]; then
	shift
	install_packages "$@"
	exit 0
fi

[ $# -gt 0 ] || set -- run build
for name in "$@"; do
	grep -qxF "[$name]" "$list" || {
		say "no such section in build-aux/packages.txt: $name"
		exit 64
	}
done

if ! command -v dpkg-query >/dev/null 2>&1; then
	say "not a Debian system: the packages' names are in $list"
	exit 0
fi

# Package names hold no blanks: splitting is meant.
# shellcheck disable=SC2046
set -- $(wanted "$@")
# shellcheck disable=SC2046
set -- $(missing "$@")
[ $# -gt 0 ] || exit 0

say "installing $# packages: $*"
if [ "$(id -u)" -eq 0 ]; then
	install_packages "$@"
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	sudo -n "$self" --install "$@"
else
	say "not root, and sudo asks for a password: run this once, then again"
	say "  sudo $self --install $*"
	exit 75
fi

# shellcheck disable=SC2046
set -- $(missing "$@")
[ $# -eq 0 ] || {
	say "still missing: $*"
	exit 75
}
