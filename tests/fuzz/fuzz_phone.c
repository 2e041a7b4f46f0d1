/* fuzz_phone - a number as anybody may write it: the customers' normal form and the channel's
 * agree, and are their own normal form. The first line is the company's country. */
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "base/memory.h"
#include "base/require.h"
#include "handoff/phone.h"
#include "input.h"
#include "other.h"

enum { ERROR_SIZE = 256, SCHEME = 9, LEAST_DIGITS = 7, MOST_DIGITS = 15 };

static const char digits[] = "0123456789";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_form(const char *number)
{
    size_t count = strspn(number + 1, digits);
    require(number[0] == '+' && number[1] != '0' && number[1 + count] == '\0');
    require(count >= LEAST_DIGITS && count <= MOST_DIGITS);
}

static bool is_same_customer(const char *one, const char *other)
{
    char key[PHONE_SIZE];
    char other_key[PHONE_SIZE];
    phone_key(one, key);
    phone_key(other, other_key);
    return strcmp(key, other_key) == 0;
}

static bool check_phone(const char *text, char normal[PHONE_SIZE])
{
    char again[PHONE_SIZE];
    char key[PHONE_SIZE];
    if (!phone_normalise(text, normal)) {
        require(normal[0] == '\0');
        return false;
    }
    check_form(normal);
    require(phone_normalise(normal, again) && strcmp(normal, again) == 0);
    phone_key(normal, key);
    require(is_same_customer(normal, key));
    return true;
}

/* The other form's other form is the first, and both are the same customer. */
static void check_other(const char *address)
{
    char other[ADDRESS_SIZE];
    char again[ADDRESS_SIZE];
    char error[ERROR_SIZE];
    if (!other_address(address, other, sizeof other))
        return;
    require(strcmp(address, other) != 0);
    require(address_normalise(other, NULL, again, error, sizeof error));
    require(strcmp(again, other) == 0);
    require(other_address(other, again, sizeof again) && strcmp(again, address) == 0);
    require(is_same_customer(address + SCHEME, other + SCHEME));
}

/* It goes to the terminal and into logs: never the number itself. */
static void check_error(const char *error)
{
    require(error[0] != '\0');
    for (; *error != '\0'; error++)
        require(strspn(error, digits) < LEAST_DIGITS);
}

static bool check_address(const char *text, const char *country, char address[ADDRESS_SIZE])
{
    char again[ADDRESS_SIZE];
    char error[ERROR_SIZE] = "";
    if (!address_normalise(text, country, address, error, sizeof error)) {
        check_error(error);
        return false;
    }
    require(strncmp(address, "whatsapp:", SCHEME) == 0);
    check_form(address + SCHEME);
    require(address_normalise(address, country, again, error, sizeof error));
    require(strcmp(address, again) == 0);
    check_other(address);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    CLEANUP(memory_free) char *country = input_line(&input);
    CLEANUP(memory_free) char *text = input_rest(&input, NULL);
    char normal[PHONE_SIZE];
    char address[ADDRESS_SIZE];
    bool is_phone = check_phone(text, normal);
    bool is_address = check_address(text, country[0] != '\0' ? country : NULL, address);
    require(!is_phone || !is_address || strcmp(address + SCHEME, normal) == 0);
    return 0;
}
