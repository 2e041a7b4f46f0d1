/* phone - customers' numbers: one written form, and one key for the same customer.
 *
 * Sources: ITU-T E.164 (at most 15 digits); WhatsApp's +521 (Mexico), +549 (Argentina) and Brazil's
 * ninth digit. */
#ifndef HANDOFF_PHONE_H
#define HANDOFF_PHONE_H

#include <stdbool.h>

/* "+", 15 digits, NUL. */
enum { PHONE_SIZE = 17 };

/* Takes off blanks, dots, dashes, brackets and a `whatsapp:` prefix; what is left must be
 * ^\+[1-9][0-9]{6,14}$. */
bool phone_normalise(const char *text, char normal[PHONE_SIZE]);

/* The key by which two normal forms are the same customer: +521… and +52…, +549… and +54…, Brazil
 * with and without its ninth digit. For comparing only, never for sending. */
void phone_key(const char *normal, char key[PHONE_SIZE]);

#endif
