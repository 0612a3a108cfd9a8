#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the time that all files of a tarball get, as seconds since 1970:
# SOURCE_DATE_EPOCH, else that of the last commit, else that of NEWS.
#
# usage: source-date.sh SOURCE-DIRECTORY
set -eu
if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
	echo "$SOURCE_DATE_EPOCH"
elif [ -e "$1/.git" ] && git -C "$1" log -1 --format=%ct 2>/dev/null; then
	:
else
	stat -c %Y "$1/NEWS"
fi
