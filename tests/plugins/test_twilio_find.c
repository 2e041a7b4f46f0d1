/* test_twilio_find - was it sent? ABSENT only where Twilio says so, and never somebody else's
 * message. */
#include "twilio_fixture.h"

#define SID       "SM00000000000000000000000000000001"
#define OTHER_SID "SM00000000000000000000000000000002"
#define TO        "whatsapp:+5215512345678"
#define MESSAGES  "https://api.twilio.com/2010-04-01/Accounts/" ACCOUNT "/Messages"
#define NEXT_PAGE "/2010-04-01/Accounts/" ACCOUNT "/Messages.json?PageSize=100&Page=1&PageToken=PA1"

enum { MOST_JSON = 65536 };

/* An entry of the list, as the example was sent at noon. */
struct entry {
    const char *sid;
    const char *status;
    int code; /* 0: null */
    const char *body;
    const char *date;
    const char *to;
    const char *direction;
};

static const char noon[] = "Thu, 01 Jan 2026 12:00:00 +0000";

static struct entry entry_of(const char *status)
{
    return (struct entry){SID,
                          status,
                          0,
                          "🔔 *Nuevo cliente solicita atención humana* 👤 *Cliente:* Juan Pérez "
                          "📱 *Teléfono:* +5215512345678",
                          noon,
                          TO,
                          "outbound-api"};
}

static void write_text(char *json, const char *name, const char *value)
{
    json += strlen(json);
    if (value == NULL)
        sprintf(json, "\"%s\":null,", name);
    else
        sprintf(json, "\"%s\":\"%s\",", name, value);
}

static void write_entry(char *json, const struct entry *entry)
{
    strcat(json, "{\"account_sid\":\"" ACCOUNT "\",\"from\":\"whatsapp:+14155238886\",");
    write_text(json, "sid", entry->sid);
    write_text(json, "status", entry->status);
    write_text(json, "body", entry->body);
    write_text(json, "date_created", entry->date);
    write_text(json, "to", entry->to);
    write_text(json, "direction", entry->direction);
    write_text(json, "error_message", entry->code != 0 ? "it did not work" : NULL);
    if (entry->code != 0)
        sprintf(json + strlen(json), "\"error_code\":%d}", entry->code);
    else
        strcat(json, "\"error_code\":null}");
}

static const char *page_of(const struct entry entries[], size_t count, const char *next)
{
    static char json[MOST_JSON];
    strcpy(json, "{\"messages\":[");
    for (size_t i = 0; i < count; i++) {
        strcat(json, i > 0 ? "," : "");
        write_entry(json, &entries[i]);
    }
    strcat(json, "],\"page\":0,\"page_size\":100,");
    write_text(json, "next_page_uri", next);
    strcat(json, "\"previous_page_uri\":null}");
    return json;
}

static const char *single(const struct entry *entry)
{
    static char json[MOST_JSON];
    json[0] = '\0';
    write_entry(json, entry);
    return json;
}

static struct subject *started(void *state)
{
    struct subject *subject = state;
    set_account(subject);
    start(subject);
    return subject;
}

/* Twilio's clock shows what ours does. */
static void answer(struct subject *subject, int32_t status, const char *body)
{
    struct handoffd_http_answer http = http_answer(status, body);
    http.date_ms = subject->host->now_ms;
    assert_true(fake_host_answer(subject->host, &http));
}

/* Asks for the example; the oldest answer is still out. */
static const struct sent_request *ask(struct subject *subject, const char *message_id)
{
    struct handoffd_attempt attempt = example_attempt(7, TO);
    const struct handoffd_message message = example_message();
    attempt.message_id = message_id;
    fake_host_clear(subject->host);
    subject_find(subject, &attempt, &message);
    assert_int_equal(subject->host->request_count, 1);
    assert_int_equal(subject->host->report_count, 0);
    return &subject->host->requests[0];
}

static const struct made_report *found(struct subject *subject, const char *page)
{
    ask(subject, NULL);
    answer(subject, 200, page);
    return fake_host_report(subject->host);
}

static void expect(struct subject *subject, const char *page, uint32_t outcome)
{
    const struct made_report *report = found(subject, page);
    if (report->outcome != outcome)
        fail_msg("%s: %s: %s", said_outcome(report->outcome), report->text, page);
    assert_int_equal(report->attempt_id, 7);
}

/* What find says of a list of one, in which the entry has this body. */
static void expect_body(struct subject *subject, const struct handoffd_message *message,
                        const char *body, uint32_t outcome)
{
    const struct handoffd_attempt attempt = example_attempt(7, TO);
    struct entry entry = entry_of("sent");
    entry.body = body;
    fake_host_clear(subject->host);
    subject_find(subject, &attempt, message);
    answer(subject, 200, page_of(&entry, 1, NULL));
    const struct made_report *report = fake_host_report(subject->host);
    if (report->outcome != outcome)
        fail_msg("%s: %s: %s", said_outcome(report->outcome), report->text, body);
}

/* ---- by its id */

