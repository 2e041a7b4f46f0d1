/* fault - watches the plugin's calls: a signal in one of them is told in the words of the law that
 * it broke.
 *
 * The signal handlers need to know what runs; so this file has state of its own, which is one
 * struct. */
#include "fault.h"

#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "loan.h"

enum { LINE_BYTES = 512, WATCHDOG_S = 3, LONGEST_WAIT_MS = 1000 };

static struct {
    const char *who;
    const char *volatile what; /* NULL: no call of the plugin runs */
    int64_t wall_ms;
    int64_t cpu_ms;
} watch = {.who = "plugin"};

/* write(2) and _exit(2) only: a signal handler comes through here. */
static _Noreturn void say_and_exit(const char *line)
{
    char whole[LINE_BYTES];
    size_t length = 0;
    const char *const parts[] = {watch.who, ": ", line, "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (const char *next = parts[i]; *next != '\0' && length < sizeof whole; next++)
            whole[length++] = *next;
    }
    if (write(STDERR_FILENO, whole, length) < 0)
        _exit(2);
    _exit(1);
}

_Noreturn void fault(const char *format, ...)
{
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fflush(stdout);
    say_and_exit(line);
}

static void join(char *to, size_t size, const char *start, const char *end)
{
    size_t length = 0;
    for (; *start != '\0' && length + 1 < size; start++)
        to[length++] = *start;
    for (; *end != '\0' && length + 1 < size; end++)
        to[length++] = *end;
    to[length] = '\0';
}

static void on_bad_memory(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    (void)context;
    char line[LINE_BYTES];
    if (watch.what == NULL)
        say_and_exit("the test itself crashed");
    const char *words = loan_explain(info->si_addr);
    join(line, sizeof line, watch.what, words != NULL ? words : " crashed");
    say_and_exit(line);
}

static void on_watchdog(int signal_number)
{
    (void)signal_number;
    char line[LINE_BYTES];
    join(line, sizeof line, "law 1 (threads): does not return, and the loop stands still: ",
         watch.what != NULL ? watch.what : "?");
    say_and_exit(line);
}

void fault_start(const char *who)
{
    watch.who = who;
    const struct sigaction bad_memory = {.sa_sigaction = on_bad_memory, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &bad_memory, NULL);
    sigaction(SIGBUS, &bad_memory, NULL);
    const struct sigaction watchdog = {.sa_handler = on_watchdog};
    sigaction(SIGALRM, &watchdog, NULL);
}

static int64_t read_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void set_watchdog(time_t seconds)
{
    const struct itimerval timer = {.it_value = {.tv_sec = seconds}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

void fault_enter(const char *what)
{
    watch.what = what;
    watch.wall_ms = read_ms(CLOCK_MONOTONIC);
    watch.cpu_ms = read_ms(CLOCK_THREAD_CPUTIME_ID);
    set_watchdog(WATCHDOG_S);
}

void fault_leave(void)
{
    set_watchdog(0);
    int64_t waited_ms = (read_ms(CLOCK_MONOTONIC) - watch.wall_ms) -
                        (read_ms(CLOCK_THREAD_CPUTIME_ID) - watch.cpu_ms);
    const char *what = watch.what;
    watch.what = NULL;
    if (waited_ms > LONGEST_WAIT_MS)
        fault("law 1 (threads): %s waited %lld ms, and the loop stood still", what,
              (long long)waited_ms);
}
