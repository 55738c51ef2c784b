/* Blocks are laid out in the buffer, all numbers little-endian, and no block is begun that does not
 * fit as a whole: then the buffer goes out first.
 *
 *   section     0A0D0D0A len 1A2B3C4D 1 0 length-of-section=-1 options len
 *   interface   1 len linktype 0 snaplen options len
 *   frame       6 len interface time-high time-low captured wire bytes options len
 *
 * An option is {code u16, length u16, value}, padded to 4 bytes; code 0 ends the list. */
#include "emit/pcapng.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <smblame/limits.h>

#include "base/bytes.h"

enum {
    BLOCK_SECTION = 0x0A0D0D0A,
    BLOCK_INTERFACE = 1,
    BLOCK_ENHANCED_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1A2B3C4D,
};

enum {
    OPT_END = 0,
    OPT_COMMENT = 1,
    SHB_USERAPPL = 4,
    IF_NAME = 2,
    IF_TSRESOL = 9,
    NANOSECONDS = 9, /* of if_tsresol: 10^-9 */
};

enum {
    OVERHEAD_BYTES = 128, /* of a block beside frame and comment */
    NAME_MOST_BYTES = 1024,
};

struct pcapng {
    int fd;
    int failed;       /* for good: a negative errno; 0 = it can be written to */
    uint64_t written; /* whole blocks in the file */
    uint64_t lost;
    uint32_t interfaces, waiting; /* frames in the buffer */
    size_t used;
    char *comment;
    uint8_t buffer[PCAPNG_BUFFER_BYTES];
};

_Static_assert(PCAPNG_BUFFER_BYTES >= SBL_MAX_FRAME_BYTES + PCAPNG_COMMENT_MOST_BYTES +
                                          NAME_MOST_BYTES + 2 * OVERHEAD_BYTES,
               "the longest block fits");

int pcapng_new(struct pcapng **pcapng, int fd, const char *comment) {
    struct pcapng *made = malloc(sizeof *made);
    *pcapng = NULL;
    if (!made)
        return -ENOMEM;
    memset(made, 0, offsetof(struct pcapng, buffer));
    made->fd = fd;
    if (comment && !(made->comment = strdup(comment))) {
        free(made);
        return -ENOMEM;
    }
    *pcapng = made;
    return 0;
}

void pcapng_free(struct pcapng *pcapng) {
    if (pcapng)
        free(pcapng->comment);
    free(pcapng);
}

/* After a write that failed: the file is what it was before, or there is no going on. */
static void step_back(struct pcapng *pcapng, int error) {
    pcapng->lost += pcapng->waiting;
    pcapng->waiting = 0;
    pcapng->used = 0;
    off_t end = (off_t)pcapng->written;
    if (lseek(pcapng->fd, 0, SEEK_CUR) < 0 || ftruncate(pcapng->fd, end) < 0 ||
        lseek(pcapng->fd, end, SEEK_SET) < 0)
        pcapng->failed = error;
}

static uint8_t *put_u32(uint8_t *at, uint32_t value) {
    return bytes_put_le(at, value, 4);
}

/* Bytes and the zeros that bring them to a multiple of 4. */
static uint8_t *put_padded(uint8_t *at, const void *bytes, size_t count) {
    size_t padding = (0u - count) & 3u;
    if (count > 0)
        memcpy(at, bytes, count);
    memset(at + count, 0, padding);
    return at + count + padding;
}

static uint8_t *put_option(uint8_t *at, uint16_t code, const void *value, size_t count) {
    at = bytes_put_le(at, code, 2);
    at = bytes_put_le(at, count, 2);
    return put_padded(at, value, count);
}

/* A text as an option, cut where a character begins; none for NULL or an empty one. */
static uint8_t *put_text(uint8_t *at, uint16_t code, const char *text, size_t most) {
    size_t count = text ? strnlen(text, most + 1) : 0;
    if (count > most)
        for (count = most; count > 0 && ((unsigned char)text[count] & 0xC0) == 0x80;)
            count--;
    return count > 0 ? put_option(at, code, text, count) : at;
}

/* Ends a block that begins at `block`: its length before and behind, and it waits. */
static void end_block(struct pcapng *pcapng, uint8_t *block, uint8_t *at) {
    uint32_t length = (uint32_t)(at - block) + 4;
    (void)put_u32(&block[4], length);
    at = put_u32(at, length);
    pcapng->used = (size_t)(at - pcapng->buffer);
}

