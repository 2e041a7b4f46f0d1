/* show - what the daemon answers its operators, as a person reads it. Takes JSON; what it does not
 * understand is printed as it is. */
#ifndef COMMAND_SHOW_H
#define COMMAND_SHOW_H

void show_list(const char *json);
void show_story(const char *json);
void show_alerts(const char *json);
void show_keys(const char *json);
void show_new_key(const char *json);
void show_verdict(const char *json);

/* {"detail": …} on stderr. */
void show_detail(const char *json);

#endif