static void asks_for_one_message_where_its_id_is_known(void **state)
{
    struct subject *subject = started(*state);
    const struct sent_request *request = ask(subject, SID);
    assert_string_equal(request->method, "GET");
    assert_string_equal(request->url, MESSAGES "/" SID ".json");
    assert_string_equal(request->user, ACCOUNT);
    assert_string_equal(request->password, "s3cret");
    assert_int_equal(request->body_length, 0);
    subject_stop(subject);
}

static void reports_what_became_of_it(void **state)
{
    static const struct {
        const char *status;
        int code;
        uint32_t outcome;
    } cases[] = {
        {"accepted", 0, HANDOFFD_SENT},
        {"queued", 0, HANDOFFD_SENT},
        {"sending", 0, HANDOFFD_SENT},
        {"sent", 0, HANDOFFD_SENT},
        {"scheduled", 0, HANDOFFD_SENT},
        {"beamed", 0, HANDOFFD_SENT}, /* whatever that is, Twilio has it */
        {NULL, 0, HANDOFFD_SENT},
        {"delivered", 0, HANDOFFD_DELIVERED},
        {"read", 0, HANDOFFD_READ},
        {"undelivered", 0, HANDOFFD_UNDELIVERED},
        {"failed", 30003, HANDOFFD_UNDELIVERED},
        {"canceled", 0, HANDOFFD_UNDELIVERED},
        {"failed", 63016, HANDOFFD_REFUSED_RECIPIENT},
        {"undelivered", 63018, HANDOFFD_DEFERRED},
        {"failed", 63041, HANDOFFD_REFUSED_MESSAGE},
        {"failed", 63007, HANDOFFD_REFUSED_ACCOUNT},
    };
    struct subject *subject = started(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct entry entry = entry_of(cases[i].status);
        entry.code = cases[i].code;
        ask(subject, SID);
        answer(subject, 200, single(&entry));
        const struct made_report *report = fake_host_report(subject->host);
        if (report->outcome != cases[i].outcome)
            fail_msg("%s is %s", cases[i].status, said_outcome(report->outcome));
        assert_string_equal(report->message_id, SID);
        assert_int_equal(report->code, cases[i].code);
        assert_string_equal(report->text, cases[i].code != 0 ? "it did not work"
                                          : report->outcome == HANDOFFD_UNDELIVERED
                                              ? cases[i].status
                                              : "");
        expect(subject, page_of(&entry, 1, NULL), cases[i].outcome);
    }
    subject_stop(subject);
}

/* Without an id nobody could tell it from another later. */
static void takes_no_message_whose_id_cannot_be_kept(void **state)
{
    static const char *const ids[] = {
        "SM000000000000000000000000000000000000000000000000000000000000000000000000000001", "S M",
        "SM\u00e9"};
    struct subject *subject = started(*state);
    struct entry entry = entry_of("delivered");
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        entry.sid = ids[i];
        expect(subject, page_of(&entry, 1, NULL), HANDOFFD_UNKNOWN);
    }
    subject_stop(subject);
}

static void says_absent_only_where_twilio_knows_no_such_id(void **state)
{
    static const struct {
        int32_t status;
        const char *body;
        uint32_t outcome;
    } cases[] = {
        {404, "{\"code\":20404,\"message\":\"not found\",\"status\":404}", HANDOFFD_ABSENT},
        {404, "{\"code\":20404,\"message\":\"not found\"", HANDOFFD_UNKNOWN},
        {404, "{\"message\":\"not found\"}", HANDOFFD_UNKNOWN},
        {404, "<html>Not Found</html>", HANDOFFD_UNKNOWN},
        {404, "", HANDOFFD_UNKNOWN},
        {410, "{\"code\":20404}", HANDOFFD_UNKNOWN},
        {200, "{\"code\":20404}", HANDOFFD_UNKNOWN},
        {200, "{\"sid\":\"" OTHER_SID "\",\"status\":\"delivered\"}", HANDOFFD_UNKNOWN},
        {200, "{}", HANDOFFD_UNKNOWN},
        {200, "[]", HANDOFFD_UNKNOWN},
        {200, "", HANDOFFD_UNKNOWN},
        {200, "{\"sid\":\"" SID "\",\"status\":\"delivered\"} x", HANDOFFD_UNKNOWN},
        {200, "{\"sid\":\"" SID "\",\"status\":\"delivered\"}\r\n ", HANDOFFD_DELIVERED},
        {201, "{\"sid\":\"" SID "\",\"status\":\"delivered\"}", HANDOFFD_UNKNOWN},
        {401, "{\"code\":20003,\"message\":\"Authenticate\"}", HANDOFFD_UNKNOWN},
        {429, "{\"code\":20429}", HANDOFFD_UNKNOWN},
        {500, "{\"code\":20500}", HANDOFFD_UNKNOWN},
        {503, "", HANDOFFD_UNKNOWN},
    };
    struct subject *subject = started(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ask(subject, SID);
        answer(subject, cases[i].status, cases[i].body);
        const struct made_report *report = fake_host_report(subject->host);
        if (report->outcome != cases[i].outcome)
            fail_msg("%d %s is %s", cases[i].status, cases[i].body, said_outcome(report->outcome));
        assert_true(report->outcome == HANDOFFD_DELIVERED || report->text[0] != '\0');
    }
    subject_stop(subject);
}

