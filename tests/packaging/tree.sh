# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Fresh Debian trees by debootstrap, for the packaging tests to source.
#
# The mirror is the one that this machine's apt has; it is asked each time and
# written into no file but those of the trees, which live below $work.

suite=${suite:-bookworm}

# Runs a command where no network is but loopback, as distributions build.
offline()
{
	# shellcheck disable=SC2016 # for the inner shell
	unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
}

# Prints "URI SUITE COMPONENT" for each archive of $suite: where this machine's
# apt has those of its own release.
archives()
{
	# shellcheck source=/dev/null # this machine's
	own=$(. /etc/os-release && echo "$VERSION_CODENAME")
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | sort -u |
		sed -n "s/ $own\\(\\(-[a-z]*\\)\\{0,1\\} main\\)\$/ $suite\\1/p"
}

# make_base DIRECTORY PACKAGE ...: a tree with these packages, as a tarball
# beside it, so that the next tree costs no download.
make_base()
{
	base=$1
	shift
	[ ! -e "$base.tar" ] || return 0
	rm -rf "$base"
	set -- "$(echo "$@" | tr ' ' ',')"
	mirror=$(archives | sed -n "s/ $suite main\$//p" | head -n 1)
	[ -n "$mirror" ] || { echo "no archive of $suite in apt"; return 1; }
	debootstrap --variant=minbase --no-check-gpg ${1:+--include="$1"} \
		"$suite" "$base" "$mirror" >"$base.log" 2>&1 || {
		tail -n 20 "$base.log"
		return 1
	}
	archives | while read -r uri release component; do
		echo "deb [trusted=yes] $uri $release $component"
	done >"$base/etc/apt/sources.list"
	cp /etc/resolv.conf "$base/etc/resolv.conf" 2>/dev/null || :
	cp /etc/hosts "$base/etc/hosts"
	echo 'Acquire::Languages "none";' >"$base/etc/apt/apt.conf.d/99test"
	chroot "$base" apt-get -q update >>"$base.log" 2>&1
	tar -C "$base" -cf "$base.tar.part" .
	mv "$base.tar.part" "$base.tar"
	rm -rf "$base"
}

# fresh_tree DIRECTORY BASE: unpacks a new one.
fresh_tree()
{
	rm -rf "$1"
	mkdir -p "$1"
	tar -C "$1" -xf "$2.tar"
}

# in_tree DIRECTORY COMMAND ...: with the machine's network.
in_tree()
{
	tree=$1
	shift
	DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$tree" "$@"
}

# alone_in_tree DIRECTORY COMMAND ...: with processes, mounts and a loopback
# of its own; whatever it leaves running ends with it.
alone_in_tree()
{
	tree=$1
	shift
	# shellcheck disable=SC2016 # for the inner shell
	DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
		unshare --net --pid --mount --ipc --uts --fork --kill-child \
		sh -c '
		set -e
		tree=$1
		shift
		ip link set lo up
		mount --make-rprivate /
		[ -z "${LAYERS:-}" ] ||
			mount -t overlay overlay -o "$LAYERS" "$tree"
		unset LAYERS
		mount -t proc proc "$tree/proc"
		mount -t tmpfs -o mode=0755 run "$tree/run"
		mkdir -m 1777 "$tree/run/lock"
		mount --bind /dev "$tree/dev"
		# exec would make the command process 1, which reaps nobody.
		chroot "$tree" "$@"
	' sh "$tree" "$@"
}

# bring_test DIRECTORY WORK: what runs inside, and the packages in WORK.
# shellcheck disable=SC2154 # $here is where the test lives
bring_test()
{
	# Without an init system, services start only if this file says so.
	mkdir -p "$1/usr/sbin" "$1/root/t"
	printf '#!/bin/sh\nexit 0\n' >"$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
	cp -r "$2/old" "$2/new" "$1/root/t"
	cp "$here"/in-tree*.sh "$here/cut-in-tree.sh" \
		"$here"/../../debian/tests/*-mail \
		"$here/../../debian/tests/common.sh" "$1/root/t"
}

# alone_in_layers DIRECTORY LOWER COMMAND ...: the same in DIRECTORY/tree, which
# is LOWER (one tree or several, with colons) and the changes to it, which stay
# in DIRECTORY for the next call.
alone_in_layers()
{
	dir=$1
	mkdir -p "$dir/upper" "$dir/work" "$dir/tree"
	layers="lowerdir=$2,upperdir=$dir/upper,workdir=$dir/work"
	shift 2
	LAYERS=$layers alone_in_tree "$dir/tree" "$@"
}

# online_in_layers DIRECTORY LOWER COMMAND ...: the same with this machine's
# network, to install what comes from afar; no daemon may start.
online_in_layers()
{
	dir=$1
	mkdir -p "$dir/upper/usr/sbin" "$dir/work" "$dir/tree"
	printf '#!/bin/sh\nexit 101\n' >"$dir/upper/usr/sbin/policy-rc.d"
	chmod 755 "$dir/upper/usr/sbin/policy-rc.d"
	layers="lowerdir=$2,upperdir=$dir/upper,workdir=$dir/work"
	shift 2
	# shellcheck disable=SC2016 # for the inner shell
	DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 unshare --mount sh -c '
		set -e
		layers=$1
		tree=$2
		shift 2
		mount --make-rprivate /
		mount -t overlay overlay -o "$layers" "$tree"
		exec chroot "$tree" "$@"
	' sh "$layers" "$dir/tree" "$@"
}

# boot_in_layers DIRECTORY LOWER [OPTION ...]: the same layers, and systemd
# boots them, without a network.  Returns what its system leaves with.
boot_in_layers()
{
	dir=$1
	mkdir -p "$dir/upper" "$dir/work" "$dir/tree"
	layers="lowerdir=$2,upperdir=$dir/upper,workdir=$dir/work"
	shift 2
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount sh -c '
		set -e
		layers=$1
		tree=$2
		shift 2
		mount --make-rprivate /
		mount -t overlay overlay -o "$layers" "$tree"
		# Registering it needs a machined, which this machine may lack.
		exec timeout -k 10 "${BOOT_LIMIT_S:-540}" systemd-nspawn -q \
			-D "$tree" --private-network --register=no \
			--keep-unit "$@" -b
	' sh "$layers" "$dir/tree" "$@"
}

# after_debs WHAT NAME PACKAGE ...: makes layers $work/base-NAME with these
# packages on those that debs.sh left, or says why not and ends.
# shellcheck disable=SC2154 # work is the caller's
after_debs()
{
	what=$1
	name=$2
	shift 2
	grep -qw overlay /proc/filesystems || {
		echo "skipped - $what: this kernel has no overlayfs"
		exit 0
	}
	for left in base-ready old new; do
		[ -d "$work/$left" ] || {
			echo 'this needs what "./dev package deb" leaves'
			exit 1
		}
	done
	with=$work/base-$name
	[ ! -e "$with/made" ] || return 0
	rm -rf "$with"
	online_in_layers "$with" "$work/base-ready" apt-get -q -y \
		--no-install-recommends install "$@" >"$work/$name.log" 2>&1 || {
		tail -n 20 "$work/$name.log"
		exit 1
	}
	: >"$with/made"
}
