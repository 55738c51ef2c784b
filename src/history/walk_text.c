/* A step of a walk, taken apart. Server names lose their DNS domain in keys, so that \\CAP01 and
 * \\cap01.corp.example are one place; by the machine's serial a server that is called by name and
 * by address is one place as well. And the server counts for nothing where servers hold copies
 * of the same directory (logon shares, what lies below a site system's share) or where somebody
 * installs something on one machine after the other (administrative shares): there, one file asked
 * of several servers is one look-up that went on to the next copy, and no search of PATH. */
#include "history/walk_text.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"

#define SEPARATORS "\\/"

enum { FOLD_BYTES = 256 };

struct piece {
    const char *text;
    size_t size;
};

struct fold_range {
    uint32_t first, last, add;
};

static const struct fold_range fold_ranges[] = {
    {0x0041, 0x005A, 0x20}, {0x00C0, 0x00D6, 0x20}, {0x00D8, 0x00DE, 0x20}, {0x0386, 0x0386, 0x26},
    {0x0388, 0x038A, 0x25}, {0x038C, 0x038C, 0x40}, {0x038E, 0x038F, 0x3F}, {0x0391, 0x03A1, 0x20},
    {0x03A3, 0x03AB, 0x20}, {0x03C2, 0x03C2, 0x01}, {0x0400, 0x040F, 0x50}, {0x0410, 0x042F, 0x20},
};

struct extension {
    const char *text;
    enum walk_kind kind;
    bool is_pathext;
};

/* In the order of how often they are met. */
static const struct extension extensions[] = {
    {"dll", WALK_PROGRAM, false}, {"exe", WALK_PROGRAM, true},  {"sys", WALK_DRIVER, false},
    {"drv", WALK_DRIVER, false},  {"vxd", WALK_DRIVER, false},  {"386", WALK_DRIVER, false},
    {"ocx", WALK_PROGRAM, false}, {"cpl", WALK_PROGRAM, false}, {"com", WALK_PROGRAM, true},
    {"bat", WALK_PROGRAM, true},  {"cmd", WALK_PROGRAM, true},  {"vbs", WALK_OTHER, true},
    {"vbe", WALK_OTHER, true},    {"js", WALK_OTHER, true},     {"jse", WALK_OTHER, true},
    {"wsf", WALK_OTHER, true},    {"wsh", WALK_OTHER, true},    {"msc", WALK_OTHER, true},
    {"pif", WALK_OTHER, true},
};

/* Translations of a program that its loader looks for in a directory per language: the same name in
 * several directories, and no search of PATH. */
static const char *const translations[] = {".resources.dll", ".resources.exe"};

/* Where installers keep drivers: nobody puts these into a PATH. */
static const char *const stores[] = {"driverstore", "filerepository", "winsxs"};

static uint32_t fold_point(uint32_t point) {
    for (size_t i = 0; i < sizeof fold_ranges / sizeof *fold_ranges; i++)
        if (point >= fold_ranges[i].first && point <= fold_ranges[i].last)
            return point + fold_ranges[i].add;
    return point;
}

/* Folds the ASCII that a text begins with, eight bytes at a time: how much that was. */
static size_t fold_ascii(char *text, size_t size) {
    const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t eight;
        memcpy(&eight, text + at, sizeof eight);
        if (eight & high)
            break;
        uint64_t is_capital = (eight + (0x80 - 'A') * ones) & ~(eight + (0x7F - 'Z') * ones) & high;
        eight |= is_capital >> 2;
        memcpy(text + at, &eight, sizeof eight);
    }
    for (; at < size && (uint8_t)text[at] < 0x80; at++)
        if (text[at] >= 'A' && text[at] <= 'Z')
            text[at] = (char)(text[at] | 0x20);
    return at;
}

