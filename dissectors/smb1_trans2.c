/* Names inside transactions: SMB_COM_TRANSACTION2 ([MS-CIFS] 2.2.4.46, 2.2.6) and
 * SMB_COM_NT_TRANSACT ([MS-CIFS] 2.2.4.62, 2.2.7.1).
 *
 *   TRANSACTION2 words              NT_TRANSACT words
 *     0  2  TotalParameterCount       0  3  MaxSetupCount, reserved
 *     2  2  TotalDataCount            3  4  TotalParameterCount
 *     4 14  maxima, Flags, Timeout    7 12  TotalDataCount, maxima
 *    18  2  ParameterCount           19  4  ParameterCount
 *    20  2  ParameterOffset          23  4  ParameterOffset
 *    22  4  DataCount, DataOffset    27  8  DataCount, DataOffset
 *    26  2  SetupCount, reserved     35  1  SetupCount
 *    28  2  Setup[0]: subcommand     36  2  Function
 *
 * Parameters of the subcommands with a name: OPEN2 has it at 28, FIND_FIRST2 at 12,
 * QUERY_PATH_INFORMATION at 6, GET_DFS_REFERRAL at 2 (always Unicode), NT_TRANSACT_CREATE counted
 * at 53. Offsets count from the SMB header. Parameters may go on in secondary requests; what the
 * primary holds is taken. Data is never wanted. */
#include "smb1.h"

enum {
    TRANS2_OPEN2 = 0x0000,
    TRANS2_FIND_FIRST2 = 0x0001,
    TRANS2_QUERY_PATH_INFORMATION = 0x0005,
    TRANS2_GET_DFS_REFERRAL = 0x0010,
    NT_TRANSACT_CREATE = 0x0001,
};

/* Where the parameters lie, and what the words say of them. */
struct parameters {
    uint32_t total, count, offset;
    uint16_t function;
    bool has_function;
};

static struct parameters read_trans2_words(struct sbl_cursor words) {
    struct parameters parameters = {.total = sbl_cursor_le16(&words)};
    sbl_cursor_skip(&words, 16);
    parameters.count = sbl_cursor_le16(&words);
    parameters.offset = sbl_cursor_le16(&words);
    sbl_cursor_skip(&words, 4);
    uint8_t setup_count = sbl_cursor_u8(&words);
    sbl_cursor_skip(&words, 1);
    parameters.function = sbl_cursor_le16(&words);
    parameters.has_function = setup_count > 0 && !words.spoiled;
    return parameters;
}

static struct parameters read_nt_transact_words(struct sbl_cursor words) {
    sbl_cursor_skip(&words, 3);
    struct parameters parameters = {.total = sbl_cursor_le32(&words)};
    sbl_cursor_skip(&words, 12);
    parameters.count = sbl_cursor_le32(&words);
    parameters.offset = sbl_cursor_le32(&words);
    sbl_cursor_skip(&words, 9);
    parameters.function = sbl_cursor_le16(&words);
    parameters.has_function = !words.spoiled;
    return parameters;
}

/* Saturates at the largest framed message, so that a caller may add to it. */
static uint32_t extent_of(struct parameters parameters) {
    uint64_t end = (uint64_t)parameters.offset + parameters.count;
    return end < SBL_MAX_FRAMED_BYTES ? (uint32_t)end : SBL_MAX_FRAMED_BYTES;
}

uint32_t smb1_trans2_extent(struct sbl_cursor words) {
    return extent_of(read_trans2_words(words));
}

uint32_t smb1_nt_transact_extent(struct sbl_cursor words) {
    return extent_of(read_nt_transact_words(words));
}

