/* require - a check that survives NDEBUG: a bug stops the process, and what was accepted is on
 * disk. */
#ifndef BASE_REQUIRE_H
#define BASE_REQUIRE_H

#define require(expr) ((expr) ? (void)0 : require_failed(#expr, __FILE__, __LINE__))

_Noreturn void require_failed(const char *expression, const char *file, int line);

#endif
