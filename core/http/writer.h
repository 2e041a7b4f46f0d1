/* writer - a few pieces of bytes to a socket: in one write where it takes them all, the rest from a
 * copy. */
#ifndef HTTP_WRITER_H
#define HTTP_WRITER_H

#include <uv.h>

enum writer_result {
    WRITER_DONE,    /* all has left */
    WRITER_PENDING, /* on_done will say */
    WRITER_FAILED   /* nothing more can be written; on_done will not run */
};

/* on_done (may be NULL) runs on a later turn, with libuv's status, while the stream is not freed.
 */
enum writer_result writer_send(uv_stream_t *stream, const uv_buf_t pieces[], unsigned count,
                               void (*on_done)(uv_stream_t *stream, int status));

#endif