void walk_fold(char *text, size_t size) {
    for (size_t at = fold_ascii(text, size); at < size;) {
        uint32_t point;
        size_t taken = text_next(text + at, size - at, &point);
        uint32_t folded = fold_point(point);
        if (taken == 1 && point != TEXT_UNDECODABLE) {
            text[at] = (char)folded;
        } else if (taken == 2 && folded != point) {
            text[at] = (char)(0xC0 | folded >> 6);
            text[at + 1] = (char)(0x80 | (folded & 0x3F));
        }
        at += taken;
    }
}

static struct piece next_piece(const char **at) {
    const char *start = *at + strspn(*at, SEPARATORS);
    size_t size = strcspn(start, SEPARATORS);
    *at = start + size;
    return (struct piece){start, size};
}

/* Hashes text folded, in blocks that end between characters; `seed` chains pieces of a path. */
static uint64_t folded_hash(struct piece piece, uint64_t seed) {
    uint64_t hash = hash_bytes(&piece.size, sizeof piece.size, seed);
    while (piece.size) {
        char block[FOLD_BYTES];
        size_t size = piece.size < FOLD_BYTES ? piece.size : FOLD_BYTES;
        while (size > 1 && size < piece.size && ((uint8_t)piece.text[size] & 0xC0) == 0x80)
            size--;
        memcpy(block, piece.text, size);
        walk_fold(block, size);
        hash = hash_bytes(block, size, hash);
        piece = (struct piece){piece.text + size, piece.size - size};
    }
    return hash;
}

/* A server's name without its DNS domain; an address is left whole. */
static struct piece short_server(struct piece server) {
    bool is_address = true;
    size_t dot = server.size;
    for (size_t i = 0; i < server.size; i++) {
        bool is_dot = server.text[i] == '.';
        if (!is_dot && (server.text[i] < '0' || server.text[i] > '9'))
            is_address = false;
        if (is_dot && dot == server.size)
            dot = i;
    }
    return (struct piece){server.text, is_address || !dot ? server.size : dot};
}

static bool begins_folded(struct piece piece, const char *lower) {
    char start[FOLD_BYTES];
    size_t size = strlen(lower);
    if (piece.size < size)
        return false;
    memcpy(start, piece.text, size);
    walk_fold(start, size);
    return memcmp(start, lower, size) == 0;
}

static bool ends_folded(const char *text, const char *lower) {
    size_t size = strlen(text), wanted = strlen(lower);
    return size >= wanted && begins_folded((struct piece){text + size - wanted, wanted}, lower);
}

uint64_t walk_share_key(const char *share, uint64_t seed) {
    struct piece server = next_piece(&share), name = next_piece(&share);
    if (!name.size)
        return 0;
    return folded_hash(name, folded_hash(short_server(server), seed));
}

/* Adds "\piece" to the directory as it is shown. False when it does not fit: the directory is then
 * shown without what follows. */
static bool show_piece(char *directory, struct piece piece) {
    size_t used = strlen(directory);
    if (used + 1 + piece.size >= WALK_DIRECTORY_BYTES)
        return false;
    directory[used] = '\\';
    memcpy(directory + used + 1, piece.text, piece.size);
    directory[used + 1 + piece.size] = '\0';
    return true;
}

static bool is_dot(struct piece piece) {
    return piece.size == 1 && piece.text[0] == '.';
}

static bool is_store(struct piece piece) {
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        if (piece.size == strlen(stores[i]) && begins_folded(piece, stores[i]))
            return true;
    return false;
}

/* The key of the place's directory, below a share of key `root`. */
static uint64_t below_root(const struct walk_place *place, uint64_t root) {
    return place->below_key ? hash_bytes(&place->below_key, sizeof place->below_key, root) : root;
}

