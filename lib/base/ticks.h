/* SPDX-License-Identifier: MIT */
/* The two clocks.  Deadlines use ticks_ms(); only dates shown to people,
 * and due times in a database, use wall_ms(). */
#ifndef BASE_TICKS_H
#define BASE_TICKS_H

#include <stdint.h>

int64_t ticks_ms(void);		/* monotonic, ms since some start */
int64_t ticks_us(void);		/* the same in microseconds: to measure */
int64_t wall_ms(void);		/* Unix time, ms */

#endif
