/* fuzz_show - any answer of a daemon on an operator's terminal: lines of text, and nothing that a
 * terminal obeys. The first byte chooses the view. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"
#include "base/utf8.h"
#include "command/show.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void (*const views[])(const char *json) = {
    show_list, show_alerts, show_story, show_keys, show_new_key, show_verdict, show_detail,
};

static void check_output(const char *text, size_t length, bool is_text)
{
    require(strlen(text) == length);
    require(!is_text || utf8_is_valid(text, length));
    while (*text != '\0') {
        uint32_t character = utf8_next(&text);
        require(character >= 0x20 || character == '\n');
        require(character < 0x7f || character > 0x9f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    void (*view)(const char *json) = views[input_byte(&input) % COUNT_OF(views)];
    CLEANUP(memory_free) char *json = input_rest(&input, NULL);
    FILE *const terminal[] = {stdout, stderr};
    char *text = NULL;
    size_t length = 0;
    stdout = stderr = open_memstream(&text, &length);
    require(stdout != NULL);
    view(json);
    FILE *memory = stdout;
    stdout = terminal[0];
    stderr = terminal[1];
    require(fclose(memory) == 0);
    check_output(text, length, utf8_is_valid(json, strlen(json)));
    free(text);
    return 0;
}
