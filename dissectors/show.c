/* The list of spans, and what a text must look like to be shown. */
#include "show.h"

static void add(struct showing *s, size_t offset, size_t count, uint8_t kind) {
    struct sbl_spans *spans = s->spans;
    if (offset >= s->size || count == 0)
        return;
    if (count > s->size - offset)
        count = s->size - offset;
    struct sbl_span *last = spans->count > 0 ? &spans->items[spans->count - 1] : NULL;
    if (last && kind == SBL_SPAN_SHOWN && last->kind == kind &&
        last->offset + last->bytes == offset) {
        last->bytes += (uint32_t)count;
        return;
    }
    if (spans->count == SBL_SPANS_CAPACITY) {
        spans->is_full = true;
        return;
    }
    spans->items[spans->count++] = (struct sbl_span){(uint32_t)offset, (uint32_t)count, kind};
}

void show_bytes(struct showing *s, size_t offset, size_t count) {
    add(s, offset, count, SBL_SPAN_SHOWN);
}

void show_masked(struct showing *s, size_t offset, size_t count) {
    add(s, offset, count, SBL_SPAN_MASKED);
}

/* Scripts that may stand beside Latin, each alone: the code units they have. */
static const struct script {
    uint16_t first, last;
    uint8_t script; /* 0 = Latin, digits, punctuation */
} scripts[] = {
    {0x0020, 0x007E, 0}, {0x00A0, 0x024F, 0}, {0x2010, 0x2044, 0}, {0x20AC, 0x20AC, 0},
    {0x0370, 0x052F, 1}, {0x0590, 0x06FF, 2}, {0x0900, 0x0E7F, 3}, {0x3000, 0x30FF, 4},
    {0x4E00, 0x9FFF, 4}, {0xFF01, 0xFF9F, 4}, {0xAC00, 0xD7A3, 5},
};

static int script_of(uint32_t unit) {
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        if (unit >= scripts[i].first && unit <= scripts[i].last)
            return scripts[i].script;
    return -1;
}

/* Whether the pictures of the supplementary plane stand there: a pair of units that random ones are
 * not. */
static bool is_picture(const uint8_t *bytes, size_t left) {
    uint16_t high = sbl_block_le16(bytes, 0);
    return left >= 4 && high >= 0xD83C && high <= 0xD83E && bytes[3] >> 2 == 0xDC >> 2;
}

static bool looks_like_utf16(const uint8_t *bytes, size_t size, enum show_trust trust) {
    int script = 0;
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint32_t unit = sbl_block_le16(bytes, i);
        if (trust == SHOW_ANY_SCRIPT && is_picture(&bytes[i], size - i)) {
            i += 2;
            continue;
        }
        int one = unit == 0 && i + 2 == size ? 0 : script_of(unit);
        if (one < 0 || (one > 0 && (trust == SHOW_LATIN || (script > 0 && one != script))))
            return false;
        script = one > 0 ? one : script;
    }
    return size % 2 == 0;
}

/* Of a code page nobody knows which letters it has: most of them are to be ASCII. */
static bool looks_like_bytes(const uint8_t *bytes, size_t size, enum show_trust trust) {
    size_t beyond_ascii = 0;
    for (size_t i = 0; i < size; i++) {
        bool is_end = bytes[i] == 0 && i + 1 == size;
        if ((bytes[i] < 0x20 && !is_end) || bytes[i] == 0x7F)
            return false;
        beyond_ascii += bytes[i] > 0x7F;
    }
    return beyond_ascii <= (trust == SHOW_LATIN ? 0 : size / 4);
}

void show_text(struct showing *s, struct sbl_text text, enum show_trust trust) {
    if (!sbl_text_is_present(text) || text.size == 0 || text.bytes < s->base ||
        text.bytes >= s->base + s->size)
        return;
    size_t offset = (size_t)(text.bytes - s->base);
    size_t size = text.size < s->size - offset ? text.size : s->size - offset;
    bool is_text = text.encoding == SBL_TEXT_UTF16LE ? looks_like_utf16(text.bytes, size, trust)
                                                     : looks_like_bytes(text.bytes, size, trust);
    if (is_text)
        show_bytes(s, offset, size);
}

static void show_setup_names(struct showing *s, const struct sbl_session_setup *setup,
                             enum show_trust trust) {
    bool has_account = setup->form == 10 || setup->form == 13;
    if (has_account) {
        show_text(s, setup->account, trust);
        show_text(s, setup->domain, trust);
    }
    show_text(s, setup->native_os, trust);
    show_text(s, setup->native_lanman, trust);
    show_text(s, setup->native_domain, trust);
}

void show_names(struct showing *s, const struct sbl_observation *seen, enum show_trust trust) {
    if (seen->kind == SBL_SAW_SESSION_SETUP_REQUEST ||
        seen->kind == SBL_SAW_SESSION_SETUP_RESPONSE) {
        show_setup_names(s, &seen->session_setup, trust);
    } else if (seen->kind == SBL_SAW_NEGOTIATE_RESPONSE) {
        show_text(s, seen->negotiate.domain, trust);
        show_text(s, seen->negotiate.server, trust);
    } else if (seen->kind == SBL_SAW_TREE_CONNECT_REQUEST) {
        show_text(s, seen->tree_connect.path, trust);
    } else if (seen->kind == SBL_SAW_OPEN_REQUEST || seen->kind == SBL_SAW_DFS_REFERRAL_REQUEST) {
        show_text(s, seen->open.name, trust);
    }
}
