/* elevenlabs_tool - the tool that an ElevenLabs agent calls to hand over a customer, as ElevenLabs'
 * API takes it. Pure.
 *
 * Source: POST /v1/convai/tools of ElevenLabs Agents, `tool_config` of type "webhook". */
#ifndef COMMAND_ELEVENLABS_TOOL_H
#define COMMAND_ELEVENLABS_TOOL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

/* Where the customer talks to the agent. */
enum elevenlabs_medium {
    ELEVENLABS_VOICE, /* a telephone call: the caller's number is known */
    ELEVENLABS_CHAT   /* the agent has to ask for it */
};

/* The address for the tool: the one given, with the endpoint's path where it has none. NULL with an
 * error unless it is https://, or http:// on this machine. */
const char *elevenlabs_tool_url(const char *given, struct arena *arena,
                                struct error *error) MUST_CHECK;

/* The JSON, indented, with a line end. Free with free(). */
char *elevenlabs_tool_json(const char *url, enum elevenlabs_medium medium);

/* What the agent's prompt must say about the tool, in the customers' language. */
const char *elevenlabs_tool_prompt(enum elevenlabs_medium medium);

#endif
