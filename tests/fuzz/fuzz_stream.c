/* The stream room with dissectors that only mirror what they got. */
#include "../unit/stream_fake.h"

#define FUZZ_DISSECTORS fake_dissectors
#include "fuzz_stream.h"
