/* conformance_facts - what a channel knows without asking anybody: addresses, error codes, limits.
 */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "fault.h"

enum { LONG_TEXT = 20000, HIGHEST_CODE = 100000, MOST_SWEEP_MS = 1000, SMALL_BYTES = 32 };

/* ---------------------------------------------------------------- check_to */

static void check_text(const char *text, size_t size, const char *what)
{
    if (memchr(text, '\0', size) == NULL)
        fault("%s does not end in NUL", what);
    if (size > 8 && !is_utf8(text))
        fault("law 3 (ownership): not UTF-8: %s", what);
}

static bool normalise(const struct subject *subject, const char *to, const char *country,
                      char normal[MOST_ADDRESS_BYTES])
{
    char error[MOST_ERROR_BYTES];
    if (subject_check_to(subject, to, country, MOST_ADDRESS_BYTES, normal, sizeof error, error)) {
        check_text(normal, MOST_ADDRESS_BYTES, "check_to's normal");
        return true;
    }
    check_text(error, sizeof error, "check_to's error");
    if (error[0] == '\0')
        fault("check_to says false without words in error");
    return false;
}

static void check_small_buffers(const struct subject *subject, const char *to, const char *country)
{
    char normal[MOST_ADDRESS_BYTES];
    char error[MOST_ERROR_BYTES];
    for (size_t size = 1; size <= SMALL_BYTES; size++) {
        bool is_fine = subject_check_to(subject, to, country, size, normal, size, error);
        check_text(is_fine ? normal : error, size,
                   is_fine ? "check_to's normal" : "check_to's error");
    }
}

/* ---------------------------------------------------------------- other_to */

static bool find_other(const struct subject *subject, const char *to,
                       char other[MOST_ADDRESS_BYTES])
{
    char again[MOST_ADDRESS_BYTES];
    bool has_other = subject_other_to(subject, to, MOST_ADDRESS_BYTES, other);
    if (subject_other_to(subject, to, MOST_ADDRESS_BYTES, again) != has_other ||
        (has_other && strncmp(other, again, MOST_ADDRESS_BYTES) != 0))
        fault("other_to is not pure: \"%s\" once more gave something else", to);
    if (has_other)
        check_text(other, MOST_ADDRESS_BYTES, "other_to's other");
    return has_other;
}

/* An address cut short is somebody else's. */
static void check_small_other(const struct subject *subject, const char *to, const char *whole)
{
    char other[MOST_ADDRESS_BYTES];
    for (size_t size = 1; size <= strlen(whole) + 1; size++) {
        if (subject_other_to(subject, to, size, other) && strcmp(other, whole) != 0)
            fault("other_to says true for \"%s\", which is cut short", other);
    }
}

static void check_other(const struct subject *subject, const char *to, const char *country)
{
    char other[MOST_ADDRESS_BYTES];
    char back[MOST_ADDRESS_BYTES];
    char normal[MOST_ADDRESS_BYTES];
    if (!find_other(subject, to, other))
        return;
    if (strcmp(other, to) == 0)
        fault("other_to: the other way to write \"%s\" is the same", to);
    if (!normalise(subject, other, country, normal) || strcmp(other, normal) != 0)
        fault("other_to: \"%s\" is no normal form", other);
    if (!find_other(subject, other, back) || strcmp(back, to) != 0)
        fault("other_to: \"%s\" leads to \"%s\", which does not lead back", to, other);
    check_small_other(subject, to, other);
}

/* Whatever it says must be said properly, and a normal form must be its own. */
static void check_address(const struct subject *subject, const char *to, const char *country)
{
    char normal[MOST_ADDRESS_BYTES];
    char again[MOST_ADDRESS_BYTES];
    if (!normalise(subject, to, country, normal))
        return;
    if (!normalise(subject, normal, country, again) || strcmp(normal, again) != 0)
        fault("check_to: \"%s\" is a normal form, and not its own normal form", normal);
    if (subject->plugin->channel.other_to != NULL)
        check_other(subject, normal, country);
}

