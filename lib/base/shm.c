/* SPDX-License-Identifier: MIT */
/* Memory that a master and its children share. */
#include "config.h"

#include "base/shm.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sysexits.h>

void *shm_map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("cannot map shared memory");
		exit(EX_OSERR);
	}
	return p;
}
