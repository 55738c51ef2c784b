/* Ids that are made of facts: UUIDs of version 8 (RFC 9562). Equal facts give equal ids on every
 * host and every run. */
#ifndef SMBLAME_BASE_UUID_H
#define SMBLAME_BASE_UUID_H

#include <stddef.h>
#include <stdint.h>

enum { UUID_BYTES = 16, UUID_TEXT_BYTES = 37 /* with the NUL */ };

/* The id of `size` bytes of facts: their XXH3-128, seed 0, but for the bits that say which version
 * and variant of UUID it is. Receivers keep ids: what is hashed, and how, may never change. */
void uuid_of(const void *facts, size_t size, uint8_t id[UUID_BYTES]);

/* The id as text, in small letters. */
void uuid_text(const uint8_t id[UUID_BYTES], char out[UUID_TEXT_BYTES]);

#endif
