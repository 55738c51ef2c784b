/* What one refused look-up says: the name that was asked for, the directory it was asked in, and
 * what kind of file a name like that is. Pure functions over the texts of a step. */
#ifndef SMBLAME_HISTORY_WALK_TEXT_H
#define SMBLAME_HISTORY_WALK_TEXT_H

#include "history/walks.h"

enum { WALK_NAME_BYTES = 96, WALK_DIRECTORY_BYTES = 192 };

/* By extension. BARE has none; OTHER is a document, data, anything. */
enum walk_kind { WALK_BARE = 0, WALK_OTHER, WALK_PROGRAM, WALK_DRIVER };

/* Keys are hashes of the folded text, so that names and directories compare without regard to case;
 * `stem_key` is the name without its last extension. `has_directory` is false when the share is not
 * known: the look-up is then seen, but nobody can say where it was made. What does not depend on
 * who asks whom, so that it can be kept for the next time. */
struct walk_place {
    uint64_t name_key, directory_key;
    enum walk_kind kind;
    uint8_t name_size;
    bool is_pathext; /* its extension is one that a command shell tries */
    bool has_directory;
    bool is_packed; /* as on installation media: AUDDRIVE.SY_ */
    bool is_stored; /* in a store of drivers */
    uint64_t stem_key, share_key;
    uint64_t share_name_key; /* of the share's name alone; 0 = the server counts for nothing */
    uint64_t below_key;      /* of what stands below the share; 0 = nothing does */
    char name[WALK_NAME_BYTES];
    char directory[WALK_DIRECTORY_BYTES]; /* \\server\share\below, spelt as sent */
};

/* Takes a look-up of `path` on `share` apart. False when it names no file that a search of PATH
 * could want: a wildcard, an alternate stream, nothing at all, a name that no file of a program is
 * long enough for. */
bool walk_place_read(struct walk_place *place, const char *share, const char *path,
                     enum share_class share_class, uint64_t seed);

/* Keys of the share and of the directory of a place by the serial of the machine that was asked,
 * each 0 when they have none. */
struct walk_machine_keys {
    uint64_t share, directory;
};

struct walk_machine_keys walk_place_at(const struct walk_place *place, uint64_t server,
                                       uint64_t seed);

/* The key of a share on its own, comparable with `share_key`; 0 when it is no UNC path. */
uint64_t walk_share_key(const char *share, uint64_t seed);

/* Whether one of two directories of the same share lies below the other, or they are the same, or
 * part ways by language only. */
bool walk_is_nested(const char *a, const char *b);

/* The part of a path after its last separator. */
const char *walk_base(const char *path);

/* Lower case for ASCII, Latin-1, Greek and Cyrillic letters, in place: no letter of these changes
 * its length in UTF-8. */
void walk_fold(char *text, size_t size);

#endif
