# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# A Docker engine of our own, started by hand, for compose.sh to source.
#
# Two daemons serve one data root, one after the other: the first has no
# bridge and lends the builds this machine's network, so that apt in them
# reaches what it reaches here; the second lives in a network of its own, so
# that no bridge and no published port is seen outside.

netns=reservoir-compose-$$

# vfs works everywhere, and copies a whole file system for each container.
driver=vfs
! grep -qw overlay /proc/filesystems || driver=overlay2

# Why no engine can be started here, or nothing.
engine_is_missing()
{
	for program in dockerd docker-compose debootstrap ip nsenter; do
		command -v "$program" >/dev/null || {
			echo "there is no $program"
			return
		}
	done
	[ "$(id -u)" -eq 0 ] || echo 'only root can start dockerd'
}

docker()
{
	/usr/bin/docker -H "unix://$engine/docker.sock" "$@"
}

# start_engine [COMMAND ...]: dockerd, as the last words of the command.
start_engine()
{
	# Not those of the first daemon, which may be a socket too long.
	mkdir -p "$engine/data" "$engine/exec"
	# shellcheck disable=SC2086 # several options
	"$@" dockerd --data-root "$engine/data" --exec-root "$engine/exec" \
		-H "unix://$engine/docker.sock" -p "$engine/docker.pid" \
		--storage-driver "$driver" --oom-score-adjust 0 $engine_options \
		>>"$engine/dockerd.log" 2>&1 &
	end=$(($(date +%s) + 60))
	until docker info >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end" ] || {
			tail -n 20 "$engine/dockerd.log"
			return 1
		}
		sleep 0.2
	done
}

stop_engine()
{
	[ -s "$engine/docker.pid" ] || return 0
	pid=$(cat "$engine/docker.pid")
	kill "$pid" 2>/dev/null || :
	end=$(($(date +%s) + 60))
	while [ -d "/proc/$pid" ] && [ "$(date +%s)" -lt "$end" ]; do
		sleep 0.2
	done
}

start_build_engine()
{
	engine_options='--bridge=none --iptables=false --ip6tables=false'
	start_engine
}

start_run_engine()
{
	engine_options=
	ip netns add "$netns"
	ip netns exec "$netns" ip link set lo up
	start_engine nsenter "--net=/run/netns/$netns"
}

stop_run_engine()
{
	stop_engine
	ip netns delete "$netns" 2>/dev/null || :
	umount "$engine/exec/netns/default" 2>/dev/null || :
}
