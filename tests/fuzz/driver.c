/* driver - runs a fuzz target over the files of a folder, as an ordinary test: `fuzz_http
 * tests/fuzz/corpus/http`. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { MOST_BYTES = 1024 * 1024 };

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    uint8_t *bytes = malloc(MOST_BYTES);
    size_t length = bytes != NULL ? fread(bytes, 1, MOST_BYTES, file) : 0;
    fclose(file);
    /* A block of the exact size, so that a sanitizer sees one byte too many. */
    uint8_t *exact = malloc(length > 0 ? length : 1);
    if (bytes != NULL && exact != NULL) {
        memcpy(exact, bytes, length);
        LLVMFuzzerTestOneInput(exact, length);
    }
    free(exact);
    free(bytes);
    return 1;
}

int main(int argc, char **argv)
{
    char path[4096];
    int files = 0;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        files += run_file(path);
    }
    closedir(folder);
    printf("%d files\n", files);
    return files > 0 ? 0 : 1;
}
