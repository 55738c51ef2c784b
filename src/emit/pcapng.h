/* Frames out, as pcapng (draft-ietf-opsawg-pcapng): one section with a comment, interfaces with
 * name and link type, frames with times in nanoseconds and comments of their own. Blocks gather in
 * a buffer and go out whole, so a file that is read while it grows ends between two blocks. */
#ifndef SMBLAME_EMIT_PCAPNG_H
#define SMBLAME_EMIT_PCAPNG_H

#include <stdint.h>

#include <smblame/frame.h>

struct pcapng;

/* An interface as its description block says it. `name` may be NULL: not known. */
struct pcapng_device {
    const char *name;
    uint32_t snap_bytes; /* 0 = no limit */
    uint16_t link_type;
};

enum {
    PCAPNG_COMMENT_MOST_BYTES = 16 * 1024, /* a longer one is cut */
    PCAPNG_BUFFER_BYTES = 512 * 1024,
};

/* Begins a section on a descriptor that is borrowed: who opened it closes it, after pcapng_free.
 * `comment` (UTF-8) may be NULL. Nothing is written yet. 0 or -ENOMEM. */
int pcapng_new(struct pcapng **pcapng, int fd, const char *comment);

/* Describes an interface, at any time before its first frame. Its number, from 0 on, or a negative
 * errno. */
int pcapng_interface(struct pcapng *pcapng, const struct pcapng_device *device);

/* Adds a frame of an interface; of struct sbl_frame its time, lengths and bytes count. `comment`
 * may be NULL. 0 or a negative errno: -EINVAL for a frame longer than SBL_MAX_FRAME_BYTES or of an
 * interface nobody described, else what writing failed with.
 *
 * After a failed write the blocks that waited are lost, and their frames counted. A file is cut
 * back to its last whole block, so that later frames may be added when there is room again; what
 * cannot be cut back (a pipe) fails from then on with the same errno. */
int pcapng_frame(struct pcapng *pcapng, uint32_t interface, const struct sbl_frame *frame,
                 const char *comment);

/* Writes out what waits, and the section's header when nothing was written yet. 0 or a negative
 * errno, as above. */
int pcapng_flush(struct pcapng *pcapng);

/* Bytes of the file so far, those that wait included; frames that were lost in failed writes. */
uint64_t pcapng_bytes(const struct pcapng *pcapng);
uint64_t pcapng_lost(const struct pcapng *pcapng);

/* Frees it; what was not flushed is dropped. NULL is fine. */
void pcapng_free(struct pcapng *pcapng);

#endif
