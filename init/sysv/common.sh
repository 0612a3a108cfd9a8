
# The rest is the same in the scripts of both daemons.
#
# Instances: "default" is $CONF.conf; any other NAME is $CONF-NAME.conf, which
# must name a pid_file (and a socket) of its own.
INSTANCES=default
OPTIONS=
STOP_WAIT=90
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022

# shellcheck disable=SC1090 # the administrator's
[ ! -r "$DEFAULTS" ] || . "$DEFAULTS"
# shellcheck disable=SC1091 # the distribution's; on systemd it takes over
[ ! -r /lib/lsb/init-functions ] || . /lib/lsb/init-functions

# What LSB says an exit status means.
GENERIC=1 USAGE=2 UNIMPLEMENTED=3 PRIVILEGE=4 NOT_INSTALLED=5
NOT_CONFIGURED=6 NOT_RUNNING=7
# And what those of "status" mean.
DEAD=1 STOPPED=3 UNKNOWN=4

EX_CONFIG=78

say()
{
	echo "$NAME: $*"
}

complain()
{
	echo "$NAME: $*" >&2
}

usage()
{
	complain "usage: $0 {start|stop|restart|try-restart|reload|force-reload|status|configtest|reopen-log} [INSTANCE ...]"
	exit "$USAGE"
}

conf_of()
{
	if [ "$1" = default ]; then
		echo "$CONF.conf"
	else
		echo "$CONF-$1.conf"
	fi
}

# The pid file that the instance's settings name; one that nobody writes for
# an instance whose settings name none.
pid_file_of()
{
	file=$(conf_of "$1")
	set -- "$file"
	for more in "$file.d"/*.conf; do
		[ ! -e "$more" ] || set -- "$@" "$more"
	done
	line=$(sed -n 's/^[[:blank:]]*pid_file[[:blank:]]*=[[:blank:]]*//p' \
		"$@" 2>/dev/null | tail -n 1 | sed 's/[[:blank:]]*$//')
	[ -n "$line" ] || case $1 in
	"$CONF.conf") line=$PID_FILE ;;
	*) line=${1%.conf}.no-pid-file ;;
	esac
	echo "$line"
}

# Is this the daemon that wrote the file?  It keeps the file locked, so a
# number that another process has got since does not deceive us.
holds()
{
	if [ -r /proc/locks ]; then
		inode=$(stat -c %i "$2" 2>/dev/null) || return 1
		grep -q "WRITE *$1 [0-9a-f]*:[0-9a-f]*:$inode " /proc/locks
	else
		read -r comm 2>/dev/null <"/proc/$1/comm" &&
			[ "$comm" = "${PROGRAM##*/}" ]
	fi
}

# Where do_start() notes the pid file of one that it has started.
note_of()
{
	echo "@runstatedir@/reservoir/$NAME-$1.started"
}

# Sets $pid and returns 0 when the instance runs; else a status of LSB.
#
# The settings may name another pid file by now: the one that was started is
# looked for where it was told to write.
probe()
{
	note=$(note_of "$1")
	if [ -r "$note" ] && read -r pid_file <"$note" && look_at; then
		return 0
	fi
	pid_file=$(pid_file_of "$1")
	look_at
}

# The same by $pid_file alone.
look_at()
{
	pid=
	[ -e "$pid_file" ] || return "$STOPPED"
	read -r pid 2>/dev/null <"$pid_file" || [ -n "$pid" ] || {
		[ -r "$pid_file" ] || return "$UNKNOWN"
		return "$DEAD"
	}
	case $pid in
	''|0*|*[!0-9]*) return "$DEAD" ;;
	esac
	[ -d "/proc/$pid" ] || return "$DEAD"
	holds "$pid" "$pid_file" || return "$DEAD"
}

# Returns when the process is gone, or 1 after so many seconds.
wait_for_end()
{
	end=$(($(date +%s) + $2))
	while [ -d "/proc/$1" ]; do
		[ "$(date +%s)" -le "$end" ] || return 1
		sleep 0.1 2>/dev/null || sleep 1
	done
}

# Only root may write there: pid files are believed.
make_directory()
{
	[ -d "@runstatedir@/reservoir" ] ||
		mkdir -m 0755 "@runstatedir@/reservoir"
}