/* The directory: share, then what of the path stands before `base`. */
static void read_directory(struct walk_place *place, const char *unc, const char *path,
                           enum share_class share_class, uint64_t seed) {
    const char *at = unc, *base = walk_base(path);
    struct piece server = next_piece(&at), share = next_piece(&at);
    place->share_key = walk_share_key(unc, seed);
    place->directory[0] = '\\';
    place->has_directory = place->share_key && show_piece(place->directory, server) &&
                           show_piece(place->directory, share);
    if (!place->has_directory)
        return;
    uint64_t below = seed;
    bool is_below = false, is_shown = true;
    at = path;
    for (struct piece piece = next_piece(&at); piece.size && piece.text < base;
         piece = next_piece(&at)) {
        if (is_dot(piece))
            continue;
        place->is_stored = place->is_stored || is_store(piece);
        is_shown = is_shown && show_piece(place->directory, piece);
        below = folded_hash(piece, below);
        is_below = true;
    }
    bool is_copy = share_class == SHARE_CLASS_DC || share_class == SHARE_CLASS_ADMIN ||
                   (is_below && share_class == SHARE_CLASS_SITE);
    uint64_t name = folded_hash(share, seed), root = is_copy ? name : place->share_key;
    place->below_key = is_below ? below | 1 : 0;
    place->directory_key = below_root(place, root);
    place->share_name_key = is_copy ? 0 : name | 1;
}

struct walk_machine_keys walk_place_at(const struct walk_place *place, uint64_t server,
                                       uint64_t seed) {
    const uint64_t share[2] = {place->share_name_key, server};
    if (!server || !place->share_name_key)
        return (struct walk_machine_keys){0, 0};
    uint64_t root = hash_bytes(share, sizeof share, seed);
    return (struct walk_machine_keys){root, below_root(place, root)};
}

static void read_kind(struct walk_place *place, uint64_t seed) {
    const char *dot = strrchr(place->name, '.');
    size_t stem = dot ? (size_t)(dot - place->name) : strlen(place->name);
    place->stem_key = folded_hash((struct piece){place->name, stem}, seed);
    place->kind = dot && dot[1] ? WALK_OTHER : WALK_BARE;
    place->is_packed = dot && dot[1] && place->name[strlen(place->name) - 1] == '_';
    for (size_t i = 0; dot && i < sizeof extensions / sizeof *extensions; i++) {
        if (strlen(dot + 1) != strlen(extensions[i].text) ||
            !ends_folded(dot + 1, extensions[i].text))
            continue;
        place->kind = extensions[i].kind;
        place->is_pathext = extensions[i].is_pathext;
        break;
    }
    for (size_t i = 0; i < sizeof translations / sizeof *translations; i++)
        if (ends_folded(place->name, translations[i]))
            place->kind = WALK_OTHER;
}

const char *walk_base(const char *path) {
    size_t size = strlen(path);
    while (size && path[size - 1] != '\\' && path[size - 1] != '/')
        size--;
    return path + size;
}

bool walk_place_read(struct walk_place *place, const char *share, const char *path,
                     enum share_class share_class, uint64_t seed) {
    const char *base = walk_base(path);
    size_t size = strlen(base);
    *place = (struct walk_place){.name_size = (uint8_t)size};
    if (!size || size >= WALK_NAME_BYTES || strchr(path, ':') || strpbrk(base, "*?<>\""))
        return false;
    memcpy(place->name, base, size);
    place->name_key = folded_hash((struct piece){base, size}, seed);
    read_kind(place, seed);
    read_directory(place, share, path, share_class, seed);
    return !place->is_stored;
}

static bool same_folded(struct piece a, struct piece b) {
    return a.size == b.size && folded_hash(a, 0) == folded_hash(b, 0);
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A directory that holds one language: de, en-US, 1033. */
static bool is_language(struct piece piece) {
    size_t letters = 0, digits = 0;
    while (letters < piece.size && is_letter(piece.text[letters]))
        letters++;
    while (digits < piece.size && piece.text[digits] >= '0' && piece.text[digits] <= '9')
        digits++;
    if (letters == piece.size || digits == piece.size)
        return letters == 2 || digits == 4;
    return (letters == 2 || letters == 3) && piece.text[letters] == '-';
}

bool walk_is_nested(const char *a, const char *b) {
    next_piece(&a);
    next_piece(&b);
    for (;;) {
        struct piece x = next_piece(&a), y = next_piece(&b);
        if (!x.size || !y.size)
            return true;
        if (!same_folded(x, y))
            return is_language(x) && is_language(y);
    }
}
