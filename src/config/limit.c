/* The caps that size memory, as an administrator sets them. Names are those of smblame.stats, where
 * one that was hit is seen. */
#include "config/limit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* '-' and '_' count alike: options are written with the one, records with the other. */
static bool is_word(const char *word, const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (word[i] != (text[i] == '-' ? '_' : text[i]))
            return false;
    return word[size] == '\0';
}

static enum sbl_limit limit_named(const char *text, size_t size) {
    unsigned limit = 0;
    while (limit < SBL_LIMIT_COUNT && !is_word(sbl_limit_rows[limit].word, text, size))
        limit++;
    return (enum sbl_limit)limit;
}

/* A whole number, or 0, which no limit takes. */
static uint32_t number_of(const char *text) {
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    bool is_good = !errno && end != text && !*end && *text != '-' && value <= UINT32_MAX;
    return is_good ? (uint32_t)value : 0;
}

int limit_parse(struct sbl_limits *limits, const char *text, char *wrong, size_t wrong_size) {
    const char *equals = strchr(text, '=');
    size_t size = equals ? (size_t)(equals - text) : 0;
    enum sbl_limit limit = limit_named(text, size);
    if (!equals || limit == SBL_LIMIT_COUNT) {
        snprintf(wrong, wrong_size, "takes NAME=N, not '%s'; 'smblame -V -v' lists the names",
                 text);
        return -EINVAL;
    }
    const struct sbl_limit_row *row = &sbl_limit_rows[limit];
    if (row->most == 0) {
        snprintf(wrong, wrong_size, "cannot set %s; 'smblame -V -v' lists what can be", row->word);
        return -EINVAL;
    }
    uint32_t value = number_of(equals + 1);
    if (value < row->least || value > row->most) {
        snprintf(wrong, wrong_size, "takes for %s a number from %u to %u, not '%s'", row->word,
                 (unsigned)row->least, (unsigned)row->most, equals + 1);
        return -EINVAL;
    }
    limits->of[limit] = value;
    return 0;
}

void limit_list(const struct sbl_limits *limits, FILE *out) {
    for (unsigned i = 0; i < SBL_LIMIT_COUNT; i++) {
        const struct sbl_limit_row *row = &sbl_limit_rows[i];
        if (row->most)
            fprintf(out, "  %-28s %10u  (%u to %u)\n", row->word,
                    (unsigned)sbl_limit_of(limits, (enum sbl_limit)i), (unsigned)row->least,
                    (unsigned)row->most);
    }
}
