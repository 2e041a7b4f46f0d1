/* test_twilio_addresses - numbers as people write them. */
#include "plugin_test.h"

static void reads_numbers_as_people_write_them(void **state)
{
    static const struct {
        const char *to;
        const char *country;
        const char *normal; /* NULL: refused, */
        const char *words;  /* in these words */
    } cases[] = {
        {"whatsapp:+5215512345678", NULL, "whatsapp:+5215512345678", NULL},
        {"WhatsApp: +52 1 55 1234 5678", "MX", "whatsapp:+5215512345678", NULL},
        {"+52 442 000 0001", NULL, "whatsapp:+524420000001", NULL},
        {"+52 (442) 000-00.01", "AR", "whatsapp:+524420000001", NULL},
        {"0052 442 000 0001", NULL, "whatsapp:+524420000001", NULL},
        {"442 000 0001", "MX", "whatsapp:+524420000001", NULL},
        {"442 000 0001", "mx", "whatsapp:+524420000001", NULL},
        {"044 442 000 0001", "MX", "whatsapp:+524420000001", NULL},
        {"01 442 000 0001", "MX", "whatsapp:+524420000001", NULL},
        {"524420000001", "MX", "whatsapp:+524420000001", NULL},
        {"5215512345678", "MX", "whatsapp:+5215512345678", NULL},
        {"\u202A+52\u00A0442\u2011000\u20110001\u202C", NULL, "whatsapp:+524420000001", NULL},
        {"11 2345 6789", "AR", "whatsapp:+5491123456789", NULL},
        {"011 2345 6789", "AR", "whatsapp:+5491123456789", NULL},
        {"9 11 2345 6789", "AR", "whatsapp:+5491123456789", NULL},
        {"+54 9 11 2345 6789", NULL, "whatsapp:+5491123456789", NULL},
        {"+54 11 2345 6789", NULL, "whatsapp:+541123456789", NULL}, /* a landline, as written */
        {"(11) 98765-4321", "BR", "whatsapp:+5511987654321", NULL},
        {"11 8765 4321", "BR", "whatsapp:+551187654321", NULL},
        {"612 345 678", "ES", "whatsapp:+34612345678", NULL},
        {"9 8765 4321", "CL", "whatsapp:+56987654321", NULL},
        {"300 123 4567", "CO", "whatsapp:+573001234567", NULL},
        {"999 888 777", "PE", "whatsapp:+51999888777", NULL},
        {"0414 123 4567", "VE", "whatsapp:+584141234567", NULL},
        {"099 123 456", "UY", "whatsapp:+59899123456", NULL},
        {"099 123 4567", "EC", "whatsapp:+593991234567", NULL},
        {"0981 123 456", "PY", "whatsapp:+595981123456", NULL},
        {"1 809 555 0001", "DO", "whatsapp:+18095550001", NULL},
        {"512 000 0003", "US", "whatsapp:+15120000003", NULL},
        {"+49 151 23456789", "MX", "whatsapp:+4915123456789",
         NULL}, /* a country we have no row for */
        {"442 000 0001", NULL, NULL, "has no country code"},
        {"442 000 0001", "ZZ", NULL, "has no country code"},
        {"442 000 001", "MX", NULL,
         "has 9 digits without the country's code; numbers of +52 have 10"},
        {"+52 442 000 001", NULL, NULL, "numbers of +52 have 10"},
        {"+52 2 442 000 0001", NULL, NULL, "numbers of +52 have 10"}, /* only a 1 may stand there */
        {"+51 1 234 56", NULL, NULL, "numbers of +51 have 8 or 9"},
        {"15 2345 6789 12", "AR", NULL, "numbers of +54 have 10"},
        {"", "MX", NULL, "is empty"},
        {NULL, "MX", NULL, "is empty"},
        {"whatsapp:", "MX", NULL, "is empty"},
        {" + ", "MX", NULL, "is empty"},
        {"ana", "MX", NULL, "other characters than digits"},
        {"+52 442 000 0001 ext 5", "MX", NULL, "other characters than digits"},
        {"+52+442", "MX", NULL, "other characters than digits"},
        {"+0 442 000 0001", NULL, NULL, "is no international number"},
        {"+999", NULL, NULL, "is no international number"},
        {"+9991234567890123", NULL, NULL, "is no international number"},
        {"1234567890123456789012345", "MX", NULL, "too many digits"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char normal[MOST_ADDRESS_BYTES];
        char error[MOST_ERROR_BYTES];
        bool is_fine = subject_check_to(*state, cases[i].to, cases[i].country, sizeof normal,
                                        normal, sizeof error, error);
        const char *said = is_fine ? normal : error;
        const char *expected = is_fine ? cases[i].normal : cases[i].words;
        if (expected == NULL || strstr(said, expected) == NULL)
            fail_msg("\"%s\" in %s: \"%s\"", cases[i].to, cases[i].country, said);
    }
}

static void says_it_in_spanish_where_the_operator_reads_spanish(void **state)
{
    char normal[MOST_ADDRESS_BYTES];
    char error[MOST_ERROR_BYTES];
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    assert_false(
        subject_check_to(*state, "442 000 001", "MX", sizeof normal, normal, sizeof error, error));
    setenv("LC_ALL", "C", 1);
    assert_non_null(strstr(error, "tiene 9 dígitos sin el código del país"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(reads_numbers_as_people_write_them),
        PLUGIN_TEST(says_it_in_spanish_where_the_operator_reads_spanish),
    };
    return run_plugin_tests("channel/twilio_whatsapp", tests);
}
