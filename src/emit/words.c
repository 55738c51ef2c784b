/* Words by number. Pure tables. */
#include "emit/words.h"

#include <stddef.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *word(const char *const *table, size_t count, size_t at, const char *unknown) {
    return at < count && table[at] ? table[at] : unknown;
}

const char *words_reason(unsigned reason) {
    static const char *const words[] = {
#define REASON_WORD(name, word) word,
        SBL_REASONS(REASON_WORD)
#undef REASON_WORD
    };
    return word(words, COUNT(words), reason, "unknown");
}

/* NegoEx is a negotiation of its own whose mechanisms the contract has no words for. */
const char *words_mechanism(unsigned mechanism) {
    static const char *const words[] = {
        [SBL_MECHANISM_NTLMSSP] = "ntlmssp",
        [SBL_MECHANISM_KERBEROS] = "kerberos",
        [SBL_MECHANISM_LANMAN_NT] = "lanman-nt",
        [SBL_MECHANISM_PLAINTEXT] = "plaintext",
    };
    return word(words, COUNT(words), mechanism, "unknown");
}

const char *words_wrapping(unsigned wrapping) {
    static const char *const words[] = {
        [SBL_WRAPPING_NONE] = "none",
        [SBL_WRAPPING_RAW] = "raw",
        [SBL_WRAPPING_SPNEGO] = "spnego",
    };
    return word(words, COUNT(words), wrapping, "none");
}

const char *words_answer(unsigned answer) {
    static const char *const words[] = {
        [SBL_ANSWER_ANONYMOUS] = "anonymous", [SBL_ANSWER_LM] = "LM",
        [SBL_ANSWER_NTLMV1] = "NTLMv1",       [SBL_ANSWER_NTLMV1_ESS] = "NTLMv1-ESS",
        [SBL_ANSWER_LMV2] = "LMv2",           [SBL_ANSWER_NTLMV2] = "NTLMv2",
    };
    return word(words, COUNT(words), answer, NULL);
}

const char *words_authority(unsigned authority) {
    static const char *const words[] = {
        [SBL_AUTHORITY_DOMAIN] = "domain",
        [SBL_AUTHORITY_LOCAL] = "local",
    };
    return word(words, COUNT(words), authority, "unknown");
}

const char *words_state(unsigned state) {
    static const char *const words[] = {
        [SBL_DIAGNOSIS_OPEN] = "open",
        [SBL_DIAGNOSIS_UPDATE] = "update",
        [SBL_DIAGNOSIS_CLOSE] = "closed",
    };
    return word(words, COUNT(words), state, "update");
}

const char *words_culprit(unsigned kind) {
    static const char *const words[] = {
        [SBL_CULPRIT_DRIVER] = "driver",   [SBL_CULPRIT_PROGRAM] = "program",
        [SBL_CULPRIT_SERVICE] = "service", [SBL_CULPRIT_ACCOUNT] = "account",
        [SBL_CULPRIT_HOST] = "host",
    };
    return word(words, COUNT(words), kind, "unknown");
}

const char *words_basis(unsigned basis) {
    static const char *const words[] = {
        [SBL_BASIS_DOCUMENTED] = "documented",
        [SBL_BASIS_VENDOR_FILE_NAME] = "vendor_file_name",
        [SBL_BASIS_INFERRED] = "inferred",
        [SBL_BASIS_BEHAVIOUR] = "behaviour",
        [SBL_BASIS_PROCESS_TABLE] = "process_table",
    };
    return word(words, COUNT(words), basis, NULL);
}

const char *words_threshold(unsigned source) {
    static const char *const words[] = {
        [SBL_THRESHOLD_CONFIGURED] = "configured",
        [SBL_THRESHOLD_OBSERVED] = "observed",
    };
    return word(words, COUNT(words), source, NULL);
}

