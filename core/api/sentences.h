/* sentences - `say:` of vendors.yaml: what the agent may say to the customer. {vendedor} stands for
 * the person's name. */
#ifndef API_SENTENCES_H
#define API_SENTENCES_H

struct sentences {
    const char *sent;
    const char *queued;
    const char *failed;
    const char *invalid;
};

#endif
