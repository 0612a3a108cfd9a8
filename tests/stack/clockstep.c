/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: gettimeofday() plus the seconds that the file named in
 * CLOCK_STEP begins with (8 bytes, native).  Redis tells the time by it.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	static int fd = -2;
	int64_t step_s = 0;
	long result = syscall(SYS_gettimeofday, tv, zone);

	if (fd == -2 && getenv("CLOCK_STEP"))
		fd = open(getenv("CLOCK_STEP"), O_RDONLY | O_CLOEXEC);
	if (result == 0 && fd >= 0 &&
	    pread(fd, &step_s, sizeof(step_s), 0) == sizeof(step_s))
		tv->tv_sec += step_s;
	return (int)result;
}
