/* The process table of Network Monitor 2.2 and later, as its help file "Capture File Format"
 * describes it. Little-endian, rows follow each other:
 *
 *   0  u16  version (once, before the first row)
 *   0  u32  path size in bytes, then the path in UTF-16LE, usually with its NUL
 *      u32  icon size, then the icon (not wanted)
 *      u32  process id
 *      u16  local port, u16 padding, u16 remote port, u16 padding
 *      u32  not 0: IPv6
 *      16 bytes local address, 16 bytes remote address (IPv4: the first four of each)
 */
#include "capture/process.h"

#include <errno.h>
#include <stdlib.h>

#include <smblame/limits.h>

#include "capture/input.h"

enum { PATH_MOST_BYTES = 65536 /* Windows' longest path, 32,767 code units and a NUL */ };
enum { ROW_TAIL_BYTES = 4 + 8 + 4 + 32, FIRST_ROOM = 64 };

/* Makes room for `need` items; never more than was asked for by a row that is really there. */
static int grow(void **items, uint32_t *room, uint32_t need, size_t item_bytes) {
    if (need <= *room)
        return 0;
    uint32_t target = *room ? *room : FIRST_ROOM;
    while (target < need)
        target *= 2;
    void *bigger = reallocarray(*items, target, item_bytes);
    if (!bigger)
        return -ENOMEM;
    *items = bigger;
    *room = target;
    return 0;
}

static bool read_u32(const struct input *input, uint64_t at, uint32_t *value) {
    uint8_t bytes[4];
    if (input_read_at(input, at, bytes, sizeof bytes) != sizeof bytes)
        return false;
    struct sbl_cursor c = sbl_cursor_of(bytes, sizeof bytes);
    *value = sbl_cursor_le32(&c);
    return true;
}

/* Keeps a path without its terminator. A path beyond the cap is left out: the pid is kept. */
static int keep_path(struct process_list *list, const struct input *input, uint64_t at,
                     uint32_t size, struct process_row *row) {
    if (size > SBL_MAX_PROCESS_BYTES - list->text_bytes) {
        list->is_capped = true;
        return PROCESS_READ;
    }
    void *text = list->text;
    int failed = grow(&text, &list->text_room, list->text_bytes + size, 1);
    list->text = text;
    if (failed)
        return failed;
    if (input_read_at(input, at, list->text + list->text_bytes, size) != size)
        return PROCESS_CUT;
    struct sbl_cursor c = sbl_cursor_of(list->text + list->text_bytes, size);
    row->path_at = list->text_bytes;
    row->path_bytes = sbl_cursor_string(&c, SBL_TEXT_UTF16LE).size;
    list->text_bytes += row->path_bytes;
    return PROCESS_READ;
}

static int read_row(struct process_list *list, const struct input *input, uint64_t *at) {
    struct process_row row = {0};
    uint32_t path_bytes = 0, icon_bytes = 0;
    if (!read_u32(input, *at, &path_bytes))
        return PROCESS_CUT;
    if (path_bytes > PATH_MOST_BYTES)
        return PROCESS_BAD_PATH;
    int result = path_bytes ? keep_path(list, input, *at + 4, path_bytes, &row) : PROCESS_READ;
    if (result)
        return result;
    uint64_t after_path = *at + 4 + path_bytes;
    if (!read_u32(input, after_path, &icon_bytes) ||
        !read_u32(input, after_path + 4 + icon_bytes, &row.pid))
        return PROCESS_CUT;
    void *rows = list->rows;
    int failed = grow(&rows, &list->room, list->count + 1, sizeof row);
    list->rows = rows;
    if (failed)
        return failed;
    list->rows[list->count++] = row;
    *at = after_path + 4 + icon_bytes + ROW_TAIL_BYTES;
    return PROCESS_READ;
}

int process_list_read(struct process_list *list, const struct input *input, uint64_t *at,
                      uint32_t count) {
    *at += 2;
    for (uint32_t row = 0; row < count; row++) {
        if (list->count == SBL_MAX_PROCESSES) {
            list->is_capped = true;
            return PROCESS_READ;
        }
        int result = read_row(list, input, at);
        if (result)
            return result;
    }
    return PROCESS_READ;
}

bool process_list_find(const struct process_list *list, uint32_t process, uint32_t *pid,
                       struct sbl_text *path) {
    if (process == 0 || process > list->count)
        return false;
    const struct process_row *row = &list->rows[process - 1];
    *pid = row->pid;
    *path = (struct sbl_text){0};
    if (row->path_bytes)
        *path = (struct sbl_text){.bytes = list->text + row->path_at,
                                  .size = row->path_bytes,
                                  .encoding = SBL_TEXT_UTF16LE};
    return true;
}

void process_list_free(struct process_list *list) {
    free(list->rows);
    free(list->text);
    *list = (struct process_list){0};
}
