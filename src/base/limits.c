/* The caps as data. */
#include <smblame/limits.h>

const struct sbl_limit_row sbl_limit_rows[SBL_LIMIT_COUNT] = {
#define LIMIT_ROW(name, word, value, least, most) {#word, value, least, most},
    SBL_LIMITS(LIMIT_ROW)
#undef LIMIT_ROW
};

uint32_t sbl_limit_of(const struct sbl_limits *limits, enum sbl_limit limit) {
    const struct sbl_limit_row *row = &sbl_limit_rows[limit];
    uint32_t set = limits ? limits->of[limit] : 0;
    if (set == 0 || row->most == 0)
        return row->usual;
    return set < row->least ? row->least : set > row->most ? row->most : set;
}
