# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What these tests share; each sources it from its own directory.

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# until_true SECONDS WHAT COMMAND ...
until_true()
{
	end=$(($(date +%s) + $1))
	what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end" ] || die "not in time: $what"
		sleep 0.2
	done
}

# step PACKAGE N: what its README.Debian says there, word for word.
step()
{
	zcat -f "/usr/share/doc/$1/README.Debian"* |
		awk -v step="$2." '
		/^ [0-9]+\. / { here = $1 == step }
		/^[^ \t]/ { here = 0 }
		here && sub(/^\t/, "")'
}