void conformance_addresses(const struct subject *subject, const struct settings *settings)
{
    static char longest[LONG_TEXT + 1];
    memset(longest, '1', LONG_TEXT);
    const char *const addresses[] = {settings->to,
                                     NULL,
                                     "",
                                     " ",
                                     "+",
                                     "whatsapp:",
                                     "+0",
                                     "442 000 0001",
                                     "+52 442 000 0001",
                                     "+52 1 442 000 0001",
                                     "00524420000001",
                                     "+54 11 2000 0001",
                                     "+54 9 11 2000 0001",
                                     "+55 11 8000 0001",
                                     "+55 11 98000 0001",
                                     "+55 11 2000 0001",
                                     "+1 512 200 0001",
                                     "%s%n%s",
                                     "ana@example.com",
                                     "ñandú 🤖",
                                     "\xC2\xA0+52\xE2\x80\x8B",
                                     "#equipo",
                                     longest};
    const char *const countries[] = {settings->country, NULL, "MX", "AR", "BR", "ZZ", ""};
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        for (size_t k = 0; k < COUNT_OF(countries); k++)
            check_address(subject, addresses[i], countries[k]);
    }
    check_small_buffers(subject, settings->to, settings->country);
    check_small_buffers(subject, "no address at all", settings->country);
}

/* ---------------------------------------------------------------- explain */

static void check_sentence(int32_t code, const char *sentence)
{
    if (sentence[0] == '\0')
        fault("explain: nothing but \"\" for code %d; NULL is nothing", code);
    if (!is_utf8(sentence))
        fault("law 3 (ownership): not UTF-8: what explain says to code %d", code);
    for (const char *at = sentence; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            fault("explain: more than one line for code %d", code);
    }
}

/* A number for all that it says, so that two sweeps can be compared. */
static uint64_t add_sentence(uint64_t sum, int32_t code, const char *sentence)
{
    sum = (sum ^ (uint32_t)code) * UINT64_C(1099511628211);
    for (const char *at = sentence; *at != '\0'; at++)
        sum = (sum ^ (unsigned char)*at) * UINT64_C(1099511628211);
    return sum;
}

static uint64_t sweep(const struct handoffd_channel *channel)
{
    static const int32_t odd[] = {INT32_MIN, -1, 999999, INT32_MAX};
    uint64_t sum = 0;
    fault_enter("explain");
    for (int32_t i = 0; i <= HIGHEST_CODE + (int32_t)COUNT_OF(odd); i++) {
        int32_t code = i <= HIGHEST_CODE ? i : odd[i - HIGHEST_CODE - 1];
        const char *sentence = channel->explain(code);
        if (sentence != NULL) {
            check_sentence(code, sentence);
            sum = add_sentence(sum, code, sentence);
        }
    }
    fault_leave();
    return sum;
}

static void check_sweeps(const struct handoffd_channel *channel)
{
    clock_t start = clock();
    uint64_t once = sweep(channel);
    clock_t ms = (clock() - start) / (CLOCKS_PER_SEC / 1000);
    if (ms > MOST_SWEEP_MS)
        fault("explain takes %ld ms for %d codes, and the loop stands still", (long)ms,
              HIGHEST_CODE);
    if (sweep(channel) != once)
        fault("explain is not pure: the same codes gave other sentences");
}

void conformance_explain(const struct subject *subject)
{
    CLEANUP(memory_free) char *language = memory_text(getenv("LC_ALL"));
    static const char *const languages[] = {"C.UTF-8", "es_MX.UTF-8"};
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        setenv("LC_ALL", languages[i], 1);
        check_sweeps(&subject->plugin->channel);
    }
    if (language != NULL)
        setenv("LC_ALL", language, 1);
    else
        unsetenv("LC_ALL");
}

/* ---------------------------------------------------------------- limits */

static void check_rate(const struct handoffd_rate *rate, const char *what)
{
    if (rate->count < 0 || rate->period_ms < 0 || rate->burst < 0)
        fault("limits: %s has a number below 0", what);
    if (rate->count > 0 && rate->period_ms == 0)
        fault("limits: %s has %lld messages in no time: period_ms is 0", what,
              (long long)rate->count);
    if (rate->count > 0 && rate->burst == 0)
        fault("limits: %s lets nothing through: burst is 0", what);
}

void conformance_limits(const struct subject *subject)
{
    const struct handoffd_limits limits = subject_limits(subject);
    if (limits.size != sizeof limits)
        fault("law 2 (versions): limits: their size is now %zu", limits.size);
    check_rate(&limits.channel, "channel");
    check_rate(&limits.recipient, "recipient");
    if (limits.per_day < 0)
        fault("limits: per_day is below 0");
    const struct handoffd_limits again = subject_limits(subject);
    if (memcmp(&limits, &again, sizeof limits) != 0)
        fault("limits are not the same when asked again");
}
