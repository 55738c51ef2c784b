/* SMB1 inside: what the walk over an AndX chain (smb1.c) gives to the parsers of single commands
 * (smb1_negotiate.c, smb1_session.c, smb1_tree.c, smb1_open.c, smb1_trans2.c), and the constants of
 * [MS-CIFS] and [MS-SMB] that more than one of them needs. Private to the dissector. */
#ifndef SMBLAME_DISSECTORS_SMB1_H
#define SMBLAME_DISSECTORS_SMB1_H

#include <smblame/cursor.h>
#include <smblame/dissector.h>
#include <smblame/limits.h>
#include <smblame/observation.h>
#include <smblame/report.h>

enum { SMB1_HEADER_BYTES = 32 };

/* [MS-CIFS] 2.2.2.1 and [MS-SMB] 2.2.2.1, as far as a parser or the walk knows them. */
enum smb1_command {
    SMB_COM_OPEN = 0x02,
    SMB_COM_CREATE = 0x03,
    SMB_COM_CLOSE = 0x04,
    SMB_COM_QUERY_INFORMATION = 0x08,
    SMB_COM_CREATE_NEW = 0x0F,
    SMB_COM_CHECK_DIRECTORY = 0x10,
    SMB_COM_LOCKING_ANDX = 0x24,
    SMB_COM_OPEN_ANDX = 0x2D,
    SMB_COM_READ_ANDX = 0x2E,
    SMB_COM_WRITE_ANDX = 0x2F,
    SMB_COM_TRANSACTION2 = 0x32,
    SMB_COM_TREE_CONNECT = 0x70,
    SMB_COM_TREE_DISCONNECT = 0x71,
    SMB_COM_NEGOTIATE = 0x72,
    SMB_COM_SESSION_SETUP_ANDX = 0x73,
    SMB_COM_LOGOFF_ANDX = 0x74,
    SMB_COM_TREE_CONNECT_ANDX = 0x75,
    SMB_COM_SECURITY_PACKAGE_ANDX = 0x7E,
    SMB_COM_SEARCH = 0x81,
    SMB_COM_FIND = 0x82,
    SMB_COM_FIND_UNIQUE = 0x83,
    SMB_COM_NT_TRANSACT = 0xA0,
    SMB_COM_NT_CREATE_ANDX = 0xA2,
    SMB_COM_NO_ANDX_COMMAND = 0xFF,
};

/* Where the pieces of one block lie, in offsets of the part; what was not there is false or 0. */
struct smb1_frame {
    bool has_word_count, has_words, has_byte_count;
    uint8_t word_count;
    uint16_t byte_count;
    size_t words_at, words_bytes, bytes_at;
    uint8_t next_command; /* SMB_COM_NO_ANDX_COMMAND: the chain ends here */
    uint32_t next_at;     /* AndXOffset: counts from the start of the message */
};

/* One command of the chain, as its parser gets it. Both windows have the part's first byte as base,
 * and all the words that the form has are there. */
struct smb1_block {
    struct sbl_report *report;
    const struct sbl_cursor *part; /* everything that was handed over */
    struct sbl_cursor words;       /* the Words, AndX words included */
    struct sbl_cursor bytes;       /* the Bytes, as far as they were captured */
    uint32_t origin;               /* offset of the part's first byte in the message */
    uint8_t word_count;
    bool is_unicode;
    bool is_cut; /* the Bytes go on behind the end of their window */
};

/* How a command is read: one line of the tables in smb1.c. */
struct smb1_rule {
    void (*parse)(struct smb1_block *block, struct sbl_observation *seen); /* NULL: no body */
    uint32_t (*extent)(struct sbl_cursor words); /* message offset up to which Bytes are wanted */
    uint64_t forms;                              /* bit n: WordCount n is a form it has */
    uint8_t kind;                                /* enum sbl_observation_kind */
    uint8_t open_command;                        /* enum sbl_open_command, of OPEN_REQUEST */
    bool reads_bytes;                            /* else the words are enough */
};

/* The rule of a command, or NULL when only its head matters (smb1.c). */
const struct smb1_rule *smb1_rule_find(uint8_t command, bool is_response);

/* Reads the frame of the block at `at` of the part, as far as it is there (smb1_chain.c). */
struct smb1_frame smb1_frame_read(const struct sbl_cursor *part, size_t at, uint8_t command);

/* The message offset of the block behind this one, or 0 when the chain ends; a chain that does not
 * advance or leaves the message ends, and is counted when `report` is not NULL (smb1_chain.c). */
uint32_t smb1_chain_next(const struct smb1_frame *frame, const struct sbl_part *part,
                         struct sbl_report *report);

/* The dissector's need (smb1_chain.c). */
struct sbl_need smb1_need(struct sbl_cursor prefix, const struct sbl_part *part);

/* Moves the Bytes to where a text begins: in a Unicode message to an even offset of the message,
 * or to the other parity when the bytes there say that the sender put it so (smb1_text.c). */
void smb1_text_align(struct smb1_block *block);

/* The terminated text at the Bytes' position, in the message's encoding or in `encoding`. Absent
 * when there is nothing left; marked when the capture or the sender cut it (smb1_text.c). */
struct sbl_text smb1_string(struct smb1_block *block);
struct sbl_text smb1_string_of(struct smb1_block *block, enum sbl_encoding encoding);

/* A text of `count` bytes, aligned; a terminator that was counted is taken off (smb1_text.c). */
struct sbl_text smb1_counted_string(struct smb1_block *block, size_t count);

/* A text after the buffer format byte 04 of the core commands (smb1_text.c). */
struct sbl_text smb1_formatted_string(struct smb1_block *block);

/* Which bytes may be shown (show_smb1.c). */
void smb1_show(struct sbl_cursor part_bytes, const struct sbl_part *part,
               const struct sbl_report *report, struct sbl_spans *spans);

/* The security blob of `count` bytes at the Bytes' position (smb1_session.c). */
void smb1_token_read(struct smb1_block *block, size_t count, struct sbl_auth_token *token);

/* The parsers, by file. Each fills its part of the observation, and may lower the kind to OTHER. */
void smb1_negotiate_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_negotiate_response(struct smb1_block *block, struct sbl_observation *seen);
void smb1_session_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_session_response(struct smb1_block *block, struct sbl_observation *seen);
void smb1_tree_andx_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_tree_core_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_tree_core_response(struct smb1_block *block, struct sbl_observation *seen);
void smb1_nt_create_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_nt_create_response(struct smb1_block *block, struct sbl_observation *seen);
void smb1_open_andx_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_open_andx_response(struct smb1_block *block, struct sbl_observation *seen);
void smb1_open_core_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_open_core_response(struct smb1_block *block, struct sbl_observation *seen);
void smb1_path_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_search_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_close_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_trans2_request(struct smb1_block *block, struct sbl_observation *seen);
void smb1_nt_transact_request(struct smb1_block *block, struct sbl_observation *seen);
uint32_t smb1_trans2_extent(struct sbl_cursor words);
uint32_t smb1_nt_transact_extent(struct sbl_cursor words);

#endif
