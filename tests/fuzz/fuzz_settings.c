/* A configuration file of any bytes: read into options, compared with another that came out of the
 * same bytes, freed. */
#include <stdint.h>
#include <stdlib.h>

#include "config/rows.h"
#include "config/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void differ(void *context, const char *name, bool is_live) {
    (void)context, (void)name, (void)is_live;
    abort();
}

static int take(struct options *options, const uint8_t *data, size_t size) {
    FILE *file = fmemopen(NULL, size + 1, "w+");
    if (!file || fwrite(data, 1, size, file) != size)
        abort();
    rewind(file);
    int status = settings_read(options, file, "etc/fuzz.conf");
    fclose(file);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct options one = {.codepage = "CP850"}, other = one;
    FILE *real = stderr;
    stderr = fopen("/dev/null", "w");
    if (!stderr || size > 1 << 16)
        abort();
    int status = take(&one, data, size);
    if (take(&other, data, size) != status || (status && status != EXIT_USAGE))
        abort();
    options_changes(&one, &other, NULL, differ);
    options_free(&one);
    options_free(&other);
    fclose(stderr);
    stderr = real;
    return 0;
}
