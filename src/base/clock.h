/* The only place that asks the system for the time: for people who wait, never for the analysis. */
#ifndef SMBLAME_BASE_CLOCK_H
#define SMBLAME_BASE_CLOCK_H

#include <stdint.h>

#define SECOND_NS INT64_C(1000000000)

/* Milliseconds since some fixed moment. */
uint64_t clock_monotonic_ms(void);

/* Nanoseconds since 1970 UTC, as the kernel stamps frames. */
int64_t clock_realtime_ns(void);

#endif