static void puts_no_odd_id_into_a_path(void **state)
{
    static const char *const ids[] = {"", "../Calls", "SM1/Media", "SM1?x", "SM%31", "SM 1"};
    struct subject *subject = started(*state);
    const struct handoffd_message message = example_message();
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        struct handoffd_attempt attempt = example_attempt(7, TO);
        attempt.message_id = ids[i];
        fake_host_clear(subject->host);
        subject_find(subject, &attempt, &message);
        assert_int_equal(subject->host->request_count, 0);
        assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_UNKNOWN);
    }
    subject_stop(subject);
}

/* ---- in the list */

static void asks_what_was_sent_to_that_number(void **state)
{
    struct subject *subject = started(*state);
    assert_string_equal(ask(subject, NULL)->url,
                        MESSAGES ".json?To=whatsapp%3A%2B5215512345678"
                                 "&From=whatsapp%3A%2B14155238886&PageSize=100");
    subject_stop(subject);
    set_account(subject);
    subject_set(subject, "messaging_service_sid", SERVICE);
    start(subject);
    assert_string_equal(ask(subject, NULL)->url,
                        MESSAGES ".json?To=whatsapp%3A%2B5215512345678&PageSize=100");
    subject_stop(subject);
}

/* Each of these alone in the list. */
static void tells_the_message_from_others(void **state)
{
    static const char mine[] =
        "🔔 *Nuevo cliente solicita atención humana*\\n\\n👤 *Cliente:* Juan Pérez\\n"
        "📱 *Teléfono:* +5215512345678\\n";
    const struct {
        struct entry entry;
        uint32_t outcome;
    } cases[] = {
        {{SID, "sent", 0, mine, noon, TO, "outbound-api"}, HANDOFFD_SENT},
        {{SID, "sent", 0, mine, noon, TO, "outbound-reply"}, HANDOFFD_SENT},
        {{SID, "sent", 0, mine, "Thu, 01 Jan 2026 11:50:00 +0000", TO, "outbound-api"},
         HANDOFFD_SENT},
        {{SID, "sent", 0, mine, "Thu, 01 Jan 2026 11:49:59 +0000", TO, "outbound-api"},
         HANDOFFD_ABSENT},
        {{SID, "sent", 0, mine, "Thu, 01 Jan 2026 06:00:00 -0600", TO, "outbound-api"},
         HANDOFFD_SENT},
        {{SID, "sent", 0, mine, "Thu, 01 Jan 2026 13:00:00 +0200", TO, "outbound-api"},
         HANDOFFD_ABSENT},
        {{SID, "sent", 0, mine, "1 Jan 2026 12:00:00 GMT", TO, "outbound-api"}, HANDOFFD_SENT},
        {{SID, "received", 0, mine, noon, TO, "inbound"}, HANDOFFD_ABSENT},
        {{SID, "sent", 0, mine, noon, "whatsapp:+5215512345679", "outbound-api"}, HANDOFFD_ABSENT},
        {{SID, "sent", 0, mine, noon, "whatsapp:+525512345678", "outbound-api"}, HANDOFFD_SENT},
        /* the same customer in other words: ours or another's */
        {{SID, "sent", 0, "Llama a +5215512345678 por favor", noon, TO, "outbound-api"},
         HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, "Llama a +52155123456789 por favor", noon, TO, "outbound-api"},
         HANDOFFD_ABSENT},
        {{SID, "sent", 0, "Llama a +5215512345679 por favor", noon, TO, "outbound-api"},
         HANDOFFD_ABSENT},
        /* a text that Twilio does not show may be any */
        {{SID, "sent", 0, "", noon, TO, "outbound-api"}, HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, NULL, noon, TO, "outbound-api"}, HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, NULL, "Thu, 01 Jan 2026 11:00:00 +0000", TO, "outbound-api"},
         HANDOFFD_ABSENT},
        /* nothing that Twilio writes */
        {{NULL, "sent", 0, "x", noon, TO, "outbound-api"}, HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, "x", NULL, TO, "outbound-api"}, HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, "x", "2026-01-01T12:00:00Z", TO, "outbound-api"}, HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, "x", "Thu, 01 Ene 2026 12:00:00 +0000", TO, "outbound-api"},
         HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, "x", "Thu, 01 Jan 2026 12:00:00", TO, "outbound-api"}, HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, "x", "Thu, 01 Jan 2026 12:00:00 +0000 x", TO, "outbound-api"},
         HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, "x", "Thu, 41 Jan 2026 12:00:00 +0000", TO, "outbound-api"},
         HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, "x", noon, NULL, "outbound-api"}, HANDOFFD_UNKNOWN},
        {{SID, "sent", 0, "x", noon, TO, NULL}, HANDOFFD_UNKNOWN},
    };
    struct subject *subject = started(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(subject, page_of(&cases[i].entry, 1, NULL), cases[i].outcome);
    expect(subject, page_of(NULL, 0, NULL), HANDOFFD_ABSENT);
    subject_stop(subject);
}

