/* twilio_signer - signs a callback as Twilio's documentation says it, for a URL without bodySHA256.
 */
#ifndef TESTS_FUZZ_TWILIO_SIGNER_H
#define TESTS_FUZZ_TWILIO_SIGNER_H

#include <stdbool.h>

#include "parameters.h"

enum { SIGNATURE_SIZE = 32 };

void twilio_sign(const char *token, const char *url, const struct parameters *parameters,
                 char signature[SIGNATURE_SIZE]);

bool span_is_equal(const struct span *left, const struct span *right);

#endif
