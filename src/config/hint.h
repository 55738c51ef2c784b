/* "Did you mean ...?": which of some names is nearest to one that was misspelt. */
#ifndef SMBLAME_CONFIG_HINT_H
#define SMBLAME_CONFIG_HINT_H

#include <stddef.h>

struct hint {
    const char *typed; /* borrowed */
    size_t size, best; /* of what was typed; the distance of the nearest so far */
    const char *name;  /* the nearest so far, NULL = none is near enough */
};

/* `size` is that of what was typed, which need not end there. */
struct hint hint_for(const char *typed, size_t size);

/* Takes a name into account. A name that begins with what was typed is near. */
void hint_offer(struct hint *hint, const char *name);

#endif