static void takes_the_newest_that_is_the_same(void **state)
{
    struct entry entries[] = {entry_of("queued"), entry_of("delivered"), entry_of("sent")};
    struct subject *subject = started(*state);
    entries[0].sid = OTHER_SID;
    entries[0].body = "otra cosa: +5215512345678"; /* similar, and newer */
    assert_int_equal(found(subject, page_of(entries, 3, NULL))->outcome, HANDOFFD_DELIVERED);
    assert_string_equal(fake_host_report(subject->host)->message_id, SID);
    entries[1].body = "nada";
    entries[2].body = "nada";
    assert_int_equal(found(subject, page_of(entries, 3, NULL))->outcome, HANDOFFD_UNKNOWN);
    assert_null(fake_host_report(subject->host)->message_id);
    subject_stop(subject);
}

static void takes_nobody_elses(void **state)
{
    static const char *const taken[] = {"SM00000000000000000000000000000009", SID};
    struct handoffd_attempt attempt = example_attempt(7, TO);
    const struct handoffd_message message = example_message();
    struct entry entries[] = {entry_of("sent"), entry_of("delivered")};
    struct subject *subject = started(*state);
    attempt.taken_ids = (struct handoffd_list){taken, COUNT_OF(taken)};
    subject_find(subject, &attempt, &message);
    answer(subject, 200, page_of(entries, 1, NULL));
    assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_ABSENT);
    fake_host_clear(subject->host);
    entries[1].sid = OTHER_SID;
    subject_find(subject, &attempt, &message);
    answer(subject, 200, page_of(entries, 2, NULL));
    assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_DELIVERED);
    assert_string_equal(fake_host_report(subject->host)->message_id, OTHER_SID);
    subject_stop(subject);
}

static void wants_the_conversation_too_where_the_text_shows_it(void **state)
{
    struct subject *subject = started(*state);
    struct handoffd_message message = example_message();
    message.text = "Cliente +5215512345678 en conv_abc123";
    expect_body(subject, &message, "+5215512345678 en conv_abc124", HANDOFFD_ABSENT);
    expect_body(subject, &message, "+5215512345678 en conv_abc1234", HANDOFFD_ABSENT);
    expect_body(subject, &message, "conv_abc123: +5215512345678", HANDOFFD_UNKNOWN);
    message.text = "Un cliente espera"; /* shows neither: only the very text is it */
    expect_body(subject, &message, "conv_abc123: +5215512345678", HANDOFFD_ABSENT);
    subject_stop(subject);
}

#define HEAD   "Nuevo cliente\n\nTel: +5215512345678\nMotivo: "
#define TAIL   "\nConv: conv_abc123"
#define NOTE   "Otra vez: el mismo cliente dijo algo más"
#define REASON "Quiere un robot"

/* The example, with this reason; `note` may be NULL. */
struct told {
    struct handoffd_message message;
    const char *names[3];
    const char *values[3];
    char text[512];
    char motivo[512];
};

static void tell(struct told *told, const char *note, const char *reason)
{
    bool has_note = note != NULL;
    note = has_note ? note : "";
    snprintf(told->text, sizeof told->text, "%s%s" HEAD "%s" TAIL, note, has_note ? "\n\n" : "",
             reason);
    snprintf(told->motivo, sizeof told->motivo, "%s%s%s", note, has_note ? ". " : "", reason);
    memcpy(told->names, (const char *[]){"telefono", "motivo", "conversacion"}, sizeof told->names);
    memcpy(told->values, (const char *[]){"+5215512345678", told->motivo, "conv_abc123"},
           sizeof told->values);
    told->message = (struct handoffd_message){
        .size = sizeof told->message, .text = told->text, .fields = {told->names, told->values, 3}};
}

/* A text as JSON has it. */
static const char *in_json(const char *text)
{
    static char json[1024];
    char *to = json;
    for (; *text != '\0'; text++) {
        if (*text == '\n' || *text == '"')
            *to++ = '\\';
        *to++ = *text == '\n' ? 'n' : *text;
    }
    *to = '\0';
    return json;
}

