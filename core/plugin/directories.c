/* directories - walks the list of plugin directories in one place; finding and listing are visits.
 */
#include "plugin/directories.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

typedef bool on_directory(void *context, const char *directory);

static bool own_directory(char path[static PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
    for (int level = 0; level < 2; level++) { /* off with the file, off with its folder */
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return false;
        *slash = '\0';
    }
    static const char below[] = "/lib/handoffd";
    size_t used = strlen(path);
    if (used + sizeof below > PATH_MAX)
        return false;
    memcpy(path + used, below, sizeof below);
    return true;
}

/* Visits in order until a visit says true. */
static bool each_directory(on_directory *visit, void *context)
{
    const char *listed = getenv("HANDOFFD_PLUGIN_PATH");
    CLEANUP(memory_free) char *list = memory_text(listed != NULL ? listed : "");
    char *rest = NULL;
    for (char *item = strtok_r(list, ":", &rest); item; item = strtok_r(NULL, ":", &rest)) {
        if (visit(context, item))
            return true;
    }
    char own[PATH_MAX];
    return own_directory(own) && visit(context, own);
}

/* ---------------------------------------------------------------- find */

struct search {
    const char *folder;
    const char *name;
    char *path;
};

static bool find_in(void *context, const char *directory)
{
    struct search *search = context;
    int length = snprintf(search->path, PATH_MAX, "%s%s/%s/%s.so", directory[0] == '/' ? "" : "./",
                          directory, search->folder, search->name);
    return length > 0 && length < PATH_MAX && access(search->path, F_OK) == 0;
}

bool directories_find(const char *folder, const char *name, char path[static PATH_MAX])
{
    struct search search = {.folder = folder, .name = name, .path = path};
    return each_directory(find_in, &search);
}

/* ---------------------------------------------------------------- text */

struct text {
    const char *folder;
    char *bytes;
    size_t size;
    size_t length;
};

static bool append_directory(void *context, const char *directory)
{
    struct text *text = context;
    int added = snprintf(text->bytes + text->length, text->size - text->length, "%s%s/%s",
                         text->length > 0 ? ", " : "", directory, text->folder);
    text->length += added > 0 ? (size_t)added : 0;
    return text->length >= text->size; /* full: the rest is not told */
}

void directories_text(const char *folder, char *text, size_t size)
{
    text[0] = '\0';
    struct text all = {.folder = folder, .bytes = text, .size = size};
    each_directory(append_directory, &all);
}

/* ---------------------------------------------------------------- list */

struct listing {
    const char *folder;
    struct directories_names names;
};

static void list_name(struct directories_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0)
            return;
    }
    names->items = memory_resized(names->items, (names->count + 1) * sizeof names->items[0]);
    names->items[names->count++] = memory_text(name);
}

static void list_file(struct directories_names *names, const char *file)
{
    static const char ending[] = ".so";
    size_t length = strlen(file);
    size_t ending_length = sizeof ending - 1;
    if (length <= ending_length || strcmp(file + length - ending_length, ending) != 0)
        return;
    CLEANUP(memory_free) char *name = memory_text(file);
    name[length - ending_length] = '\0';
    list_name(names, name);
}

static bool list_in(void *context, const char *directory)
{
    struct listing *listing = context;
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", directory, listing->folder);
    DIR *folder = length > 0 && length < PATH_MAX ? opendir(path) : NULL;
    if (folder == NULL)
        return false;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        list_file(&listing->names, entry->d_name);
    closedir(folder);
    return false;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

struct directories_names directories_list(const char *folder)
{
    struct listing listing = {.folder = folder};
    each_directory(list_in, &listing);
    if (listing.names.count > 0)
        qsort(listing.names.items, listing.names.count, sizeof listing.names.items[0],
              compare_names);
    return listing.names;
}

void directories_names_deinit(struct directories_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct directories_names){0};
}
