# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Fresh Debian trees by debootstrap, for the packaging tests to source.
#
# The mirror is the one that this machine's apt has; it is asked each time and
# written into no file but those of the trees, which live below $work.

suite=${suite:-bookworm}

# Prints "URI SUITE" for each archive that this machine's apt uses.
archives()
{
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | sort -u |
		grep " $suite\\(-[a-z]*\\)\\{0,1\\} main\$"
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
		mount -t proc proc "$tree/proc"
		mount -t tmpfs -o mode=0755 run "$tree/run"
		mkdir -m 1777 "$tree/run/lock"
		mount --bind /dev "$tree/dev"
		# exec would make the command process 1, which reaps nobody.
		chroot "$tree" "$@"
	' sh "$tree" "$@"
}
