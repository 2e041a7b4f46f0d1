/* error - formats into the caller's fixed buffer; a longer message is cut. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"

bool error_set(struct error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return false;
}

/* Those that a person who types a path meets; the C library speaks English here. */
static const struct {
    int code;
    const char *spanish;
} reasons[] = {
    {EACCES, "permiso denegado"},
    {EDQUOT, "se agotó la cuota de disco"},
    {EEXIST, "ya existe"},
    {EIO, "error de lectura o escritura"},
    {EISDIR, "es una carpeta"},
    {ENAMETOOLONG, "el nombre es demasiado largo"},
    {ENOENT, "no existe el archivo o la carpeta"},
    {ENOSPC, "no queda espacio en el disco"},
    {ENOTDIR, "una parte de la ruta no es una carpeta"},
    {EPERM, "operación no permitida"},
    {EROFS, "el disco es de solo lectura"},
};

const char *error_reason(int code)
{
    for (size_t i = 0; language_is_spanish() && i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].code == code)
            return reasons[i].spanish;
    }
    return strerror(code);
}
