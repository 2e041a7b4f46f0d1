/* conformance - does this plugin keep the laws of plugin.h? `conformance PLUGIN.so [--to ADDRESS]
 * [--country MX] [OPTION=VALUE]... [person.OPTION=VALUE]...`
 *
 * 0: it does. 1: it does not, with the law in words. 2: wrong use. What is checked of every plugin
 * stands here; what is special to routers and channels, in conformance_router.c and
 * conformance_channel.c. */
#include "conformance.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data_segment.h"
#include "fault.h"

enum { MOST_START_ERROR = 256 };

void conformance_start(struct subject *subject, const struct settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        CLEANUP(memory_free) char *name = memory_text(settings->items[i]);
        char *equals = strchr(name, '=');
        *equals = '\0';
        if (strncmp(name, "person.", 7) != 0)
            subject_set(subject, name, equals + 1);
    }
    char error[MOST_START_ERROR];
    if (!subject_start(subject, error, sizeof error))
        fault("start says false: %s", error);
}

static size_t count_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    size_t count = 0;
    while (tasks != NULL && readdir(tasks) != NULL)
        count++;
    if (tasks != NULL)
        closedir(tasks);
    return count;
}

static void check_all(struct subject *subject, const struct settings *settings)
{
    size_t threads = count_threads();
    struct data_segment *before = data_segment_copy(subject->plugin->path);
    if (subject->plugin->kind == PLUGIN_ROUTER)
        conformance_router(subject, settings);
    else
        conformance_channel(subject, settings);
    if (count_threads() != threads)
        fault("law 1 (threads): started a thread");
    if (!data_segment_is_same(before))
        fault("law 6 (state): keeps something in a variable of its own, outside its state");
    data_segment_destroy(before);
}

static int usage(void)
{
    fprintf(stderr, "usage: conformance PLUGIN.so [--to ADDRESS] [--country CC] "
                    "[OPTION=VALUE]... [person.OPTION=VALUE]...\n");
    return 2;
}

static bool read_arguments(int count, char *arguments[], struct settings *settings)
{
    for (int i = 0; i < count; i++) {
        bool has_next = i + 1 < count;
        if (strcmp(arguments[i], "--to") == 0 && has_next)
            settings->to = arguments[++i];
        else if (strcmp(arguments[i], "--country") == 0 && has_next)
            settings->country = arguments[++i];
        else if (strchr(arguments[i], '=') != NULL)
            settings->items[settings->count++] = arguments[i];
        else
            return false;
    }
    return true;
}

int main(int argument_count, char *arguments[])
{
    struct settings settings = {.items = memory_zeroed((size_t)argument_count, sizeof(char *)),
                                .to = "+5215512345678"};
    if (argument_count < 2 || !read_arguments(argument_count - 2, arguments + 2, &settings)) {
        free(settings.items);
        return usage();
    }
    const char *slash = strrchr(arguments[1], '/');
    fault_start(slash != NULL ? slash + 1 : arguments[1]);
    CLEANUP(memory_free) char *path = realpath(arguments[1], NULL);
    struct error error;
    struct subject *subject = subject_load(path != NULL ? path : arguments[1], &error);
    if (subject == NULL)
        fault("%s", error.message);
    check_all(subject, &settings);
    printf("%s keeps the laws\n", subject->plugin->contract.name);
    subject_unload(subject);
    free(settings.items);
    return 0;
}
