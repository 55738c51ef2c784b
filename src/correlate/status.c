/* The statuses that say which command of a chain was refused. */
#include "correlate/state.h"

/* What connecting to a share or opening a file ends with, and a session setup never does. */
static const uint32_t OF_SHARE_OR_FILE[] = {
    0xC000000F, /* STATUS_NO_SUCH_FILE */
    0xC0000033, /* STATUS_OBJECT_NAME_INVALID */
    0xC0000034, /* STATUS_OBJECT_NAME_NOT_FOUND */
    0xC000003A, /* STATUS_OBJECT_PATH_NOT_FOUND */
    0xC0000043, /* STATUS_SHARING_VIOLATION */
    0xC00000BA, /* STATUS_FILE_IS_A_DIRECTORY */
    0xC00000CB, /* STATUS_BAD_DEVICE_TYPE */
    0xC00000CC, /* STATUS_BAD_NETWORK_NAME */
    0xC0000103, /* STATUS_NOT_A_DIRECTORY */
};
static const uint32_t OF_SHARE_OR_FILE_DOS[] = {
    1 << 16 | 2,  /* ERRDOS/ERRbadfile */
    1 << 16 | 3,  /* ERRDOS/ERRbadpath */
    1 << 16 | 67, /* ERRDOS/ERRnosuchshare */
    2 << 16 | 6,  /* ERRSRV/ERRinvnetname */
    2 << 16 | 7,  /* ERRSRV/ERRinvdevice */
};

bool status_is_of_share_or_file(uint32_t status, bool is_dos_error) {
    const uint32_t *list = is_dos_error ? OF_SHARE_OR_FILE_DOS : OF_SHARE_OR_FILE;
    size_t count = is_dos_error ? sizeof OF_SHARE_OR_FILE_DOS / sizeof *list
                                : sizeof OF_SHARE_OR_FILE / sizeof *list;
    for (size_t i = 0; i < count; i++)
        if (list[i] == status)
            return true;
    return false;
}
