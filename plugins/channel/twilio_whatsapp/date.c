/* date - not strptime: it reads the names of months in the daemon's locale. */
#include "date.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* A place in the text; NULL once something was not as it should be. */
struct reader {
    const char *next;
};

static void skip_blanks(struct reader *reader)
{
    while (reader->next != NULL && (*reader->next == ' ' || *reader->next == '\t'))
        reader->next++;
}

static void take(struct reader *reader, char expected)
{
    if (reader->next != NULL)
        reader->next = *reader->next == expected ? reader->next + 1 : NULL;
}

/* From `least` to `most` digits. */
static int64_t take_number(struct reader *reader, size_t least, size_t most)
{
    size_t count = reader->next != NULL ? strspn(reader->next, "0123456789") : 0;
    if (reader->next == NULL || count < least || count > most) {
        reader->next = NULL;
        return 0;
    }
    int64_t number = 0;
    for (; count > 0; count--)
        number = number * 10 + (*reader->next++ - '0');
    return number;
}

/* 1 to 12. */
static int64_t take_month(struct reader *reader)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (size_t i = 0; reader->next != NULL && i < 12; i++) {
        if (strncasecmp(reader->next, names + 3 * i, 3) == 0) {
            reader->next += 3;
            return (int64_t)i + 1;
        }
    }
    reader->next = NULL;
    return 1;
}

/* "+0200", "GMT" or "UTC", in seconds. */
static int64_t take_zone(struct reader *reader)
{
    if (reader->next != NULL &&
        (strncmp(reader->next, "GMT", 3) == 0 || strncmp(reader->next, "UTC", 3) == 0)) {
        reader->next += 3;
        return 0;
    }
    bool is_west = reader->next != NULL && *reader->next == '-';
    take(reader, is_west ? '-' : '+');
    int64_t digits = take_number(reader, 4, 4);
    int64_t seconds = (digits / 100 * 60 + digits % 100) * 60;
    return is_west ? -seconds : seconds;
}

/* Since 1970-01-01, in the Gregorian calendar: the year begins in March, so that the leap day is
 * its last. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    int64_t from_march = (month + 9) % 12;
    year -= month <= 2;
    int64_t leap_days = year / 4 - year / 100 + year / 400;
    return year * 365 + leap_days + (from_march * 306 + 5) / 10 + day - 1 - 719468;
}

static void skip_weekday(struct reader *reader)
{
    const char *comma = strchr(reader->next, ',');
    if (comma != NULL)
        reader->next = comma + 1;
    skip_blanks(reader);
}

bool date_read(const char *text, int64_t *ms)
{
    struct reader reader = {text};
    skip_weekday(&reader);
    int64_t day = take_number(&reader, 1, 2);
    skip_blanks(&reader);
    int64_t month = take_month(&reader);
    skip_blanks(&reader);
    int64_t year = take_number(&reader, 4, 4);
    skip_blanks(&reader);
    int64_t hour = take_number(&reader, 2, 2);
    take(&reader, ':');
    int64_t minute = take_number(&reader, 2, 2);
    take(&reader, ':');
    int64_t second = take_number(&reader, 2, 2);
    skip_blanks(&reader);
    int64_t zone = take_zone(&reader);
    if (reader.next == NULL || *reader.next != '\0' || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60)
        return false;
    int64_t seconds =
        ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - zone;
    *ms = seconds * 1000;
    return true;
}
