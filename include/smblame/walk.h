/* A walk: one client asks for the same names in directory after directory, as a search of PATH
 * does. Values; strings are UTF-8 and borrowed for the length of the call that hands them over. */
#ifndef SMBLAME_WALK_H
#define SMBLAME_WALK_H

#include <stdbool.h>
#include <stdint.h>

/* A list that traffic can make long: `count` items are there, of `total`. */
struct sbl_strings {
    const char *const *items;
    uint32_t count;
    uint64_t total;
};

/* Directories are UNC paths as the client named them (\\CAP01\CAP_S01, \\CAP01\TOOLS\I386), in the
 * order of the search; missing are base names as sent; steps counts refused look-ups. */
struct sbl_walk {
    struct sbl_strings directories, missing;
    uint64_t steps;
    int64_t first_ns, last_ns;
    const char *account, *domain; /* whose session it went under; "" = not known */
};

#endif