static void tells_attempts_apart_that_differ_in_the_reason(void **state)
{
    static const struct {
        const char *note;
        const char *reason;
        const char *other_note;
        const char *other_reason;
        uint32_t outcome; /* in the list is the other */
    } cases[] = {
        {NULL, REASON, NULL, REASON, HANDOFFD_SENT},
        {NOTE, REASON, NOTE, REASON, HANDOFFD_SENT},
        {NULL, REASON, NULL, "Pregunta por la garantía", HANDOFFD_ABSENT},
        {NULL, REASON " y su garantía", NULL, REASON, HANDOFFD_ABSENT},
        {NULL, REASON, NOTE, "Pregunta por la garantía", HANDOFFD_ABSENT},
        {NOTE, REASON, NOTE, "Pregunta por la garantía", HANDOFFD_ABSENT},
        {NOTE, REASON, NULL, "Pregunta por la garantía", HANDOFFD_ABSENT},
        {NOTE, REASON " y su garantía", NULL, REASON, HANDOFFD_ABSENT},
        /* another's, or ours in words that vendors.yaml had before */
        {NULL, REASON, NULL, REASON " y su garantía", HANDOFFD_UNKNOWN},
        {NULL, REASON, NOTE, REASON " y su garantía", HANDOFFD_UNKNOWN},
        {NULL, REASON, NOTE, REASON, HANDOFFD_UNKNOWN},
        {NOTE, REASON, NULL, REASON, HANDOFFD_UNKNOWN},
        /* a reason that the text has elsewhere too */
        {NULL, "e", NULL, "a", HANDOFFD_ABSENT},
        {NULL, "Tel", NULL, "Motivo", HANDOFFD_ABSENT},
    };
    struct subject *subject = started(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct told ours;
        struct told other;
        tell(&ours, cases[i].note, cases[i].reason);
        tell(&other, cases[i].other_note, cases[i].other_reason);
        expect_body(subject, &ours.message, in_json(other.text), cases[i].outcome);
    }
    subject_stop(subject);
}

static void is_in_doubt_where_other_words_stand_around_the_reason(void **state)
{
    struct subject *subject = started(*state);
    struct told ours;
    tell(&ours, NULL, REASON);
    expect_body(subject, &ours.message, "+5215512345678 conv_abc123 " REASON, HANDOFFD_UNKNOWN);
    expect_body(subject, &ours.message, "+5215512345678 conv_abc123 Otra cosa", HANDOFFD_UNKNOWN);
    expect_body(subject, &ours.message, in_json(HEAD "Otra cosa" TAIL "\nContexto: largo"),
                HANDOFFD_UNKNOWN);
    expect_body(subject, &ours.message, "+5215512345679 conv_abc123 " REASON, HANDOFFD_ABSENT);
    subject_stop(subject);
}

static struct subject *started_with_template(void *state, const char *variables)
{
    struct subject *subject = state;
    set_account(subject);
    subject_set(subject, "template.sid", CONTENT);
    subject_set(subject, "template.variables", variables);
    start(subject);
    return subject;
}