const char *words_open_command(unsigned command) {
    static const char *const words[] = {
        [SBL_OPEN_SMB2_CREATE] = "SMB2_CREATE",
        [SBL_OPEN_SMB2_QUERY_DIRECTORY] = "SMB2_QUERY_DIRECTORY",
        [SBL_OPEN_NT_CREATE_ANDX] = "SMB_COM_NT_CREATE_ANDX",
        [SBL_OPEN_OPEN_ANDX] = "SMB_COM_OPEN_ANDX",
        [SBL_OPEN_OPEN] = "SMB_COM_OPEN",
        [SBL_OPEN_CREATE] = "SMB_COM_CREATE",
        [SBL_OPEN_QUERY_INFORMATION] = "SMB_COM_QUERY_INFORMATION",
        [SBL_OPEN_CHECK_DIRECTORY] = "SMB_COM_CHECK_DIRECTORY",
        [SBL_OPEN_SEARCH] = "SMB_COM_SEARCH",
        [SBL_OPEN_TRANS2_OPEN2] = "TRANS2_OPEN2",
        [SBL_OPEN_TRANS2_FIND_FIRST2] = "TRANS2_FIND_FIRST2",
        [SBL_OPEN_TRANS2_QUERY_PATH_INFORMATION] = "TRANS2_QUERY_PATH_INFORMATION",
        [SBL_OPEN_NT_TRANSACT_CREATE] = "NT_TRANSACT_CREATE",
    };
    return word(words, COUNT(words), command, NULL);
}

const char *words_dialect(uint16_t dialect) {
    static const struct {
        uint16_t revision;
        const char *name;
    } dialects[] = {{0x0202, "2.0.2"}, {0x0210, "2.1"},   {0x0300, "3.0"},
                    {0x0302, "3.0.2"}, {0x0311, "3.1.1"}, {0x02FF, "2.???"}};
    for (size_t i = 0; i < COUNT(dialects); i++)
        if (dialects[i].revision == dialect)
            return dialects[i].name;
    return NULL;
}

const char *words_smb1_command(unsigned command) {
    static const char *const words[256] = {
        [0x00] = "SMB_COM_CREATE_DIRECTORY",
        [0x01] = "SMB_COM_DELETE_DIRECTORY",
        [0x02] = "SMB_COM_OPEN",
        [0x03] = "SMB_COM_CREATE",
        [0x04] = "SMB_COM_CLOSE",
        [0x05] = "SMB_COM_FLUSH",
        [0x06] = "SMB_COM_DELETE",
        [0x07] = "SMB_COM_RENAME",
        [0x08] = "SMB_COM_QUERY_INFORMATION",
        [0x09] = "SMB_COM_SET_INFORMATION",
        [0x0A] = "SMB_COM_READ",
        [0x0B] = "SMB_COM_WRITE",
        [0x0C] = "SMB_COM_LOCK_BYTE_RANGE",
        [0x0D] = "SMB_COM_UNLOCK_BYTE_RANGE",
        [0x0E] = "SMB_COM_CREATE_TEMPORARY",
        [0x0F] = "SMB_COM_CREATE_NEW",
        [0x10] = "SMB_COM_CHECK_DIRECTORY",
        [0x11] = "SMB_COM_PROCESS_EXIT",
        [0x12] = "SMB_COM_SEEK",
        [0x13] = "SMB_COM_LOCK_AND_READ",
        [0x14] = "SMB_COM_WRITE_AND_UNLOCK",
        [0x1A] = "SMB_COM_READ_RAW",
        [0x1B] = "SMB_COM_READ_MPX",
        [0x1C] = "SMB_COM_READ_MPX_SECONDARY",
        [0x1D] = "SMB_COM_WRITE_RAW",
        [0x1E] = "SMB_COM_WRITE_MPX",
        [0x1F] = "SMB_COM_WRITE_MPX_SECONDARY",
        [0x20] = "SMB_COM_WRITE_COMPLETE",
        [0x21] = "SMB_COM_QUERY_SERVER",
        [0x22] = "SMB_COM_SET_INFORMATION2",
        [0x23] = "SMB_COM_QUERY_INFORMATION2",
        [0x24] = "SMB_COM_LOCKING_ANDX",
        [0x25] = "SMB_COM_TRANSACTION",
        [0x26] = "SMB_COM_TRANSACTION_SECONDARY",
        [0x27] = "SMB_COM_IOCTL",
        [0x28] = "SMB_COM_IOCTL_SECONDARY",
        [0x29] = "SMB_COM_COPY",
        [0x2A] = "SMB_COM_MOVE",
        [0x2B] = "SMB_COM_ECHO",
        [0x2C] = "SMB_COM_WRITE_AND_CLOSE",
        [0x2D] = "SMB_COM_OPEN_ANDX",
        [0x2E] = "SMB_COM_READ_ANDX",
        [0x2F] = "SMB_COM_WRITE_ANDX",
        [0x30] = "SMB_COM_NEW_FILE_SIZE",
        [0x31] = "SMB_COM_CLOSE_AND_TREE_DISC",
        [0x32] = "SMB_COM_TRANSACTION2",
        [0x33] = "SMB_COM_TRANSACTION2_SECONDARY",
        [0x34] = "SMB_COM_FIND_CLOSE2",
        [0x35] = "SMB_COM_FIND_NOTIFY_CLOSE",
        [0x70] = "SMB_COM_TREE_CONNECT",
        [0x71] = "SMB_COM_TREE_DISCONNECT",
        [0x72] = "SMB_COM_NEGOTIATE",
        [0x73] = "SMB_COM_SESSION_SETUP_ANDX",
        [0x74] = "SMB_COM_LOGOFF_ANDX",
        [0x75] = "SMB_COM_TREE_CONNECT_ANDX",
        [0x7E] = "SMB_COM_SECURITY_PACKAGE_ANDX",
        [0x80] = "SMB_COM_QUERY_INFORMATION_DISK",
        [0x81] = "SMB_COM_SEARCH",
        [0x82] = "SMB_COM_FIND",
        [0x83] = "SMB_COM_FIND_UNIQUE",
        [0x84] = "SMB_COM_FIND_CLOSE",
        [0xA0] = "SMB_COM_NT_TRANSACT",
        [0xA1] = "SMB_COM_NT_TRANSACT_SECONDARY",
        [0xA2] = "SMB_COM_NT_CREATE_ANDX",
        [0xA4] = "SMB_COM_NT_CANCEL",
        [0xA5] = "SMB_COM_NT_RENAME",
        [0xC0] = "SMB_COM_OPEN_PRINT_FILE",
        [0xC1] = "SMB_COM_WRITE_PRINT_FILE",
        [0xC2] = "SMB_COM_CLOSE_PRINT_FILE",
        [0xC3] = "SMB_COM_GET_PRINT_QUEUE",
        [0xD8] = "SMB_COM_READ_BULK",
        [0xD9] = "SMB_COM_WRITE_BULK",
        [0xDA] = "SMB_COM_WRITE_BULK_DATA",
        [0xFE] = "SMB_COM_INVALID",
        [0xFF] = "SMB_COM_NO_ANDX_COMMAND",
    };
    return word(words, COUNT(words), command, NULL);
}

