/* writer - tries first; most answers are small, and a socket that is read takes them. */
#include "http/writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Bytes that did not leave at once. */
struct rest {
    uv_write_t write;
    void (*on_done)(uv_stream_t *stream, int status);
    char bytes[];
};

static void on_written(uv_write_t *write, int status)
{
    struct rest *rest = container_of(write, struct rest, write);
    uv_stream_t *stream = write->handle;
    void (*on_done)(uv_stream_t *, int) = rest->on_done;
    free(rest);
    if (on_done != NULL)
        on_done(stream, status);
}

static size_t total_length(const uv_buf_t pieces[], unsigned count)
{
    size_t total = 0;
    for (unsigned i = 0; i < count; i++)
        total += pieces[i].len;
    return total;
}

static void copy_behind(char *to, const uv_buf_t pieces[], unsigned count, size_t sent)
{
    for (unsigned i = 0; i < count; i++) {
        size_t skipped = sent < pieces[i].len ? sent : pieces[i].len;
        size_t left = pieces[i].len - skipped;
        if (left > 0)
            memcpy(to, pieces[i].base + skipped, left);
        to += left;
        sent -= skipped;
    }
}

enum writer_result writer_send(uv_stream_t *stream, const uv_buf_t pieces[], unsigned count,
                               void (*on_done)(uv_stream_t *stream, int status))
{
    size_t total = total_length(pieces, count);
    int result = uv_try_write(stream, pieces, count);
    if (result < 0 && result != UV_EAGAIN)
        return WRITER_FAILED;
    size_t sent = result > 0 ? (size_t)result : 0;
    if (sent == total)
        return WRITER_DONE;
    struct rest *rest = memory_zeroed(1, sizeof *rest + total - sent);
    rest->on_done = on_done;
    copy_behind(rest->bytes, pieces, count, sent);
    uv_buf_t piece = uv_buf_init(rest->bytes, (unsigned)(total - sent));
    if (uv_write(&rest->write, stream, &piece, 1, on_written) == 0)
        return WRITER_PENDING;
    free(rest);
    return WRITER_FAILED;
}
