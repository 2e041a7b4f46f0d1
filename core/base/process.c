/* process - uv_spawn, a pipe for the text, a timer for its patience.
 *
 * One struct a program; freed when its two handles are closed and its text is written. */
#include "base/process.h"

#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

struct process {
    struct processes *owner;
    struct process *next;
    struct process **previous;
    uv_process_t handle;
    uv_pipe_t input;
    uv_write_t write;
    struct timer patience;
    char *name;
    char *text;
    int open_handles;
    bool was_killed;
};

struct processes {
    struct loop *loop;
    struct process *running;
    size_t count;
    bool is_closing;
};

struct processes *processes_create(struct loop *loop)
{
    struct processes *processes = memory_zeroed(1, sizeof *processes);
    processes->loop = loop;
    return processes;
}

static void release(struct process *process)
{
    struct processes *owner = process->owner;
    if (--process->open_handles > 0)
        return;
    *process->previous = process->next;
    if (process->next != NULL)
        process->next->previous = process->previous;
    owner->count--;
    free(process->name);
    free(process->text);
    free(process);
    if (owner->is_closing && owner->count == 0)
        free(owner);
}

static void on_closed(uv_handle_t *handle)
{
    release(handle->data);
}

static void on_exit_of(uv_process_t *handle, int64_t status, int signal_number)
{
    struct process *process = handle->data;
    loop_timer_stop(process->owner->loop, &process->patience);
    if (process->was_killed)
        log_error("%s took too long and was ended", process->name);
    else if (status != 0 || signal_number != 0)
        log_error("%s failed exit=%lld signal=%d", process->name, (long long)status, signal_number);
    uv_close((uv_handle_t *)handle, on_closed);
    if (!uv_is_closing((uv_handle_t *)&process->input))
        uv_close((uv_handle_t *)&process->input, on_closed);
}

static void on_patience_over(struct timer *timer)
{
    struct process *process = container_of(timer, struct process, patience);
    process->was_killed = true;
    uv_kill(-process->handle.pid, SIGKILL);
}

/* A program that does not read its input is its own affair. */
static void on_written(uv_write_t *write, int status)
{
    struct process *process = container_of(write, struct process, write);
    (void)status;
    if (!uv_is_closing((uv_handle_t *)&process->input))
        uv_close((uv_handle_t *)&process->input, on_closed);
}

/* libcurl opens its sockets without CLOEXEC. */
static void keep_our_files(void)
{
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

static int spawn(struct process *process, const char *command)
{
    char *arguments[] = {"/bin/sh", "-c", (char *)command, NULL};
    uv_stdio_container_t files[] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&process->input},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
    };
    uv_process_options_t options = {
        .exit_cb = on_exit_of,
        .file = arguments[0],
        .args = arguments,
        .flags = UV_PROCESS_DETACHED, /* a group of its own, to be ended as one */
        .stdio_count = (int)COUNT_OF(files),
        .stdio = files,
    };
    keep_our_files();
    return uv_spawn(loop_uv(process->owner->loop), &process->handle, &options);
}

static void link_process(struct processes *processes, struct process *process)
{
    process->owner = processes;
    process->open_handles = 2;
    process->next = processes->running;
    process->previous = &processes->running;
    if (process->next != NULL)
        process->next->previous = &process->next;
    processes->running = process;
    processes->count++;
}

void process_run(struct processes *processes, const char *command, const char *input,
                 int64_t timeout_ms, const char *name)
{
    struct process *process = memory_zeroed(1, sizeof *process);
    process->name = memory_text(name);
    process->text = memory_text(input);
    process->handle.data = process->input.data = process;
    process->patience.on_due = on_patience_over;
    link_process(processes, process);
    uv_pipe_init(loop_uv(processes->loop), &process->input, 0);
    int status = spawn(process, command);
    if (status != 0) {
        log_error("%s could not be started: %s", name, uv_strerror(status));
        uv_close((uv_handle_t *)&process->handle, on_closed);
        uv_close((uv_handle_t *)&process->input, on_closed);
        return;
    }
    loop_timer_start(processes->loop, &process->patience, timeout_ms);
    uv_buf_t text = uv_buf_init(process->text, (unsigned)strlen(process->text));
    uv_write(&process->write, (uv_stream_t *)&process->input, &text, 1, on_written);
}

void processes_close(struct processes *processes)
{
    if (processes == NULL)
        return;
    processes->is_closing = true;
    if (processes->count == 0) {
        free(processes);
        return;
    }
    for (struct process *process = processes->running; process; process = process->next) {
        if (uv_is_active((uv_handle_t *)&process->handle))
            uv_kill(-process->handle.pid, SIGKILL);
    }
}