static void knows_a_template_by_the_values_that_fill_it(void **state)
{
    struct subject *subject = started_with_template(*state, "cliente,telefono,motivo,contexto");
    const struct handoffd_message message = example_message();
    static const struct {
        const char *body;
        uint32_t outcome;
    } cases[] = {
#define WHO     "Hola: Juan Pérez, +5215512345678."
#define WHY     "Cliente desea información sobre cotizaciones"
#define CONTEXT "El cliente preguntó\\npor robots para restaurante"
        {WHO "\\n" WHY "\\n" CONTEXT ". Gracias", HANDOFFD_SENT},
        {WHO " Motivo: " WHY ".\\n" CONTEXT ". Gracias", HANDOFFD_SENT},
        {WHO " *" WHY "* " CONTEXT ". Gracias", HANDOFFD_SENT},
        {WHO " 📝 " WHY "\\n" CONTEXT, HANDOFFD_SENT},
        {CONTEXT ". " WHO " (" WHY ")", HANDOFFD_SENT},
        {WHO " Motivo: " WHY, HANDOFFD_ABSENT},
        {WHO " " CONTEXT, HANDOFFD_ABSENT},
        {WHO " Motivo: Cliente desea información sobre entregas\\n" CONTEXT, HANDOFFD_ABSENT},
        {"Hola: Juana Pérez, +5215512345678. " WHY "\\n" CONTEXT, HANDOFFD_ABSENT},
        {"Hola: Juan Pérez, +52155123456780. " WHY "\\n" CONTEXT, HANDOFFD_ABSENT},
        {NULL, HANDOFFD_UNKNOWN},
        /* the reason may be a part of another one */
        {WHO "\\nMotivo: " WHY " de robots\\n" CONTEXT, HANDOFFD_UNKNOWN},
        {WHO "\\nMotivo: " WHY ". Urge\\n" CONTEXT, HANDOFFD_UNKNOWN},
        {WHO "\\nMotivo: " WHY " é\\n" CONTEXT, HANDOFFD_UNKNOWN},
        {WHO "\\nMotivo: " WHY "é\\n" CONTEXT, HANDOFFD_UNKNOWN},
        {WHO "\\nMotivo: Otra vez. " WHY "\\n" CONTEXT, HANDOFFD_UNKNOWN},
        {WHO "\\nMotivo: Ya no: o sí " WHY "\\n" CONTEXT, HANDOFFD_UNKNOWN},
        {WHO "\\nMotivo: Pasé " WHY "\\n" CONTEXT, HANDOFFD_UNKNOWN},
        {WHO "\\nMotivo: " WHY "s\\n" CONTEXT, HANDOFFD_ABSENT},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_body(subject, &message, cases[i].body, cases[i].outcome);
    subject_stop(subject);
}

static void tells_an_update_in_a_template_apart(void **state)
{
    struct subject *subject = started_with_template(*state, "telefono,motivo");
    struct told ours;
    tell(&ours, NULL, REASON);
    expect_body(subject, &ours.message, "+5215512345678: " REASON, HANDOFFD_SENT);
    expect_body(subject, &ours.message, "+5215512345678: " NOTE ". " REASON " y más",
                HANDOFFD_UNKNOWN);
    expect_body(subject, &ours.message, "+5215512345678: " NOTE ". " REASON, HANDOFFD_UNKNOWN);
    expect_body(subject, &ours.message, "+5215512345678: " NOTE ". Otra cosa", HANDOFFD_ABSENT);
    tell(&ours, NOTE, REASON);
    expect_body(subject, &ours.message, "+5215512345678: " NOTE ". " REASON, HANDOFFD_SENT);
    expect_body(subject, &ours.message, "+5215512345678: " REASON, HANDOFFD_UNKNOWN);
    expect_body(subject, &ours.message, "+5215512345678: Otra cosa", HANDOFFD_ABSENT);
    subject_stop(subject);
}

static void cannot_tell_where_a_template_does_not_show_what_differs(void **state)
{
    struct subject *subject = started_with_template(*state, "telefono,conversacion");
    const struct handoffd_message message = example_message();
    expect_body(subject, &message, "+5215512345678: conv_abc123", HANDOFFD_UNKNOWN);
    expect_body(subject, &message, "+5215512345678: conv_abc124", HANDOFFD_ABSENT);
    subject_stop(subject);
    set_account(subject);
    subject_set(subject, "template.sid", CONTENT);
    start(subject);
    expect_body(subject, &message, "Un cliente espera", HANDOFFD_UNKNOWN);
    subject_stop(subject);
}

static void is_sure_where_a_template_shows_the_id(void **state)
{
    struct subject *subject = started_with_template(*state, "telefono,id");
    struct told ours;
    tell(&ours, NULL, REASON);
    ours.names[2] = "id";
    ours.values[2] = "ho_7m2k9q";
    expect_body(subject, &ours.message, "ho_7m2k9q +5215512345678", HANDOFFD_SENT);
    expect_body(subject, &ours.message, "ho_7m2k9q0 +5215512345678", HANDOFFD_ABSENT);
    subject_stop(subject);
}

static void cannot_tell_several_apart_that_show_the_same(void **state)
{
    struct subject *subject = started_with_template(*state, "telefono,motivo");
    struct entry entries[] = {entry_of("sent"), entry_of("delivered")};
    entries[0].body = entries[1].body = "+5215512345678: " WHY;
    entries[1].sid = OTHER_SID;
    expect(subject, page_of(entries, 2, NULL), HANDOFFD_SENT);
    entries[1].body = "+5215512345678: *" WHY "* (conv_abc124)";
    expect(subject, page_of(entries, 2, NULL), HANDOFFD_UNKNOWN);
    entries[1].body = "+5215512345678: " WHY " y más"; /* the other is all ours */
    expect(subject, page_of(entries, 2, NULL), HANDOFFD_SENT);
    subject_stop(subject);
}

/* ---- clocks */

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

static void reads_the_list_by_twilios_clock(void **state)
{
    static const struct {
        const char *what;
        int64_t now_ms;  /* ours, since the attempt began */
        int64_t date_ms; /* Twilio's, since noon; -1: it does not say */
        const char *created;
        uint32_t outcome;
    } cases[] = {
        {"ours is two hours ahead", MINUTE_MS, MINUTE_MS - 2 * HOUR_MS,
         "Thu, 01 Jan 2026 10:00:00 +0000", HANDOFFD_SENT},
        {"and it is older", MINUTE_MS, MINUTE_MS - 2 * HOUR_MS, "Thu, 01 Jan 2026 09:49:59 +0000",
         HANDOFFD_ABSENT},
        {"ours is two hours behind", MINUTE_MS, MINUTE_MS + 2 * HOUR_MS,
         "Thu, 01 Jan 2026 14:00:00 +0000", HANDOFFD_SENT},
        {"and it is older", MINUTE_MS, MINUTE_MS + 2 * HOUR_MS, "Thu, 01 Jan 2026 13:49:59 +0000",
         HANDOFFD_ABSENT},
        {"Twilio does not say", MINUTE_MS, -1, "Wed, 31 Dec 2025 12:00:00 +0000", HANDOFFD_SENT},
        {"and it is older", MINUTE_MS, -1, "Wed, 31 Dec 2025 11:59:59 +0000", HANDOFFD_ABSENT},
        {"ours was set back", -3 * HOUR_MS, -3 * HOUR_MS, "Thu, 01 Jan 2026 08:00:00 +0000",
         HANDOFFD_SENT},
        {"and it is older", -3 * HOUR_MS, -3 * HOUR_MS, "Wed, 31 Dec 2025 08:59:59 +0000",
         HANDOFFD_ABSENT},
        {"and Twilio does not say", -3 * HOUR_MS, -1, "Wed, 31 Dec 2025 09:00:00 +0000",
         HANDOFFD_SENT},
    };
    struct subject *subject = started(*state);
    int64_t start_ms = example_attempt(7, TO).started_ms;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct entry entry = entry_of("sent");
        entry.date = cases[i].created;
        struct handoffd_http_answer http = http_answer(200, page_of(&entry, 1, NULL));
        http.date_ms = cases[i].date_ms != -1 ? start_ms + cases[i].date_ms : 0;
        subject->host->now_ms = start_ms + cases[i].now_ms;
        ask(subject, NULL);
        assert_true(fake_host_answer(subject->host, &http));
        const struct made_report *report = fake_host_report(subject->host);
        if (report->outcome != cases[i].outcome)
            fail_msg("%s: %s", cases[i].what, said_outcome(report->outcome));
    }
    subject_stop(subject);
}

