/* A configuration file of any bytes: read into options, compared with another that came out of the
 * same bytes, and with what is left without a source and without effects. */
#include <stdint.h>
#include <stdlib.h>

#include "config/rows.h"
#include "config/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void differ(void *context, const char *name, bool is_live) {
    (void)context, (void)name, (void)is_live;
    abort();
}

static int take(struct options *options, const uint8_t *data, size_t size, unsigned unwanted) {
    FILE *file = fmemopen(NULL, size + 1, "w+");
    if (!file || fwrite(data, 1, size, file) != size)
        abort();
    rewind(file);
    int status = settings_read(options, file, "etc/fuzz.conf", unwanted);
    fclose(file);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct options one = {.codepage = "CP850"}, other = one;
    FILE *real = stderr;
    stderr = fopen("/dev/null", "w");
    if (!stderr || size > 1 << 16)
        abort();
    int status = take(&one, data, size, 0);
    if (take(&other, data, size, 0) != status || (status && status != EXIT_USAGE))
        abort();
    options_changes(&one, &other, NULL, differ);
    options_free(&one);
    options_free(&other);
    struct options less = {.codepage = "CP850"};
    if (take(&less, data, size, ROW_SOURCE | ROW_EFFECT) != status || less.evidence ||
        less.input_count)
        abort();
    options_free(&less);
    fclose(stderr);
    stderr = real;
    return 0;
}
