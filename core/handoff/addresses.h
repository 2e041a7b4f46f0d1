/* addresses - the other form of an address, where the one in vendors.yaml was refused and the other
 * worked: +521… for +52…, say. In memory; the store keeps it. */
#ifndef HANDOFF_ADDRESSES_H
#define HANDOFF_ADDRESSES_H

struct addresses;

struct addresses *addresses_create(void);
void addresses_destroy(struct addresses *addresses);

/* From now on `works` stands for `given` on this channel; NULL: what is given stands for itself. */
void addresses_learn(struct addresses *addresses, const char *channel, const char *given,
                     const char *works);

/* What to send to: the form that is known to work, or `given`. Borrowed until the next learning. */
const char *addresses_find(const struct addresses *addresses, const char *channel,
                           const char *given);

#endif