/* Turns the block into one whose Bytes are its parameters, as far as they are there. */
static void enter_parameters(struct smb1_block *block, struct parameters parameters,
                             struct sbl_smb_head *head) {
    struct sbl_cursor part = *block->part;
    size_t least = block->words.size + 2; /* behind the ByteCount */
    size_t at = parameters.offset < block->origin ? 0 : parameters.offset - block->origin;
    if (at < least && parameters.count > 0) {
        sbl_report_odd(block->report, SBL_ODDITY_BAD_OFFSET);
        block->is_cut = true;
        block->bytes = sbl_cursor_window(&part, part.size, 0);
        return;
    }
    size_t start = at < part.size ? at : part.size;
    size_t left = part.size - start;
    bool is_short = parameters.count > left;
    block->bytes = sbl_cursor_window(&part, start, is_short ? left : parameters.count);
    block->is_cut = is_short || parameters.total > parameters.count;
    if (is_short && !block->report->is_cut)
        sbl_report_odd(block->report, SBL_ODDITY_BAD_LENGTH);
    head->is_cut = head->is_cut || (is_short && block->report->is_cut);
}

/* Steps over the fixed part; false, and the name stays absent, when that is not whole. */
static bool skip_fixed(struct smb1_block *block, size_t count) {
    size_t left = sbl_cursor_left(&block->bytes);
    sbl_cursor_skip(&block->bytes, count < left ? count : left);
    return count <= left;
}

/* The subcommands that name a file: where the name is, and what it is an attempt at. */
static const struct name_place {
    uint16_t subcommand;
    uint8_t name_at;
    uint8_t kind;
    uint8_t open_command;
} NAME_PLACES[] = {
    {TRANS2_OPEN2, 28, SBL_SAW_OPEN_REQUEST, SBL_OPEN_TRANS2_OPEN2},
    {TRANS2_FIND_FIRST2, 12, SBL_SAW_OPEN_REQUEST, SBL_OPEN_TRANS2_FIND_FIRST2},
    {TRANS2_QUERY_PATH_INFORMATION, 6, SBL_SAW_OPEN_REQUEST,
     SBL_OPEN_TRANS2_QUERY_PATH_INFORMATION},
    {TRANS2_GET_DFS_REFERRAL, 2, SBL_SAW_DFS_REFERRAL_REQUEST, 0},
};

static const struct name_place *find_place(uint16_t subcommand) {
    for (size_t i = 0; i < sizeof NAME_PLACES / sizeof NAME_PLACES[0]; i++)
        if (NAME_PLACES[i].subcommand == subcommand)
            return &NAME_PLACES[i];
    return NULL;
}

void smb1_trans2_request(struct smb1_block *block, struct sbl_observation *seen) {
    struct parameters parameters = read_trans2_words(block->words);
    const struct name_place *place =
        parameters.has_function ? find_place(parameters.function) : NULL;
    if (!place)
        return;
    sbl_observation_begin(seen, (enum sbl_observation_kind)place->kind);
    seen->open.command = place->open_command;
    enter_parameters(block, parameters, &seen->head);
    if (!skip_fixed(block, place->name_at)) {
        seen->open.name.is_cut = true;
        return;
    }
    if (place->subcommand == TRANS2_GET_DFS_REFERRAL)
        block->is_unicode = true;
    smb1_text_align(block);
    seen->open.name = smb1_string(block);
}

void smb1_nt_transact_request(struct smb1_block *block, struct sbl_observation *seen) {
    struct parameters parameters = read_nt_transact_words(block->words);
    if (!parameters.has_function || parameters.function != NT_TRANSACT_CREATE)
        return;
    struct sbl_open *open = &seen->open;
    sbl_observation_begin(seen, SBL_SAW_OPEN_REQUEST);
    open->command = SBL_OPEN_NT_TRANSACT_CREATE;
    enter_parameters(block, parameters, &seen->head);
    struct sbl_cursor fixed = block->bytes;
    if (!skip_fixed(block, 53)) {
        open->name.is_cut = true;
        return;
    }
    sbl_cursor_skip(&fixed, 4);
    open->root[0] = sbl_cursor_le32(&fixed);
    open->has_root = open->root[0] != 0;
    sbl_cursor_skip(&fixed, 24); /* from DesiredAccess to CreateDisposition */
    open->options = sbl_cursor_le32(&fixed);
    sbl_cursor_skip(&fixed, 8);
    uint32_t name_bytes = sbl_cursor_le32(&fixed);
    open->name = smb1_counted_string(block, name_bytes);
}
