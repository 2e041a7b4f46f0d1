/* message - what a salesperson reads: the template of vendors.yaml with the customer's words in it,
 * cleaned and cut. Pure. */
#ifndef HANDOFF_MESSAGE_H
#define HANDOFF_MESSAGE_H

#include "base/arena.h"
#include "base/error.h"
#include "plugin.h"

struct message_template;

/* Compiles `message:`. {cliente}, {telefono}, {motivo}, {conversacion}, {contexto} and {vendedor}
 * (and {id}, the handoff's) stand for data, {teléfono} and {conversación} too; {{ and }} for
 * braces. Lives in the arena. NULL with an error: the line, the unknown word and the known ones; a
 * lone brace; a message that is empty, or could be where its data are missing. */
const struct message_template *message_template_create(const char *text, struct arena *arena,
                                                       struct error *error) MUST_CHECK;

/* The template that is used where vendors.yaml has none: the specification's. */
extern const char message_default_template[];

/* Is `name` one of the data above? For `template: {variables: [...]}`. */
bool message_is_field(const char *name);

/* Composes for one vendor through one channel. A line all of whose data are missing is left out; so
 * is a paragraph (lines between blank lines) all of whose data are missing, with its title. A
 * missing datum in a line that stays is nothing. Customer text is cleaned (handoff/clean.h): one
 * line, no control, bidi or zero-width characters, no markup of the channel (a markup character
 * inside a word, as in conv_abc123, formats nothing and stays; others become look-alikes), no web
 * address that the channel would make a link of. What is too long for the channel loses the end of
 * its longest data, each ending in "…", never in the middle of a grapheme; a template that is too
 * long by itself loses its own. fields hold the same clean values, uncut, of the data that are
 * there. `note` (or NULL) stands in a line above the text, and in front of {motivo} among the
 * fields. Everything lives in the arena. */
void message_compose(const struct message_template *template,
                     const struct handoffd_channel *channel, const struct handoffd_handoff *handoff,
                     const char *vendor_name, const char *note, struct arena *arena,
                     struct handoffd_message *message);

/* The notes: on what somebody else may have been told already, on what the customer said later. */
extern const char message_possible_duplicate[];
extern const char message_update[];

#endif