static void says_unknown_where_the_list_cannot_be_read(void **state)
{
    static const struct {
        int32_t status;
        const char *body;
    } cases[] = {
        {200, ""},
        {200, "{"},
        {200, "[]"},
        {200, "{}"},
        {200, "null"},
        {200, "<html>"},
        {200, "{\"messages\":null}"},
        {200, "{\"messages\":{}}"},
        {200, "{\"messages\":[],\"next_page_uri\":null"},
        {200, "{\"messages\":[null],\"next_page_uri\":null}"},
        {200, "{\"messages\":[[]],\"next_page_uri\":null}"},
        {200, "{\"messages\":[],\"next_page_uri\":7}"},
        {200, "{\"messages\":[],\"next_page_uri\":\"\"}"},
        {200, "{\"messages\":[],\"next_page_uri\":\"https://evil.example.com/\"}"},
        {200, "{\"messages\":[],\"next_page_uri\":\"//evil.example.com/\"}"},
        {200,
         "{\"messages\":[],\"next_page_uri\":\"/2010-04-01/Accounts/AC2/Messages.json?Page=1\"}"},
        {200, "{\"messages\":[],\"next_page_uri\":\"@evil.example.com/\"}"},
        {200, "{\"messages\":[],\"next_page_uri\":\"" NEXT_PAGE " x\"}"},
        {200,
         "{\"messages\":[],\"next_page_uri\":\"https://api.twilio.com.evil.example.com" NEXT_PAGE
         "\"}"},
        {204, ""},
        {302, ""},
        {400, "{\"code\":20001}"},
        {401, "{\"code\":20003}"},
        {404, "{\"code\":20404}"}, /* of a list, that is a wrong account */
        {429, "{\"code\":20429}"},
        {500, "{\"messages\":[],\"next_page_uri\":null}"},
    };
    struct subject *subject = started(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ask(subject, NULL);
        answer(subject, cases[i].status, cases[i].body);
        const struct made_report *report = fake_host_report(subject->host);
        if (report->outcome != HANDOFFD_UNKNOWN || report->text[0] == '\0')
            fail_msg("%d %s is %s", cases[i].status, cases[i].body, said_outcome(report->outcome));
        assert_int_equal(subject->host->request_count, 1);
    }
    subject_stop(subject);
}

static void says_unknown_where_nobody_answers(void **state)
{
    static const uint32_t results[] = {HANDOFFD_HTTP_NOT_SENT, HANDOFFD_HTTP_NO_ANSWER};
    struct subject *subject = started(*state);
    for (size_t i = 0; i < 2 * COUNT_OF(results); i++) {
        struct handoffd_http_answer http = http_answer(200, "{\"messages\":[]}");
        http.result = results[i / 2];
        http.error = "connection reset";
        ask(subject, i % 2 == 0 ? SID : NULL);
        assert_true(fake_host_answer(subject->host, &http));
        assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_UNKNOWN);
        assert_string_equal(fake_host_report(subject->host)->text, "connection reset");
    }
    subject_stop(subject);
}

/* ---- pages */

static void turns_pages_until_everything_is_too_old(void **state)
{
    struct entry young = entry_of("sent");
    struct entry old = entry_of("sent");
    struct subject *subject = started(*state);
    young.body = "otra";
    old.date = "Wed, 31 Dec 2025 12:00:00 +0000";
    ask(subject, NULL);
    answer(subject, 200, page_of(&young, 1, NEXT_PAGE));
    assert_int_equal(subject->host->request_count, 2);
    assert_string_equal(subject->host->requests[1].url, "https://api.twilio.com" NEXT_PAGE);
    assert_string_equal(subject->host->requests[1].user, ACCOUNT);
    answer(subject, 200, page_of(&old, 1, NEXT_PAGE));
    assert_int_equal(subject->host->request_count, 2);
    assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_ABSENT);
    subject_stop(subject);
}

