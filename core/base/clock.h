/* clock - the two times: what a calendar says, and what only ever grows. Milliseconds. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Since 1970, UTC; may jump. For what is stored and shown. */
int64_t clock_wall_ms(void);

/* Since some start; never goes back. For delays and deadlines. */
int64_t clock_steady_ms(void);

#endif