const char *words_smb2_command(unsigned command) {
    static const char *const words[] = {
        "SMB2_NEGOTIATE",
        "SMB2_SESSION_SETUP",
        "SMB2_LOGOFF",
        "SMB2_TREE_CONNECT",
        "SMB2_TREE_DISCONNECT",
        "SMB2_CREATE",
        "SMB2_CLOSE",
        "SMB2_FLUSH",
        "SMB2_READ",
        "SMB2_WRITE",
        "SMB2_LOCK",
        "SMB2_IOCTL",
        "SMB2_CANCEL",
        "SMB2_ECHO",
        "SMB2_QUERY_DIRECTORY",
        "SMB2_CHANGE_NOTIFY",
        "SMB2_QUERY_INFO",
        "SMB2_SET_INFO",
        "SMB2_OPLOCK_BREAK",
    };
    return word(words, COUNT(words), command, NULL);
}

const char *words_dissector(unsigned dissector) {
    static const char *const words[SBL_DISSECTOR_COUNT] = {
        [SBL_DISSECTOR_NBSS] = "nbss",       [SBL_DISSECTOR_SMB1] = "smb1",
        [SBL_DISSECTOR_SMB2] = "smb2",       [SBL_DISSECTOR_SPNEGO] = "spnego",
        [SBL_DISSECTOR_NTLMSSP] = "ntlmssp", [SBL_DISSECTOR_KERBEROS] = "kerberos",
        [SBL_DISSECTOR_NBNS] = "nbns",
    };
    return word(words, COUNT(words), dissector, "unknown");
}

const char *words_oddity(unsigned oddity) {
    static const char *const words[] = {
#define ODDITY_WORD(name, word) word,
        SBL_ODDITIES(ODDITY_WORD)
#undef ODDITY_WORD
    };
    return word(words, COUNT(words), oddity, "unknown");
}

const char *words_limit(unsigned limit) {
    static const char *const words[] = {
#define LIMIT_WORD(name, word, value, least, most) #word,
        SBL_LIMITS(LIMIT_WORD)
#undef LIMIT_WORD
    };
    return word(words, COUNT(words), limit, "unknown");
}
