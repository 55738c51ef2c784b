/* The smallest program that embeds libsmblame: reads an Ethernet pcap of this machine's byte order
 * and prints the account, workstation and status of every refused logon. embed.sh compiles it
 * against the installed library alone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <smblame/engine.h>

/* The ASCII of a UTF-16 name; a real program decodes the others too. */
static void print_name(struct sbl_text name) {
    for (uint32_t i = 0; i + 1 < name.size; i += 2)
        putchar(name.bytes[i + 1] == 0 && name.bytes[i] >= ' ' ? name.bytes[i] : '?');
    putchar(' ');
}

static void print_refused(void *context, const struct sbl_attempt *attempt) {
    (void)context;
    if (attempt->outcome != SBL_OUTCOME_FAILURE)
        return;
    const struct sbl_finding *finding = &attempt->finding;
    const struct sbl_status *status = sbl_status_find(finding->status, finding->is_dos_error);
    print_name(finding->account);
    print_name(finding->workstation);
    printf("%s frame %" PRIu64 "\n", status ? status->name : "?",
           finding->evidence.response.number);
}

int main(int argc, char **argv) {
    struct sbl_engine *engine;
    struct sbl_engine_options options = {.listener = {.attempt = print_refused}};
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file || fseek(file, 24, SEEK_SET) != 0 || sbl_engine_new(&engine, &options) != 0)
        return EXIT_FAILURE;
    static uint8_t bytes[262144];
    uint32_t head[4]; /* seconds, microseconds, captured and real length */
    struct sbl_frame frame = {.bytes = bytes, .link_type = SBL_LINKTYPE_ETHERNET};
    while (fread(head, sizeof head, 1, file) == 1 && head[2] <= sizeof bytes &&
           fread(bytes, 1, head[2], file) == head[2]) {
        frame.captured_bytes = head[2];
        frame.wire_bytes = head[3];
        frame.time_ns = head[0] * INT64_C(1000000000) + head[1] * INT64_C(1000);
        frame.number++;
        sbl_engine_feed(engine, &frame, 1);
    }
    sbl_engine_finish(engine);
    sbl_engine_free(engine);
    return fclose(file);
}
