/* find - asks for one message where its id is known, else goes through what was sent to that
 * address.
 *
 * ABSENT makes the daemon send again, so it is said only where Twilio itself says so: its own 404
 * for the id, or a list that was read to where everything is too old. Every doubt is UNKNOWN.
 *
 * The list is not filtered by DateSent: a queued message has none.
 * https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources */
#include "find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "call.h"
#include "json.h"
#include "likeness.h"

enum { MOST_PAGES = 5, NOT_FOUND = 20404 };

struct search {
    struct call call;
    struct wanted wanted;
    char *message_id;  /* the one asked for; NULL: the list is */
    cJSON *similar;    /* the newest that shows all that ours shows; NULL: none yet */
    bool is_mixed;     /* another shows it too, and is not the same */
    const char *doubt; /* why it may be there though it was not found; NULL: no reason to */
    int pages;
};

static void ask_for_one(struct search *search, const char *message_id);
static void on_one(void *context, const struct handoffd_http_answer *http);
static void ask_for_page(struct search *search);
static void on_page(void *context, const struct handoffd_http_answer *http);
static void ask_for_next(struct search *search, const cJSON *page);
static void end_of_list(struct search *search);

static void search_deinit(struct call *call)
{
    struct search *search = (struct search *)call;
    wanted_deinit(&search->wanted);
    free(search->message_id);
    cJSON_Delete(search->similar);
}

static void report_unknown(struct search *search, const char *why)
{
    struct answer answer;
    answer_unknown(why, &answer);
    call_report(&search->call, &answer.report);
}

static void report_absent(struct search *search, const char *why)
{
    const struct handoffd_report report = {
        .size = sizeof report, .outcome = HANDOFFD_ABSENT, .text = why};
    call_report(&search->call, &report);
}

static void report_entry(struct search *search, const cJSON *entry)
{
    const struct message_status status = {
        .message_id = json_text(entry, "sid"),
        .word = json_text(entry, "status"),
        .code = json_code(entry, "error_code"),
        .reason = json_text(entry, "error_message"),
    };
    struct answer answer;
    answer_status(&status, &answer); /* in a word that we do not know, Twilio has it even so */
    if (search->message_id == NULL && answer.report.message_id == NULL)
        answer_unknown("Twilio's list has a message whose id is none of Twilio's", &answer);
    call_report(&search->call, &answer.report);
}

void find(void *state, const struct handoffd_attempt *attempt,
          const struct handoffd_message *message)
{
    struct twilio *twilio = state;
    const struct handoffd_list *variables =
        twilio->template.sid != NULL ? &twilio->template.variables : NULL;
    struct search *search = call_create(twilio, attempt->id, sizeof *search, search_deinit);
    if (search == NULL) {
        const struct handoffd_report report = {
            .size = sizeof report, .outcome = HANDOFFD_UNKNOWN, .text = "out of memory"};
        twilio->host->report(twilio->host, attempt->id, &report);
    } else if (!wanted_init(&search->wanted, attempt, message, variables)) {
        report_unknown(search, "out of memory");
    } else if (attempt->message_id != NULL) {
        ask_for_one(search, attempt->message_id);
    } else {
        ask_for_page(search);
    }
}

/* ---------------------------------------------------------------- by its id */

/* It is our own, as Twilio gave it; but it is put into a path. */
static bool is_sid(const char *id)
{
    return id[0] != '\0' && strspn(id, "0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == strlen(id);
}

static void ask_for_one(struct search *search, const char *message_id)
{
    const struct twilio *twilio = search->call.twilio;
    char url[URL_SIZE];
    if (!is_sid(message_id)) {
        report_unknown(search, "the message id is none of Twilio's");
        return;
    }
    snprintf(url, sizeof url, "%s/2010-04-01/Accounts/%s/Messages/%s.json", twilio->api,
             twilio->account_sid, message_id);
    search->message_id = strdup(message_id);
    call_get(&search->call, url, on_one);
}

static void on_one(void *context, const struct handoffd_http_answer *http)
{
    struct search *search = context;
    struct answer answer;
    bool is_answered = http->result == HANDOFFD_HTTP_ANSWERED;
    cJSON *body = is_answered ? json_body(http) : NULL;
    const char *id = json_text(body, "sid");
    bool is_it = search->message_id != NULL && id != NULL && strcmp(id, search->message_id) == 0;
    if (body != NULL && http->status == 200 && is_it) {
        report_entry(search, body);
    } else if (body != NULL && http->status == 404 && json_code(body, "code") == NOT_FOUND) {
        report_absent(search, "Twilio has no message of this id");
    } else {
        answer_unasked(http, &answer);
        call_report(&search->call, &answer.report);
    }
    cJSON_Delete(body);
}

/* ---------------------------------------------------------------- in the list */

static void ask_for_page(struct search *search)
{
    const struct twilio *twilio = search->call.twilio;
    bool is_from_one = twilio->messaging_service_sid == NULL && twilio->sender[0] != '\0';
    struct form query = {0};
    char url[URL_SIZE];
    form_add(&query, "To", search->wanted.to);
    form_add(&query, "From", is_from_one ? twilio->sender : NULL);
    form_add(&query, "PageSize", "100");
    if (query.is_broken) {
        report_unknown(search, "out of memory");
    } else {
        snprintf(url, sizeof url, "%s/2010-04-01/Accounts/%s/Messages.json?%s", twilio->api,
                 twilio->account_sid, query.bytes);
        call_get(&search->call, url, on_page);
    }
    form_deinit(&query);
}

/* Two that show all that ours shows are one as good as the other only where they are the same. */
static void keep_similar(struct search *search, const cJSON *entry)
{
    const char *text = json_text(entry, "body");
    if (search->similar == NULL) {
        search->similar = cJSON_Duplicate(entry, true);
        search->doubt = search->similar != NULL ? search->doubt : "out of memory";
    } else if (strcmp(text, json_text(search->similar, "body")) != 0) {
        search->is_mixed = true;
    }
}

/* The first that is the same, newest first; NULL: none on this page. */
static const cJSON *find_same(struct search *search, const cJSON *messages, bool *is_readable)
{
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, messages)
    {
        enum likeness likeness = likeness_of(entry, &search->wanted);
        if (likeness == LIKENESS_SAME)
            return entry;
        if (likeness == LIKENESS_SIMILAR)
            keep_similar(search, entry);
        else if (likeness == LIKENESS_DOUBTFUL)
            search->doubt = "Twilio has a message about the same customer, which may be another";
        else if (likeness == LIKENESS_HIDDEN)
            search->doubt = "Twilio has a message to this number, but does not show its text";
        *is_readable &= likeness != LIKENESS_UNREADABLE;
    }
    return NULL;
}

