/* other - the second way to write a number by which WhatsApp may know the same person. */
#ifndef TWILIO_OTHER_H
#define TWILIO_OTHER_H

#include <stdbool.h>
#include <stddef.h>

/* `whatsapp:+…` to `whatsapp:+…`; false: there is none, or it does not fit. Of the other, the other
 * is the first. */
bool other_address(const char *address, char *other, size_t size);

#endif
