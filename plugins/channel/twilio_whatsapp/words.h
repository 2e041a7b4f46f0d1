/* words - what an operator reads: Spanish where LC_ALL, LC_MESSAGES or LANG say es, else English.
 */
#ifndef TWILIO_WORDS_H
#define TWILIO_WORDS_H

/* One of the two; both may be printf formats, and the compiler checks both. */
const char *words(const char *english, const char *spanish)
    __attribute__((format_arg(1), format_arg(2)));

#endif
