/* files_in_memory - takes the place of config/file.c in a fuzz target: the only files there are
 * have been named here, so that nothing is written to a disk for each input. */
#ifndef TESTS_FUZZ_FILES_IN_MEMORY_H
#define TESTS_FUZZ_FILES_IN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* A file of this name, in any folder, from now on; the bytes are borrowed. */
void files_put(const char *name, const char *bytes, size_t length, bool is_shared);
void files_forget(void);

#endif
