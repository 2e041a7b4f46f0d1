/* provider_host - requires of a plugin what the laws of plugin.h say. */
#include "provider_host.h"

#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"

enum { MOST_ID_BYTES = 128 };

static struct provider_host *host_of(const struct handoffd_host *table)
{
    return table->instance;
}

static void check_line(const char *text)
{
    require(utf8_is_valid(text, strlen(text)));
    for (; *text != '\0'; text++)
        require((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_visible(const char *text)
{
    for (; *text != '\0'; text++)
        require(*text > ' ' && *text <= '~');
}

static void on_log(const struct handoffd_host *table, uint32_t level, const char *text)
{
    (void)table;
    require(level <= HANDOFFD_LOG_ERROR);
    check_line(text);
}

static int64_t on_now_ms(const struct handoffd_host *table)
{
    (void)table;
    return PROVIDER_NOW_MS;
}

/* The credentials go with it: nowhere but to Twilio. */
static void check_url(const char *url)
{
    static const char *const bases[] = {"https://api.twilio.com/2010-04-01/Accounts/AC1/",
                                        "https://content.twilio.com/v1/Content/HX1",
                                        "https://messaging.twilio.com/"};
    bool is_twilio = false;
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++)
        is_twilio |= strncmp(url, bases[i], strlen(bases[i])) == 0;
    require(is_twilio);
    check_visible(url);
}

static void
on_http_send(const struct handoffd_host *table, const struct handoffd_http_request *request,
             void (*on_answer)(void *context, const struct handoffd_http_answer *answer),
             void *context)
{
    struct provider_host *host = host_of(table);
    require(host->on_answer == NULL && request->size == sizeof *request);
    check_url(request->url);
    require(request->user != NULL && request->password != NULL && request->timeout_ms > 0);
    host->is_post = strcmp(request->method, "POST") == 0;
    host->on_answer = on_answer;
    host->context = context;
    host->requests++;
}

static void on_report(const struct handoffd_host *table, uint64_t attempt_id,
                      const struct handoffd_report *report)
{
    struct provider_host *host = host_of(table);
    require(attempt_id == PROVIDER_ATTEMPT && report->size == sizeof *report);
    require(report->outcome >= HANDOFFD_SENT && report->outcome <= HANDOFFD_ABSENT);
    require(report->code >= 0 && report->retry_after_ms >= 0);
    require(report->outcome == HANDOFFD_DEFERRED || report->retry_after_ms == 0);
    if (report->text != NULL)
        check_line(report->text);
    host->message_id[0] = '\0';
    if (report->message_id != NULL) {
        require(strlen(report->message_id) <= MOST_ID_BYTES);
        check_visible(report->message_id);
        snprintf(host->message_id, sizeof host->message_id, "%s", report->message_id);
    }
    host->report = *report;
    host->report.text = NULL;
    host->report.message_id = NULL;
    host->reports++;
}

void provider_host_init(struct provider_host *host)
{
    *host = (struct provider_host){.table = {
                                       .size = sizeof host->table,
                                       .instance = host,
                                       .log = on_log,
                                       .now_ms = on_now_ms,
                                       .http_send = on_http_send,
                                       .report = on_report,
                                   }};
}
