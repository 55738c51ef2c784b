/* Golden messages: well-formed messages of every kind a dissector reads, built in C. The mutation
 * test damages them in every way, the unit tests read them, and the fuzz corpora are their bytes
 * (mutate --seeds DIR). One file per dissector fills its part of the table. */
#ifndef SMBLAME_TESTS_GOLDENS_H
#define SMBLAME_TESTS_GOLDENS_H

#include <stddef.h>
#include <stdint.h>

#include <smblame/dissector.h>

struct golden {
    const char *name;
    enum sbl_dissector_id dissector;
    const uint8_t *bytes; /* static, valid for the program's life */
    size_t size;
};

enum { GOLDEN_CAPACITY = 256 };

/* Each fills `out` and says how many it has (at most `capacity`). */
size_t goldens_ntlmssp(struct golden *out, size_t capacity);
size_t goldens_kerberos(struct golden *out, size_t capacity);
size_t goldens_nbns(struct golden *out, size_t capacity);
size_t goldens_spnego(struct golden *out, size_t capacity);
size_t goldens_smb2(struct golden *out, size_t capacity);

#endif
