/* The stream room once more, with the dissectors of the product behind it. */
#define FUZZ_REAL_DISSECTORS 1
#include "fuzz_stream.c"
