/* elevenlabs - `handoffd elevenlabs tool`: what to paste into ElevenLabs so that its agent hands
 * over customers. */
#ifndef COMMAND_ELEVENLABS_H
#define COMMAND_ELEVENLABS_H

/* argv[0] is "elevenlabs". The tool's JSON goes to stdout, what to do with it to stderr. Exit code:
 * 0, or 2 for wrong use. */
int command_elevenlabs(int argc, char **argv);

#endif
