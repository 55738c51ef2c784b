/* The SMB1 dissector over anything. The first byte of the input chooses how much of the message the
 * capture lost; what follows is the message from FF 'S' 'M' 'B' on. */
#include "../unit/smb1_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct drive drive;
    if (size < 1 || size > SBL_MAX_MESSAGE_BYTES)
        return 0;
    uint32_t lost = data[0] < 0x80 ? 0 : (uint32_t)(data[0] - 0x7F) * 16;
    drive_message(data + 1, size - 1, (uint32_t)(size - 1) + lost, &drive);
    return 0;
}