# Settings that the program refuses are "not configured".
check()
{
	conf=$(conf_of "$1")
	[ -r "$conf" ] || {
		complain "$1: there is no $conf"
		return "$NOT_CONFIGURED"
	}
	make_directory || return "$GENERIC"
	code=0
	said=$("$PROGRAM" -t -c "$conf" 2>&1) || code=$?
	[ "$code" -ne 0 ] || return 0
	complain "$1: $said"
	[ "$code" -ne "$EX_CONFIG" ] || return "$NOT_CONFIGURED"
	return "$GENERIC"
}

do_configtest()
{
	check "$1" || return
	say "$1: $said"
}

do_start()
{
	code=0
	probe "$1" && {
		say "$1 runs already (process $pid)"
		return 0
	}
	conf=$(conf_of "$1")
	[ -r "$conf" ] || {
		complain "$1: there is no $conf"
		return "$NOT_CONFIGURED"
	}
	case $pid_file in
	*.no-pid-file)
		complain "$1: $conf must name a pid_file of its own"
		return "$NOT_CONFIGURED"
		;;
	esac
	make_directory || return "$GENERIC"
	say "starting $DESC $1"
	# It returns when the daemon serves.
	# shellcheck disable=SC2086 # several options
	"$PROGRAM" -c "$conf" $OPTIONS || code=$?
	case $code in
	0) echo "$pid_file" >"$(note_of "$1")" ;;
	"$EX_CONFIG") return "$NOT_CONFIGURED" ;;
	*) return "$GENERIC" ;;
	esac
}

do_stop()
{
	probe "$1" || {
		say "$1 does not run"
		[ ! -e "$pid_file" ] || rm -f "$pid_file"
		return 0
	}
	say "stopping $DESC $1: waiting for the work in hand"
	kill -TERM "$pid" 2>/dev/null || :
	wait_for_end "$pid" "$STOP_WAIT" || {
		complain "$1: still there after $STOP_WAIT s, killing it"
		kill -QUIT "$pid" 2>/dev/null || :
		wait_for_end "$pid" 5 || kill -KILL "$pid" 2>/dev/null || :
		wait_for_end "$pid" 5 || return "$GENERIC"
	}
	# In a directory of root's, the daemon could not.
	rm -f "$pid_file" "$(note_of "$1")"
}

do_restart()
{
	# A mistake in a file must not stop a service that runs.
	check "$1" || return
	do_stop "$1" && do_start "$1"
}

do_try_restart()
{
	probe "$1" || return 0
	do_restart "$1"
}

do_reload()
{
	probe "$1" || {
		complain "$1 does not run"
		return "$NOT_RUNNING"
	}
	master=$pid
	check "$1" || return
	kill -HUP "$master"
}

do_reopen_log()
{
	probe "$1" || return "$NOT_RUNNING"
	kill -USR1 "$pid"
}

do_status()
{
	code=0
	[ -x "$PROGRAM" ] || {
		complain "$PROGRAM is not installed"
		return "$UNKNOWN"
	}
	probe "$1" || code=$?
	case $code in
	0) say "$1 runs (process $pid)" ;;
	"$DEAD") say "$1 is dead, its pid file $pid_file is there" ;;
	"$STOPPED") say "$1 is stopped" ;;
	*) say "$1: cannot read $pid_file" ;;
	esac
	return "$code"
}

action=${1:-}
[ $# -eq 0 ] || shift
case $action in
start) run=do_start ;;
stop) run=do_stop ;;
restart) run=do_restart ;;
try-restart|condrestart) run=do_try_restart ;;
reload|force-reload) run=do_reload ;;
status) run=do_status ;;
configtest) run=do_configtest ;;
reopen-log) run=do_reopen_log ;;
probe|condstop|full-restart)
	complain "$action: not implemented"
	exit "$UNIMPLEMENTED"
	;;
*) usage ;;
esac
for instance in "$@"; do
	case $instance in
	''|*[!A-Za-z0-9_.-]*) usage ;;
	esac
done
if [ "$run" != do_status ]; then
	[ "$(id -u)" -eq 0 ] || {
		complain "$action: only root may"
		exit "$PRIVILEGE"
	}
	[ -x "$PROGRAM" ] || {
		complain "$PROGRAM is not installed"
		exit "$NOT_INSTALLED"
	}
fi

# shellcheck disable=SC2086 # several names
[ $# -gt 0 ] || set -- $INSTANCES
status=0
for instance in "$@"; do
	"$run" "$instance" || { code=$?; [ "$status" -ne 0 ] || status=$code; }
done
exit "$status"
