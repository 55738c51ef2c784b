/* The stream room once more, with the dissectors of the product behind it. */
#include <smblame/dissector.h>

#define FUZZ_DISSECTORS sbl_dissectors
#include "fuzz_stream.h"
