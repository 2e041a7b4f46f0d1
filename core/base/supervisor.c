/* supervisor - a connected datagram socket, and a timer. */
#include "base/supervisor.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

enum { TIMES_IN_AN_INTERVAL = 3 };

struct supervisor {
    struct loop *loop;
    struct timer timer;
    int64_t every_ms; /* 0: no watchdog */
    int descriptor;
};

/* "/run/…", or "@…": an address without a file. */
static bool address_of(const char *text, struct sockaddr_un *address, socklen_t *length)
{
    size_t size = strlen(text);
    if ((text[0] != '/' && text[0] != '@') || size >= sizeof address->sun_path)
        return false;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, text, size);
    if (text[0] == '@')
        address->sun_path[0] = '\0';
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    return true;
}

static int connect_to(const char *text)
{
    struct sockaddr_un address;
    socklen_t length = 0;
    if (!address_of(text, &address, &length))
        return -1;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor >= 0 && connect(descriptor, (const struct sockaddr *)&address, length) == 0)
        return descriptor;
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

/* The number in a variable; 0: none. */
static int64_t number_in(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    long long number = text != NULL ? strtoll(text, &end, 10) : 0;
    return text != NULL && *end == '\0' && number > 0 ? number : 0;
}

static int64_t watchdog_ms(void)
{
    int64_t process = number_in("WATCHDOG_PID");
    return process == 0 || process == getpid() ? number_in("WATCHDOG_USEC") / 1000 : 0;
}

static void tell(const struct supervisor *supervisor, const char *text)
{
    if (send(supervisor->descriptor, text, strlen(text), MSG_NOSIGNAL) < 0)
        log_warning("the service manager does not hear us message=%s", text);
}

static void on_due(struct timer *timer)
{
    struct supervisor *supervisor = container_of(timer, struct supervisor, timer);
    tell(supervisor, "WATCHDOG=1");
    loop_timer_start(supervisor->loop, timer, supervisor->every_ms);
}

struct supervisor *supervisor_create(struct loop *loop)
{
    const char *text = getenv("NOTIFY_SOCKET");
    struct supervisor *supervisor = NULL;
    int descriptor = text != NULL ? connect_to(text) : -1;
    if (descriptor >= 0) {
        supervisor = memory_zeroed(1, sizeof *supervisor);
        supervisor->loop = loop;
        supervisor->descriptor = descriptor;
        supervisor->timer.on_due = on_due;
        supervisor->every_ms = watchdog_ms() / TIMES_IN_AN_INTERVAL;
    } else if (text != NULL) {
        log_warning("the service manager cannot be reached NOTIFY_SOCKET=%s", text);
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return supervisor;
}

void supervisor_destroy(struct supervisor *supervisor)
{
    if (supervisor == NULL)
        return;
    loop_timer_stop(supervisor->loop, &supervisor->timer);
    close(supervisor->descriptor);
    free(supervisor);
}

void supervisor_tell_ready(struct supervisor *supervisor)
{
    if (supervisor == NULL)
        return;
    tell(supervisor, "READY=1");
    if (supervisor->every_ms > 0)
        loop_timer_start(supervisor->loop, &supervisor->timer, 0);
}

void supervisor_tell_stopping(struct supervisor *supervisor)
{
    if (supervisor != NULL)
        tell(supervisor, "STOPPING=1");
}
