/* pcapnull FILE: the yardstick. libpcap reads every packet of a file and nothing is done with them.
 */
#include <pcap/pcap.h>
#include <stdio.h>

static void ignore(u_char *count, const struct pcap_pkthdr *header, const u_char *bytes) {
    (void)header, (void)bytes;
    ++*(unsigned long long *)(void *)count;
}

int main(int argc, char **argv) {
    char error[PCAP_ERRBUF_SIZE] = "usage: pcapnull FILE";
    pcap_t *capture = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
    if (!capture) {
        fprintf(stderr, "pcapnull: %s\n", error);
        return 1;
    }
    unsigned long long count = 0;
    pcap_loop(capture, -1, ignore, (u_char *)&count);
    printf("%llu\n", count);
    pcap_close(capture);
    return 0;
}
