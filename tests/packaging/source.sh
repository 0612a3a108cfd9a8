#!/bin/sh
# SPDX-License-Identifier: MIT
# The tarball as a distribution takes it: distcheck, odd directories, clang,
# Oracle's client library, the same installation to the bit from two places.
# No build has a network.
#
# usage: source.sh DIRECTORY     as root
set -eu

self=$(readlink -f -- "$0")
here=${self%/*}
top=${self%/tests/*}
mkdir -p "$1"
work=$(readlink -f -- "$1")/source
# shellcheck source=tests/packaging/tree.sh
. "$here/tree.sh"

failed()
{
	[ ! -e "$work/log" ] || tail -n 40 "$work/log"
	echo "not ok - $*"
	exit 1
}

# Runs a step without a network; what it prints is kept in a file.
step()
{
	offline "$@" >"$work/log" 2>&1 || failed "$*"
}

# build DIRECTORY OPTION ...: configures, builds and installs there, in
# DIRECTORY/dest, what DIRECTORY/src holds.
build()
{
	dir=$1
	shift
	mkdir -p "$dir/build"
	cd "$dir/build"
	step "$dir/src/configure" --enable-werror "$@"
	step make -j "$(nproc)"
	step make install DESTDIR="$dir/dest"
	cd "$work"
}

# unpack DIRECTORY: the source becomes DIRECTORY/src, and nobody may write it.
unpack()
{
	mkdir -p "$1/src"
	tar -C "$1/src" --strip-components 1 -xf "$work"/reservoir-*.tar.xz
	chmod -R a-w "$1/src"
}

# What is installed: each file's name, mode and hash.
contents()
{
	(cd "$1" && find . -type f -exec stat -c '%a %n' {} + | sort -k 2 &&
		find . -type f -exec sha256sum {} + | sort -k 2)
}

rm -rf "$work"
mkdir -p "$work"
SOURCE_DATE_EPOCH=$("$top/build-aux/source-date.sh" "$top")
export SOURCE_DATE_EPOCH
cd "$work"
step make -C "$top/build/release" dist
mv "$top"/build/release/reservoir-*.tar.xz "$work"
step make -C "$top/build/release" distcheck
rm -f "$top"/build/release/reservoir-*.tar.xz
echo 'ok - make distcheck, with every warning an error'

unpack "$work/one"
unpack "$work/another/of/them"
build "$work/one" --prefix=/usr --sysconfdir=/etc
(umask 027; export TZ=Pacific/Auckland LC_ALL=C
	build "$work/another/of/them" --prefix=/usr --sysconfdir=/etc)
contents "$work/one/dest" >"$work/one.sums"
contents "$work/another/of/them/dest" | diff "$work/one.sums" - ||
	failed 'two builds differ'
echo 'ok - two builds in two places install the same to the bit'

odd=$work/odd
unpack "$odd"
build "$odd" CC=clang --prefix=/o/none --exec-prefix=/o/exec --bindir=/o/bin \
	--sbindir=/o/sbin --libexecdir=/o/libexec --sysconfdir=/o/conf \
	--datarootdir=/o/root --datadir=/o/data --localstatedir=/o/state \
	--runstatedir=/o/live --mandir=/o/man --docdir=/o/doc \
	--with-bash-completion-dir=/o/bash --with-initddir=/o/initd \
	--with-systemdsystemunitdir=/o/units --with-sysusersdir=/o/users \
	--with-tmpfilesdir=/o/tmpfiles --with-defaultdir=/o/default \
	--with-logrotatedir=/o/rotate
find "$odd/dest" -mindepth 2 -maxdepth 2 -printf '%f\n' | sort >"$odd/dirs"
tr ' ' '\n' >"$odd/want" <<-'END'
bash bin data default doc initd libexec man rotate sbin tmpfiles units users
END
diff "$odd/want" "$odd/dirs" || failed 'these directories are not honoured'
[ "$(find "$odd/dest" -mindepth 1 -maxdepth 1 -printf '%f')" = o ] ||
	failed 'files outside of the directories that were named'
# Texts of ours that name a directory, in programs, scripts and manuals.
grep -rnoaE '(/etc|/run|/var/(lib|log|run)|/usr/share|/none[a-z/]*)/reservoir[/.a-z-]*' \
	"$odd/dest" | grep -v '/etc/nginx' && failed 'a directory is built in'
while read -r file words; do
	grep -qa "$words" "$odd/dest/o/$file" || failed "$file: no $words"
done <<'END'
sbin/maild /o/conf/reservoir/maild.conf
bin/bookctl /o/data/reservoir
man/man8/maild.8 /o/live/reservoir
initd/reservoir-booking /o/libexec/booking.fcgi
rotate/reservoir /o/state/log
units/maild.service /o/sbin/maild
default/maild /o/conf/reservoir
doc/examples/reservoir.conf /o/data/reservoir/static
END
echo 'ok - by clang; every directory is honoured, and no other one is named'
cd "$odd/build"
step make check
echo 'ok - make check, by clang'
make -s uninstall DESTDIR="$odd/dest" >"$work/log" 2>&1 || failed uninstall
[ -z "$(find "$odd/dest" -type f)" ] || failed 'make uninstall leaves files'
cd "$work"
for name in one another/of/them odd; do
	chmod -R u+w "$work/$name"
	rm -rf "${work:?}/$name"
done

# Oracle's client library is in Debian's sid only: it is unpacked, not installed.
# get_libmysqlclient: into $work/mysql.
get_libmysqlclient()
{
	mirror=$(archives | sed -n "s/ $suite main\$//p" | head -n 1)
	mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" \
		"$work/mysql"
	echo "deb [trusted=yes] $mirror sid main" >"$work/apt/sources.list"
	for command in update 'download libmysqlclient-dev libmysqlclient24'; do
		# shellcheck disable=SC2086 # several words
		(cd "$work/apt" && apt-get -q \
			-o Dir::Etc::sourcelist="$work/apt/sources.list" \
			-o Dir::Etc::sourceparts=/dev/null \
			-o Dir::State::lists="$work/apt/lists" \
			-o Dir::Cache="$work/apt/cache" \
			-o Acquire::Languages=none $command) \
			>"$work/log" 2>&1 || return
	done
	for package in "$work"/apt/*.deb; do
		dpkg-deb -x "$package" "$work/mysql" || return
	done
	# Its header wants to stand in /usr/include, its library a newer libc than
	# ours: only a run would miss that.
	sed -i "s|^prefix=.*|prefix=$work/mysql/usr|
		s|^libdir=.*|libdir=$work/mysql/usr/lib/$(gcc -print-multiarch)|
		s|^Cflags: |&-I$work/mysql/usr/include |
		/^Requires/d" "$work"/mysql/usr/lib/*/pkgconfig/mysqlclient.pc
}

if get_libmysqlclient; then
	unpack "$work/oracle"
	PKG_CONFIG_PATH=$(echo "$work"/mysql/usr/lib/*/pkgconfig)
	export PKG_CONFIG_PATH
	build "$work/oracle" --with-mysql=mysqlclient \
		LDFLAGS=-Wl,--allow-shlib-undefined
	readelf -d "$work/oracle/dest/usr/local/libexec/booking.fcgi" |
		grep -q 'NEEDED.*libmysqlclient' || failed 'another library'
	echo 'ok - built with the libmysqlclient of MySQL'
	chmod -R u+w "$work/oracle"
else
	tail -n 3 "$work/log"
	echo 'note: libmysqlclient cannot be had here; the stand-in for its header'
	"$here/compile.sh" "$top/build/release"
fi
rm -rf "$work"