static void put_section(struct pcapng *pcapng) {
    uint8_t *block = &pcapng->buffer[pcapng->used];
    uint8_t *at = put_u32(block, BLOCK_SECTION);
    at = put_u32(at + 4, BYTE_ORDER_MAGIC);
    at = bytes_put_le(at, 1, 2);
    at = bytes_put_le(at, 0, 2);
    at = bytes_put_le(at, UINT64_MAX, 8);
    at = put_text(at, OPT_COMMENT, pcapng->comment, PCAPNG_COMMENT_MOST_BYTES);
    at = put_text(at, SHB_USERAPPL, "smblame " SMBLAME_VERSION, NAME_MOST_BYTES);
    end_block(pcapng, block, put_option(at, OPT_END, NULL, 0));
}

int pcapng_flush(struct pcapng *pcapng) {
    if (pcapng->failed)
        return pcapng->failed;
    if (pcapng->written == 0)
        put_section(pcapng);
    for (size_t done = 0; done < pcapng->used;) {
        ssize_t count = write(pcapng->fd, &pcapng->buffer[done], pcapng->used - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            int error = count < 0 ? -errno : -EIO;
            step_back(pcapng, error);
            return error;
        }
        done += (size_t)count;
    }
    pcapng->written += pcapng->used;
    pcapng->used = 0;
    pcapng->waiting = 0;
    return 0;
}

static void put_interface(struct pcapng *pcapng, const struct pcapng_device *device) {
    uint8_t *block = &pcapng->buffer[pcapng->used];
    uint8_t *at = put_u32(block, BLOCK_INTERFACE);
    at = bytes_put_le(at + 4, device->link_type, 2);
    at = bytes_put_le(at, 0, 2);
    at = put_u32(at, device->snap_bytes);
    at = put_text(at, IF_NAME, device->name, NAME_MOST_BYTES);
    at = put_option(at, IF_TSRESOL, &(uint8_t){NANOSECONDS}, 1);
    end_block(pcapng, block, put_option(at, OPT_END, NULL, 0));
}

/* What describes frames is written at once: were it lost with a buffer, frames that come later
 * would be another interface's. */
int pcapng_interface(struct pcapng *pcapng, const struct pcapng_device *device) {
    int failed = pcapng_flush(pcapng);
    if (failed)
        return failed;
    if (pcapng->interfaces == SBL_MAX_INTERFACES)
        return -EINVAL;
    put_interface(pcapng, device);
    failed = pcapng_flush(pcapng);
    return failed ? failed : (int)pcapng->interfaces++;
}

static void put_frame(struct pcapng *pcapng, uint32_t interface, const struct sbl_frame *frame,
                      const char *comment) {
    uint64_t time = frame->time_ns > 0 ? (uint64_t)frame->time_ns : 0;
    uint32_t captured = frame->captured_bytes;
    uint8_t *block = &pcapng->buffer[pcapng->used];
    uint8_t *at = put_u32(block, BLOCK_ENHANCED_PACKET);
    at = put_u32(at + 4, interface);
    at = put_u32(at, (uint32_t)(time >> 32));
    at = put_u32(at, (uint32_t)time);
    at = put_u32(at, captured);
    at = put_u32(at, frame->wire_bytes > captured ? frame->wire_bytes : captured);
    at = put_padded(at, frame->bytes, captured);
    uint8_t *options = at;
    at = put_text(at, OPT_COMMENT, comment, PCAPNG_COMMENT_MOST_BYTES);
    if (at != options)
        at = put_option(at, OPT_END, NULL, 0);
    end_block(pcapng, block, at);
    pcapng->waiting++;
}

int pcapng_frame(struct pcapng *pcapng, uint32_t interface, const struct sbl_frame *frame,
                 const char *comment) {
    if (pcapng->failed)
        return pcapng->failed;
    if (interface >= pcapng->interfaces || frame->captured_bytes > SBL_MAX_FRAME_BYTES)
        return -EINVAL;
    size_t most = (size_t)frame->captured_bytes + PCAPNG_COMMENT_MOST_BYTES + OVERHEAD_BYTES;
    if (!comment)
        most -= PCAPNG_COMMENT_MOST_BYTES;
    if (most > PCAPNG_BUFFER_BYTES - pcapng->used) {
        int failed = pcapng_flush(pcapng);
        if (failed)
            return failed;
    }
    put_frame(pcapng, interface, frame, comment);
    return 0;
}

uint64_t pcapng_bytes(const struct pcapng *pcapng) {
    return pcapng->written + pcapng->used;
}

uint64_t pcapng_lost(const struct pcapng *pcapng) {
    return pcapng->lost;
}
