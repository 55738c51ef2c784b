/* The process table of a Network Monitor 2.x file: which program a frame belonged to. It outlives
 * the reading of its file, as records name processes later. */
#ifndef SMBLAME_CAPTURE_PROCESS_H
#define SMBLAME_CAPTURE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/text.h>

struct input;

struct process_row {
    uint32_t pid;
    uint32_t path_at, path_bytes; /* in `text`; 0 bytes: not kept */
};

struct process_list {
    struct process_row *rows;
    uint8_t *text;
    uint32_t count, room, text_bytes, text_room;
    bool is_capped; /* rows or paths were left out */
};

/* What became of a table: it was read, it ends early, it has a path no table can have. */
enum process_result { PROCESS_READ = 0, PROCESS_CUT, PROCESS_BAD_PATH };

/* Reads the table of `count` rows at a stream offset into an empty (zeroed) list; rows read before
 * something is wrong stay.
 * An enum process_result (*at: where), or -ENOMEM. */
int process_list_read(struct process_list *list, const struct input *input, uint64_t *at,
                      uint32_t count);

/* The row with this 1-based number: pid and path (UTF-16LE, borrowed from the list). */
bool process_list_find(const struct process_list *list, uint32_t process, uint32_t *pid,
                       struct sbl_text *path);

void process_list_free(struct process_list *list);

#endif
