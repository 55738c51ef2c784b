/* The text of --help, made of the table of options. */
#include <stdio.h>

#include "config/options.h"
#include "config/rows.h"

void options_help(void) {
    puts(
        "smblame - who failed to log on over SMB, from where, and what was refused\n\n"
        "usage: smblame [OPTIONS] FILE...       a capture, several, or a directory of them\n"
        "       smblame [OPTIONS] -i IF         a live interface\n"
        "       smblame explain X...            what is known of a cause, status, account, file\n\n"
        "  smblame trace.pcapng                 the summary: per account, the failures and "
        "clients\n"
        "  smblame --json --events trace.cap    every logon and refusal, for a SIEM or jq\n"
        "  smblame explain 0xC000006D auddrive.sys 'SMSCliToknAcct&' Q278660\n"
        "  ssh cap01 tcpdump -U -w - port 445 | smblame -r -\n\n"
        "Reads pcap, pcapng, Network Monitor 1.x and 2.x, snoop; also compressed (gzip, zstd).\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &option_rows[i];
        char left[48];
        snprintf(left, sizeof left, "%c%c%c --%s%s%s", row->letter ? '-' : ' ',
                 row->letter ? row->letter : ' ', row->letter ? ',' : ' ', row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
        printf("  %-28s %s\n", left, row->help);
    }
    puts("\nExit status: 0 done, 1 nothing could be read, 2 usage, 4 an input was damaged and the\n"
         "results are partial. Results go to standard output, all else to standard error.");
}
