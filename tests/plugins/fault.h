/* fault - a plugin broke a law: one line on stderr that names it, and the program ends with 1.
 *
 * Nothing goes on behind a fault: a plugin that broke one law may be about to break the process. */
#ifndef TEST_FAULT_H
#define TEST_FAULT_H

/* `who` stands at the start of the line: the plugin's file. */
void fault_start(const char *who);

_Noreturn void fault(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Around every call of the plugin: `what` is named if the plugin crashes in it, does not return,
 * blocks, or touches memory that is not its to touch. */
void fault_enter(const char *what);
void fault_leave(void);

#endif
