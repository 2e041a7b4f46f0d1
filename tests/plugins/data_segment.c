/* data_segment - found by the library's own program headers (dl_iterate_phdr), without what the
 * linker locks after relocation. */
#include "data_segment.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct data_segment {
    const char *path;
    const char *start; /* NULL: it has none */
    size_t length;
    char *copy;
};

static int find_segment(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    struct data_segment *segment = context;
    if (strcmp(info->dlpi_name, segment->path) != 0)
        return 0;
    const ElfW(Phdr) *locked = NULL;
    const ElfW(Phdr) *writable = NULL;
    for (ElfW(Half) i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_GNU_RELRO)
            locked = header;
        else if (header->p_type == PT_LOAD && (header->p_flags & PF_W) != 0)
            writable = header;
    }
    if (writable == NULL)
        return 1;
    ElfW(Addr) start = writable->p_vaddr;
    ElfW(Addr) end = start + writable->p_memsz;
    if (locked != NULL && locked->p_vaddr + locked->p_memsz > start)
        start = locked->p_vaddr + locked->p_memsz;
    segment->start = (const char *)(info->dlpi_addr + start);
    segment->length = end > start ? end - start : 0;
    return 1;
}

/* Byte by byte, since ASan keeps red zones between the variables and its memcpy minds them. */
__attribute__((no_sanitize_address)) static void copy_bytes(char *to, const volatile char *from,
                                                            size_t length)
{
    for (size_t i = 0; i < length; i++)
        to[i] = from[i];
}

struct data_segment *data_segment_copy(const char *path)
{
    struct data_segment *segment = memory_zeroed(1, sizeof *segment);
    segment->path = path;
    dl_iterate_phdr(find_segment, segment);
    segment->copy = memory_zeroed(segment->length, 1);
    copy_bytes(segment->copy, segment->start, segment->length);
    return segment;
}

bool data_segment_is_same(const struct data_segment *segment)
{
    CLEANUP(memory_free) char *now = memory_zeroed(segment->length, 1);
    copy_bytes(now, segment->start, segment->length);
    return segment->length == 0 || memcmp(segment->copy, now, segment->length) == 0;
}

void data_segment_destroy(struct data_segment *segment)
{
    free(segment->copy);
    free(segment);
}
