/* The edit distance between a name as typed and one that exists, cut off at a small bound. */
#include "config/hint.h"

#include <stdbool.h>
#include <string.h>

enum { LONGEST = 32 };

static size_t least(size_t one, size_t other) {
    return one < other ? one : other;
}

static size_t distance(const char *typed, size_t typed_size, const char *name) {
    size_t size = strlen(name), previous[LONGEST + 1], current[LONGEST + 1];
    if (typed_size > LONGEST || size > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= size; j++)
        previous[j] = j;
    for (size_t i = 1; i <= typed_size; i++) {
        current[0] = i;
        for (size_t j = 1; j <= size; j++) {
            size_t changed = previous[j - 1] + (typed[i - 1] != name[j - 1]);
            current[j] = least(least(changed, previous[j] + 1), current[j - 1] + 1);
        }
        memcpy(previous, current, sizeof previous);
    }
    return previous[size];
}

struct hint hint_for(const char *typed, size_t size) {
    return (struct hint){.typed = typed, .size = size, .best = size / 3 + 2};
}

void hint_offer(struct hint *hint, const char *name) {
    size_t far = distance(hint->typed, hint->size, name);
    bool begins = hint->size >= 3 && strncmp(name, hint->typed, hint->size) == 0;
    if (far >= hint->best && !begins)
        return;
    hint->best = least(hint->best, far);
    hint->name = name;
}
