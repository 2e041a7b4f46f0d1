/* subject - loading, options and life of a plugin under test. */
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/options.h"
#include "fault.h"
#include "loan.h"
#include "option_value.h"

enum { ARENA_BYTES = 4096 };

static const struct plugin *load_either(const char *path, struct arena *arena, struct error *error)
{
    const struct plugin *plugin = plugin_load(path, PLUGIN_ROUTER, arena, error);
    struct error other; /* the kind is checked last: any other fault is the same for both */
    return plugin != NULL ? plugin : plugin_load(path, PLUGIN_CHANNEL, arena, &other);
}

static void make_state(struct subject *subject)
{
    const struct handoffd_plugin *contract = &subject->plugin->contract;
    subject->state_loan = loan_create();
    subject->values = loan_create();
    if (contract->state_size == 0)
        return;
    CLEANUP(memory_free) void *zeros = memory_zeroed(1, contract->state_size);
    subject->state = loan_copy(subject->state_loan, zeros, contract->state_size);
    option_defaults(&contract->options, subject->state, subject->arena);
}

static void drop_state(struct subject *subject)
{
    loan_destroy(subject->state_loan);
    loan_destroy(subject->values);
    subject->state = NULL;
}

struct subject *subject_load(const char *path, struct error *error)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    const struct plugin *plugin = load_either(path, arena, error);
    if (plugin == NULL) {
        arena_destroy(arena);
        return NULL;
    }
    struct subject *subject = memory_zeroed(1, sizeof *subject);
    *subject = (struct subject){.plugin = plugin, .arena = arena, .host = fake_host_create()};
    make_state(subject);
    return subject;
}

void subject_unload(struct subject *subject)
{
    if (subject == NULL)
        return;
    drop_state(subject);
    fake_host_destroy(subject->host);
    arena_destroy(subject->arena);
    free(subject);
}

void subject_set(struct subject *subject, const char *name, const char *value)
{
    option_set(&subject->plugin->contract.options, name, value, subject->state, subject->values);
}

bool subject_start(struct subject *subject, char *error, size_t error_size)
{
    loan_protect(subject->values);
    error[0] = '\0';
    if (subject->plugin->contract.start == NULL)
        return true;
    fault_enter("start");
    bool is_started =
        subject->plugin->contract.start(subject->state, &subject->host->table, error, error_size);
    fault_leave();
    if (!is_started && (error[0] == '\0' || memchr(error, '\0', error_size) == NULL))
        fault("start says false without words in error");
    return is_started;
}

void subject_stop(struct subject *subject)
{
    if (subject->plugin->contract.stop != NULL) {
        fault_enter("stop");
        subject->plugin->contract.stop(subject->state);
        fault_leave();
    }
    subject_forget(subject);
}

void subject_forget(struct subject *subject)
{
    drop_state(subject);
    make_state(subject);
}
