/* Small dissectors for the tests of the stream room: they read the few header fields that framing
 * needs and say of a part which bytes it had. */
#ifndef SMBLAME_TESTS_STREAM_FAKE_H
#define SMBLAME_TESTS_STREAM_FAKE_H

#include <smblame/dissector.h>

enum {
    FAKE_COMMAND_BULK = 8,    /* SMB2: only the first 80 bytes of the part are wanted */
    FAKE_COMMAND_STRANGE = 9, /* SMB2: wants what message id says, resumes where tree id says */
};

/* What the fakes put into an observation: head.session_id is a hash of the part's bytes,
 * head.status their number. */
extern const struct sbl_dissector *const fake_dissectors[SBL_DISSECTOR_COUNT];

#endif
