/* fuzz_twilio_callback - any body is a form that keeps what it was given, and a signature is right
 * where it is Twilio's and nowhere else. The first line is a URL, the second a signature. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"
#include "form.h"
#include "input.h"
#include "parameters.h"
#include "signature.h"
#include "twilio_signer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_BYTES = 16384 };

static const char token[] = "12345";

static bool has_nul(const struct span *span)
{
    return strlen(span->bytes) != span->length;
}

static void check_order(const struct parameters *parameters)
{
    for (size_t i = 1; i < parameters->count; i++) {
        const struct parameter *left = &parameters->items[i - 1];
        const struct parameter *right = &parameters->items[i];
        if (!has_nul(&left->name) && !has_nul(&right->name))
            require(strcmp(left->name.bytes, right->name.bytes) <= 0);
    }
}

/* What is written with our own encoder is read as it was. */
static void check_round_trip(const struct parameters *parameters)
{
    struct form form = {0};
    struct parameters again = {0};
    bool has_nuls = false;
    for (size_t i = 0; i < parameters->count; i++) {
        const struct parameter *item = &parameters->items[i];
        has_nuls |= has_nul(&item->name) || has_nul(&item->value);
        form_add(&form, item->name.bytes, item->value.bytes);
    }
    require(parameters_read(form.bytes != NULL ? form.bytes : "", form.length, &again));
    require(again.count == parameters->count);
    for (size_t i = 0; !has_nuls && i < again.count; i++) {
        require(span_is_equal(&again.items[i].name, &parameters->items[i].name));
        require(span_is_equal(&again.items[i].value, &parameters->items[i].value));
    }
    parameters_deinit(&again);
    form_deinit(&form);
}

static void check_signature(const char *url, const char *given, const struct parameters *parameters,
                            const char *body, size_t length)
{
    char right[SIGNATURE_SIZE];
    bool is_taken = signature_is_right(token, url, parameters, body, length, given);
    if (strstr(url, "bodySHA256") != NULL)
        return;
    twilio_sign(token, url, parameters, right);
    require(!is_taken || strlen(given) == strlen(right));
    bool has_own_form = strchr(url, '#') == NULL && strstr(url, "://") != NULL;
    size_t authority = has_own_form ? strcspn(strstr(url, "://") + 3, "/?#:") : 0;
    bool is_plain = has_own_form && strstr(url, "://")[3 + authority] != ':';
    require(!is_plain || signature_is_right(token, url, parameters, body, length, right));
    right[length % 28] ^= 1;
    require(!signature_is_right(token, url, parameters, body, length, right));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MOST_BYTES)
        return 0;
    struct input input = {data, size};
    CLEANUP(memory_free) char *url = input_line(&input);
    CLEANUP(memory_free) char *given = input_line(&input);
    CLEANUP(memory_free) char *body = input_rest(&input, &size);
    struct parameters parameters;
    require(parameters_read(body, size, &parameters));
    check_order(&parameters);
    check_round_trip(&parameters);
    parameters_value(&parameters, "MessageStatus");
    check_signature(url, given, &parameters, body, size);
    parameters_deinit(&parameters);
    return 0;
}
