/* cause - words with a blank between them. */
#include "alert/cause.h"

#include <stdio.h>
#include <string.h>

#include "plugin/instance.h"

#define STUCK   "stuck "
#define CHANNEL "channel "
#define PERSON  "person "

void cause_of_channel(char cause[CAUSE_SIZE], const char *channel)
{
    snprintf(cause, CAUSE_SIZE, CHANNEL "%s", channel);
}

void cause_of_person(char cause[CAUSE_SIZE], const char *vendor_id, const char *channel)
{
    snprintf(cause, CAUSE_SIZE, PERSON "%s " CHANNEL "%s", vendor_id, channel);
}

void cause_of_message(char cause[CAUSE_SIZE], const char *channel, int64_t code)
{
    snprintf(cause, CAUSE_SIZE, STUCK CHANNEL "%s code %lld", channel, (long long)code);
}

static bool begins_with(const char *cause, const char *word)
{
    return strncmp(cause, word, strlen(word)) == 0;
}

bool cause_is_stuck(const char *cause)
{
    return begins_with(cause, STUCK);
}

static bool is_of_contact(const char *cause, const struct vendor *vendor,
                          const struct contact *contact)
{
    char other[CAUSE_SIZE];
    cause_of_channel(other, contact->channel->name);
    if (strcmp(cause, other) == 0)
        return true;
    cause_of_person(other, vendor->id, contact->channel->name);
    return strcmp(cause, other) == 0;
}

static bool is_on_roster(const char *cause, const struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++) {
        const struct vendor *vendor = &roster->vendors[i];
        for (size_t c = 0; c < vendor->contact_count; c++) {
            if (is_of_contact(cause, vendor, &vendor->contacts[c]))
                return true;
        }
    }
    return false;
}

bool cause_is_gone(const char *cause, const struct roster *roster)
{
    return (begins_with(cause, CHANNEL) || begins_with(cause, PERSON)) &&
           !is_on_roster(cause, roster);
}