/* Twilio's clock and ours may differ by hours. Once: pages come one after the other. */
static void set_clock(struct search *search, const struct handoffd_http_answer *http)
{
    const struct handoffd_host *host = search->call.twilio->host;
    if (search->pages == 0)
        wanted_set_clock(&search->wanted, host->now_ms(host), http->date_ms);
}

static void on_page(void *context, const struct handoffd_http_answer *http)
{
    struct search *search = context;
    struct answer answer;
    bool is_readable = true;
    bool is_page = http->result == HANDOFFD_HTTP_ANSWERED && http->status == 200;
    cJSON *page = is_page ? json_body(http) : NULL;
    const cJSON *messages = cJSON_GetObjectItemCaseSensitive(page, "messages");
    set_clock(search, http);
    const cJSON *same = find_same(search, messages, &is_readable);
    if (!cJSON_IsArray(messages)) {
        answer_unasked(http, &answer);
        call_report(&search->call, &answer.report);
    } else if (same != NULL) {
        report_entry(search, same);
    } else if (!is_readable) {
        report_unknown(search, "Twilio's list has an entry that cannot be read");
    } else {
        ask_for_next(search, page);
    }
    cJSON_Delete(page);
}

/* Only to where we asked: the credentials go with it. */
static bool write_next_url(const struct twilio *twilio, const char *uri, char url[URL_SIZE])
{
    char ours[128];
    snprintf(ours, sizeof ours, "/2010-04-01/Accounts/%s/Messages.json?", twilio->account_sid);
    size_t base = strlen(twilio->api);
    const char *path = strncmp(uri, twilio->api, base) == 0 ? uri + base : uri;
    for (const char *next = path; *next != '\0'; next++) {
        if (*next <= ' ' || *next > '~')
            return false;
    }
    int length = snprintf(url, URL_SIZE, "%s%s", twilio->api, path);
    return strncmp(path, ours, strlen(ours)) == 0 && length > 0 && length < URL_SIZE;
}

static void ask_for_next(struct search *search, const cJSON *page)
{
    char url[URL_SIZE];
    const cJSON *next = cJSON_GetObjectItemCaseSensitive(page, "next_page_uri");
    const cJSON *messages = cJSON_GetObjectItemCaseSensitive(page, "messages");
    const cJSON *last = cJSON_GetArrayItem(messages, cJSON_GetArraySize(messages) - 1);
    bool is_last = next == NULL || cJSON_IsNull(next) || likeness_is_too_old(last, &search->wanted);
    if (is_last)
        end_of_list(search);
    else if (++search->pages == MOST_PAGES)
        report_unknown(search, "Twilio's list is too long to look through");
    else if (!cJSON_IsString(next) || !write_next_url(search->call.twilio, next->valuestring, url))
        report_unknown(search, "Twilio's list goes on at an address that is not Twilio's");
    else
        call_get(&search->call, url, on_page);
}

static void end_of_list(struct search *search)
{
    if (search->similar != NULL && !search->is_mixed)
        report_entry(search, search->similar);
    else if (search->similar != NULL)
        report_unknown(search, "Twilio has several messages that may be this one");
    else if (search->doubt != NULL)
        report_unknown(search, search->doubt);
    else
        report_absent(search, "Twilio's list has no such message");
}
