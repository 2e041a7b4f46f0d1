/* limiter - how many may come in a minute, for each of very many: GCRA (ITU-T I.371) in a table of
 * fixed size, 1 MB, of which only what is used is touched.
 *
 * `most` a minute means that one comes each minute/most, and that after a pause `most` may come at
 * once. Who came longest ago is forgotten where the table is full: a stranger who floods it from
 * many addresses gains a second burst for some of them, and costs nobody else anything. */
#ifndef ACCESS_LIMITER_H
#define ACCESS_LIMITER_H

#include <stdint.h>

/* What is counted apart. */
enum limited { LIMITED_KEY, LIMITED_ADDRESS, LIMITED_CONVERSATION, LIMITED_FAILURES };

struct limiter;

struct limiter *limiter_create(void);
/* NULL is fine. */
void limiter_destroy(struct limiter *limiter);

/* One of `who` comes: 0, it may; else in how many ms it may, and it does not count. most 0: no
 * limit. */
int64_t limiter_take_ms(struct limiter *limiter, enum limited what, const char *who, int64_t most,
                        int64_t now_ms);

#endif
