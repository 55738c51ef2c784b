/* What was told: each diagnosis as lines of `key value`, kept in the order of the telling. */
#ifndef SMBLAME_TESTS_TOLD_H
#define SMBLAME_TESTS_TOLD_H

#include <stdio.h>

#include <smblame/diagnosis.h>

struct told_line {
    const char *key; /* static */
    char *value;
};

/* One revision of a diagnosis. */
struct told {
    uint8_t id[16];
    uint32_t revision;
    enum sbl_diagnosis_state state;
    int64_t time_ns;
    double confidence;
    bool is_superseded, is_hostile;
    uint64_t lockouts;
    struct told_line *lines;
    size_t count, room;
};

struct told_list {
    struct told **items;
    size_t count, room;
};

void told_add(struct told_list *list, const struct sbl_diagnosis *diagnosis);
void told_print(const struct told *told, size_t number, FILE *out);
/* The value of a key, "" when it has none. Of a list the first. */
const char *told_value(const struct told *told, const char *key);
/* Whether nothing was told of this diagnosis after this revision. */
bool told_is_last(const struct told_list *list, size_t index);
void told_free(struct told_list *list);

#endif
