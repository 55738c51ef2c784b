/* Text from the wire, decoded to UTF-8: OEM code pages by a table that iconv fills once at start-up
 * (never in the packet path), UTF-16LE by an own decoder that keeps lone surrogates visible, ASCII
 * and UTF-8 checked. What cannot be decoded becomes U+FFFD and is told, never dropped. */
#ifndef SMBLAME_BASE_TEXT_H
#define SMBLAME_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/text.h>

#define TEXT_UNDECODABLE 0xFFFFFFFFu /* no code point: what the decoders answer for damage */
#define TEXT_REPLACEMENT 0xFFFDu

/* The code point of each byte of a code page; TEXT_REPLACEMENT where it has none. */
struct text_codepage {
    uint32_t points[256];
};

/* Fills a code page by its iconv name ("CP850"). 0, or -EINVAL when iconv does not know the name or
 * the page is no superset of ASCII letters (EBCDIC, UTF-16): no SMB client ever sent such text. */
int text_codepage_init(struct text_codepage *page, const char *name);

/* Decodes to UTF-8 (not terminated). Returns the bytes written: never more than `room`, never half
 * a character. `*lossy` becomes whether U+FFFD stood in for something or room ran out. In UTF-16LE
 * a lone surrogate and a trailing odd byte become U+FFFD each; in UTF-8 each maximal ill-formed
 * part does. NUL characters at the end are dropped. `page` may be NULL: then OEM bytes above 7F are
 * undecodable. An absent text gives nothing. */
size_t text_to_utf8(struct sbl_text text, const struct text_codepage *page, char *out, size_t room,
                    bool *lossy);

/* Whether a code point is one that acts on a terminal instead of showing: C0, DEL, C1, the line and
 * paragraph separators, and the controls of writing direction. */
bool text_is_control(uint32_t point);

/* The code point at the start of `size` (> 0) bytes of UTF-8, TEXT_UNDECODABLE when they are
 * ill-formed. Returns how many bytes it took, at least one. */
size_t text_next(const char *utf8, size_t size, uint32_t *point);

/* Copies UTF-8 for a terminal: control characters and ill-formed bytes become \xNN or \u{NNNN}.
 * Returns the bytes written: never more than `room`, never half a character or half an escape. */
size_t text_printable(const char *utf8, size_t size, char *out, size_t room);

/* How much of UTF-8 longer than `most` bytes to keep so that no character is cut in two. */
size_t text_cut(const char *utf8, size_t most);

/* Copies a terminated text to `room` (> 0) bytes, cut between characters when it does not fit. */
void text_copy(char *out, size_t room, const char *utf8);

#endif
