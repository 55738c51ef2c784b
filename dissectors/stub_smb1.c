/* Stands in for smb1.c until it is there. */
#include <smblame/dissector.h>

static bool recognises(const uint8_t *prefix, size_t size) {
    (void)prefix, (void)size;
    return false;
}

static void dissect(struct sbl_cursor part_bytes, const struct sbl_part *part,
                    struct sbl_report *report) {
    (void)part_bytes, (void)part, (void)report;
}

extern const struct sbl_dissector sbl_dissector_smb1;
const struct sbl_dissector sbl_dissector_smb1 = {
    .name = "smb1", .prefix_bytes = 4, .recognises = recognises, .dissect = dissect};