static void finds_it_on_a_later_page(void **state)
{
    struct entry similar = entry_of("sent");
    const struct entry same = entry_of("read");
    struct subject *subject = started(*state);
    similar.sid = OTHER_SID;
    similar.body = "+5215512345678";
    ask(subject, NULL);
    answer(subject, 200, page_of(&similar, 1, "https://api.twilio.com" NEXT_PAGE));
    answer(subject, 200, page_of(&same, 1, NEXT_PAGE));
    assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_READ);
    ask(subject, NULL);
    answer(subject, 200, page_of(&similar, 1, NEXT_PAGE));
    answer(subject, 200, page_of(NULL, 0, NULL));
    assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_UNKNOWN);
    subject_stop(subject);
}

static void is_not_sure_where_a_page_is_missing(void **state)
{
    struct entry young = entry_of("sent");
    struct subject *subject = started(*state);
    young.body = "otra";
    ask(subject, NULL);
    answer(subject, 200, page_of(&young, 1, NEXT_PAGE));
    answer(subject, 500, "");
    assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_UNKNOWN);
    ask(subject, NULL);
    for (int i = 0; i < 5; i++)
        answer(subject, 200, page_of(&young, 1, NEXT_PAGE));
    assert_int_equal(subject->host->request_count, 5);
    assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_UNKNOWN);
    subject_stop(subject);
}

static void ends_within_its_minute(void **state)
{
    struct entry young = entry_of("sent");
    struct subject *subject = started(*state);
    young.body = "otra";
    assert_int_equal(ask(subject, NULL)->timeout_ms, 10000);
    subject->host->now_ms += 42000;
    answer(subject, 200, page_of(&young, 1, NEXT_PAGE));
    assert_int_equal(subject->host->requests[1].timeout_ms, 8000);
    subject->host->now_ms += 42000;
    answer(subject, 200, page_of(&young, 1, NEXT_PAGE));
    assert_int_equal(subject->host->requests[2].timeout_ms, 1);
    subject_stop(subject);
}

/* ---- several at once */

static void keeps_calls_of_one_attempt_apart(void **state)
{
    struct subject *subject = started(*state);
    const struct handoffd_attempt attempt = example_attempt(7, TO);
    const struct handoffd_message message = example_message();
    const struct entry entry = entry_of("delivered");
    struct loan *given = NULL;
    subject_deliver(subject, &attempt, &message, &given);
    subject_find(subject, &attempt, &message);
    subject_find(subject, &attempt, &message);
    answer(subject, 201, "{\"sid\":\"" SID "\"}");
    answer(subject, 200, page_of(&entry, 1, NULL));
    subject_end_attempt(given);
    assert_int_equal(subject->host->report_count, 2);
    assert_int_equal(subject->host->reports[0].outcome, HANDOFFD_SENT);
    assert_int_equal(subject->host->reports[1].outcome, HANDOFFD_DELIVERED);
    subject_stop(subject); /* the third is still out: the leak detector looks */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(asks_for_one_message_where_its_id_is_known),
        PLUGIN_TEST(reports_what_became_of_it),
        PLUGIN_TEST(takes_no_message_whose_id_cannot_be_kept),
        PLUGIN_TEST(says_absent_only_where_twilio_knows_no_such_id),
        PLUGIN_TEST(puts_no_odd_id_into_a_path),
        PLUGIN_TEST(asks_what_was_sent_to_that_number),
        PLUGIN_TEST(tells_the_message_from_others),
        PLUGIN_TEST(takes_the_newest_that_is_the_same),
        PLUGIN_TEST(takes_nobody_elses),
        PLUGIN_TEST(wants_the_conversation_too_where_the_text_shows_it),
        PLUGIN_TEST(tells_attempts_apart_that_differ_in_the_reason),
        PLUGIN_TEST(is_in_doubt_where_other_words_stand_around_the_reason),
        PLUGIN_TEST(knows_a_template_by_the_values_that_fill_it),
        PLUGIN_TEST(tells_an_update_in_a_template_apart),
        PLUGIN_TEST(cannot_tell_where_a_template_does_not_show_what_differs),
        PLUGIN_TEST(is_sure_where_a_template_shows_the_id),
        PLUGIN_TEST(cannot_tell_several_apart_that_show_the_same),
        PLUGIN_TEST(reads_the_list_by_twilios_clock),
        PLUGIN_TEST(says_unknown_where_the_list_cannot_be_read),
        PLUGIN_TEST(says_unknown_where_nobody_answers),
        PLUGIN_TEST(turns_pages_until_everything_is_too_old),
        PLUGIN_TEST(finds_it_on_a_later_page),
        PLUGIN_TEST(is_not_sure_where_a_page_is_missing),
        PLUGIN_TEST(ends_within_its_minute),
        PLUGIN_TEST(keeps_calls_of_one_attempt_apart),
    };
    return run_plugin_tests("channel/twilio_whatsapp", tests);
}
