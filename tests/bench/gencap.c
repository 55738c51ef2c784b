/* gencap: reproducible captures for the benchmark.
 *
 *     gencap [-l PERCENT] [-r PERCENT] [-s SIDE] [-n] [-a PACKETS] [-m] [-x] [-t NS] OUT BYTES
 * WINDOW[:CLIENTS] WEIGHT:PORT:SCRIPT...
 *
 * A script is one conversation (made by scripts.py): records of direction (1 byte, 0 = client),
 * length (4 bytes, little-endian) and that many payload bytes. Each flow of the capture plays one
 * script from a client address of its own, or one of CLIENTS in turn, to one of 64 servers, with
 * handshake, 1460-byte segments, acknowledgements and FINs; WINDOW flows are alive at any time and
 * interleave in bursts of 1 to 4 packets. In each NTLMSSP AUTHENTICATE the last characters of the
 * user name are replaced by a number out of 50,000. The same arguments give the same bytes.
 * Checksums are left zero, as offload does.
 *
 * -l leaves out so many packets of 100, -r writes so many behind the packet that follows, -s writes
 * only what client (0) or server (1) sent, -n writes pcapng. What it prints at the end is the truth
 * of what was written: packets, flows, replies that refuse a logon and replies that say a file is
 * not there. */
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MSS = 1460, HEADERS = 14 + 20 + 20, ACCOUNTS = 50000, GROUPS = 16 };
enum { RECORD_ROOM = 32 + HEADERS + MSS + 8, STATUS_REPLY_BYTES = 17 };
#define STATUS_LOGON_FAILURE 0xC000006Du
#define STATUS_OBJECT_NAME_NOT_FOUND 0xC0000034u
enum { FIN = 0x01, SYN = 0x02, PSH = 0x08, ACK = 0x10 };

struct script {
    uint8_t *bytes;
    size_t size;
    unsigned weight;
    uint16_t port;
};

struct flow {
    const struct script *script;
    size_t at;       /* next record of the script */
    uint32_t sent;   /* of that record */
    uint32_t seq[2]; /* of client and server */
    uint32_t number, packets;
    uint32_t client; /* address and port */
    uint16_t client_port;
    uint8_t handshake, farewell; /* packets of them that are out */
    bool owes_ack;
    uint8_t owes_from;
};

/* How the capture point sees the wire. */
struct view {
    unsigned loss, reorder; /* per cent */
    int side;               /* only what this one sent; -1: both */
    bool is_pcapng;
};

/* What flows do that nobody honest does. */
struct abuse {
    unsigned packets; /* of a flow, then it is left alone; 0: it is played to its end */
    bool is_midstream, is_random;
};

struct generator {
    FILE *out;
    struct view view;
    struct abuse abuse;
    uint64_t ns_per_byte;
    uint8_t held[RECORD_ROOM]; /* a record that the next one overtakes */
    size_t held_bytes;
    uint64_t refused_logons, refused_opens;
    uint64_t written_bytes, packets, random, time_ns;
    struct script scripts[GROUPS];
    unsigned script_count, weight_sum;
    uint32_t flow_count, clients;
};

static uint64_t roll(struct generator *g) {
    g->random += 0x9E3779B97F4A7C15u;
    uint64_t z = g->random;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static void die(const char *what, const char *which) {
    fprintf(stderr, "gencap: %s: %s\n", which, what);
    exit(1);
}

static void put16(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v) {
    put16(p, v >> 16);
    put16(p + 2, v);
}

/* Gives each flow a user name of its own: the digits at the end of UserName (UTF-16LE) of an
 * NTLMSSP AUTHENTICATE message. */
static void rename_account(uint8_t *payload, size_t size, uint32_t number) {
    uint8_t *found = memmem(payload, size, "NTLMSSP\0\3\0\0\0", 12);
    if (!found || (size_t)(payload + size - found) < 44)
        return;
    size_t length = found[36] | (size_t)found[37] << 8, offset = found[40] | (size_t)found[41] << 8;
    if (offset + length > (size_t)(payload + size - found) || length < 12)
        return;
    uint32_t account = number % ACCOUNTS;
    for (uint8_t *digit = found + offset + length - 2; account || digit[0] != '0';
         digit -= 2, account /= 10) {
        if (digit < found + offset + length - 10)
            return;
        digit[0] = (uint8_t)('0' + account % 10);
    }
}

/* So many times in a hundred. Rolls no dice when never: captures without it stay as they were. */
static bool happens(struct generator *g, unsigned percent) {
    return percent && roll(g) % 100 < percent;
}

static void write_out(struct generator *g, const uint8_t *bytes, size_t size) {
    if (fwrite(bytes, size, 1, g->out) != 1)
        die("cannot write", "output");
    g->written_bytes += size;
}

/* A record of pcap, or an enhanced packet block of pcapng; perhaps held back behind the next. */
static void put_record(struct generator *g, const uint8_t *frame, uint32_t size) {
    uint8_t record[RECORD_ROOM] = {0};
    uint64_t microseconds = g->time_ns / 1000;
    uint32_t padded = (size + 3) & ~3u, block = padded + 32;
    uint32_t plain[4] = {htole32((uint32_t)(microseconds / 1000000)),
                         htole32((uint32_t)(microseconds % 1000000)), htole32(size), htole32(size)};
    uint32_t enhanced[7] = {htole32(6),
                            htole32(block),
                            0,
                            htole32((uint32_t)(microseconds >> 32)),
                            htole32((uint32_t)microseconds),
                            htole32(size),
                            htole32(size)};
    size_t head = g->view.is_pcapng ? sizeof enhanced : sizeof plain;
    size_t whole = g->view.is_pcapng ? block : head + size;
    memcpy(record, g->view.is_pcapng ? enhanced : plain, head);
    memcpy(record + head, frame, size);
    if (g->view.is_pcapng)
        memcpy(record + block - 4, &enhanced[1], 4);
    g->packets++;
    if (!g->held_bytes && happens(g, g->view.reorder)) {
        memcpy(g->held, record, whole);
        g->held_bytes = whole;
        return;
    }
    write_out(g, record, whole);
    if (g->held_bytes)
        write_out(g, g->held, g->held_bytes);
    g->held_bytes = 0;
}

/* Counts what a reply says, by the status in its SMB1 or SMB2 header. */
static void count_reply(struct generator *g, const uint8_t *payload, uint32_t size) {
    uint32_t status = 0;
    if (size >= STATUS_REPLY_BYTES && memcmp(payload + 4, "\xFESMB", 4) == 0)
        memcpy(&status, payload + 12, 4);
    else if (size >= STATUS_REPLY_BYTES && memcmp(payload + 4, "\xFFSMB", 4) == 0)
        memcpy(&status, payload + 9, 4);
    g->refused_logons += le32toh(status) == STATUS_LOGON_FAILURE;
    g->refused_opens += le32toh(status) == STATUS_OBJECT_NAME_NOT_FOUND;
}

static void packet(struct generator *g, struct flow *f, uint8_t from, uint8_t flags,
                   const uint8_t *payload, uint32_t size) {
    uint8_t frame[HEADERS + MSS] = {0};
    uint32_t client = f->client, server = 0xAC100001u + f->number % 64;
    uint16_t client_port = f->client_port;
    uint8_t *eth = frame, *ip = eth + 14, *tcp = ip + 20;
    memcpy(eth, from ? "\2\0\0\0\0\1\2\0\0\0\0\2" : "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
    put16(eth + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, 40 + size);
    ip[8] = 64;
    ip[9] = 6;
    put32(ip + 12, from ? server : client);
    put32(ip + 16, from ? client : server);
    put16(tcp, from ? f->script->port : client_port);
    put16(tcp + 2, from ? client_port : f->script->port);
    put32(tcp + 4, f->seq[from]);
    put32(tcp + 8, flags & ACK ? f->seq[!from] : 0);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    put16(tcp + 14, 65535);
    if (size)
        memcpy(tcp + 20, payload, size);
    if (size && !from)
        rename_account(tcp + 20, size, f->number);
    f->seq[from] += size + ((flags & (SYN | FIN)) != 0);
    bool is_seen = (g->view.side < 0 || g->view.side == from) && !happens(g, g->view.loss);
    if (is_seen) {
        count_reply(g, tcp + 20, size);
        put_record(g, frame, HEADERS + size);
    }
    g->time_ns += (uint64_t)(HEADERS + size) * g->ns_per_byte;
    f->packets++;
}

static void start_flow(struct generator *g, struct flow *f) {
    uint64_t pick = roll(g) % g->weight_sum;
    unsigned i = 0;
    while (pick >= g->scripts[i].weight)
        pick -= g->scripts[i++].weight;
    uint32_t number = g->flow_count++;
    *f = (struct flow){.script = &g->scripts[i],
                       .number = number,
                       .client = 0x0A000001u + number % (g->clients ? g->clients : 0xFFFFFFu),
                       .client_port = (uint16_t)(1024 + number / 7 % 60000),
                       .handshake = g->abuse.is_midstream ? 3 : 0};
    if (g->abuse.is_random) {
        f->client = (uint32_t)roll(g);
        f->client_port = (uint16_t)roll(g);
    }
    f->seq[0] = (uint32_t)roll(g);
    f->seq[1] = (uint32_t)roll(g);
}

/* The next data segment of the script. */
static void data_segment(struct generator *g, struct flow *f) {
    const uint8_t *record = f->script->bytes + f->at;
    uint32_t length;
    memcpy(&length, record + 1, 4);
    length = le32toh(length);
    uint32_t size = length - f->sent < MSS ? length - f->sent : MSS;
    bool is_last = f->sent + size == length;
    packet(g, f, record[0], ACK | (is_last ? PSH : 0), record + 5 + f->sent, size);
    f->sent += size;
    if (is_last) {
        f->at += 5 + (size_t)length;
        f->sent = 0;
    }
    f->owes_ack = is_last || f->sent / MSS % 2 == 0;
    f->owes_from = !record[0];
}

/* One packet of a flow; false when it was its last. */
static bool play(struct generator *g, struct flow *f) {
    static const uint8_t greeting[3][2] = {{0, SYN}, {1, SYN | ACK}, {0, ACK}};
    static const uint8_t farewell[4][2] = {{0, FIN | ACK}, {1, ACK}, {1, FIN | ACK}, {0, ACK}};
    if (f->handshake < 3) {
        packet(g, f, greeting[f->handshake][0], greeting[f->handshake][1], NULL, 0);
        f->handshake++;
    } else if (f->owes_ack) {
        packet(g, f, f->owes_from, ACK, NULL, 0);
        f->owes_ack = false;
    } else if (f->at < f->script->size) {
        data_segment(g, f);
    } else {
        packet(g, f, farewell[f->farewell][0], farewell[f->farewell][1], NULL, 0);
        f->farewell++;
    }
    return f->farewell < 4 && f->packets != g->abuse.packets;
}

static void load(struct generator *g, const char *argument) {
    struct script *script = &g->scripts[g->script_count++];
    char *colon, *second;
    unsigned long weight = strtoul(argument, &colon, 10);
    unsigned long port = strtoul(*colon == ':' ? colon + 1 : colon, &second, 10);
    if (g->script_count > GROUPS || *second != ':' || !weight || !port || port > UINT16_MAX)
        die("expected WEIGHT:PORT:SCRIPT, at most 16", argument);
    const char *path = second + 1;
    FILE *file = fopen(path, "rb");
    if (!file)
        die("cannot open", path);
    script->weight = (unsigned)weight;
    script->port = (uint16_t)port;
    size_t room = 1u << 26;
    script->bytes = malloc(room);
    script->size = script->bytes ? fread(script->bytes, 1, room, file) : 0;
    fclose(file);
    if (!script->size)
        die("empty", path);
    g->weight_sum += script->weight;
}

/* A pcap header, or a section header and an interface of Ethernet. */
static void put_file_header(struct generator *g) {
    static const uint32_t plain[6] = {0xA1B2C3D4u, 0x00040002u, 0, 0, 262144, 1};
    static const uint32_t sections[] = {0x0A0D0D0A, 28, 0x1A2B3C4D, 1,  UINT32_MAX,
                                        UINT32_MAX, 28, 1,          20, 1u /* LINKTYPE_ETHERNET */,
                                        262144,     20};
    if (g->view.is_pcapng)
        write_out(g, (const uint8_t *)sections, sizeof sections);
    else
        write_out(g, (const uint8_t *)plain, sizeof plain);
}

static void read_options(struct generator *g, int argc, char **argv) {
    g->view.side = -1;
    for (int option; (option = getopt(argc, argv, "l:r:s:na:mxt:")) != -1;) {
        if (option == 'l')
            g->view.loss = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'r')
            g->view.reorder = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 's')
            g->view.side = optarg[0] == '1';
        else if (option == 'n')
            g->view.is_pcapng = true;
        else if (option == 'a')
            g->abuse.packets = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'm')
            g->abuse.is_midstream = true;
        else if (option == 'x')
            g->abuse.is_random = true;
        else if (option == 't')
            g->ns_per_byte = strtoull(optarg, NULL, 10);
        else
            exit(2);
    }
}

int main(int argc, char **argv) {
    static struct generator g = {
        .random = 1, .ns_per_byte = 8, .time_ns = 1767225600u * UINT64_C(1000000000)};
    read_options(&g, argc, argv);
    argv += optind - 1;
    if (argc - optind < 4)
        die("[-l PERCENT] [-r PERCENT] [-s SIDE] [-n] [-a PACKETS] [-m] [-x] [-t NS] OUT BYTES "
            "WINDOW[:CLIENTS] WEIGHT:PORT:SCRIPT...",
            "usage");
    uint64_t bytes = strtoull(argv[2], NULL, 10);
    char *colon;
    size_t window = strtoull(argv[3], &colon, 10);
    g.clients = *colon == ':' ? (uint32_t)strtoul(colon + 1, NULL, 10) : 0;
    for (int i = 4; i <= argc - optind; i++)
        load(&g, argv[i]);
    struct flow *flows = calloc(window ? window : 1, sizeof *flows);
    g.out = fopen(argv[1], "wb");
    if (!g.out || !flows || !window)
        die("cannot open", argv[1]);
    put_file_header(&g);
    for (size_t i = 0; i < window; i++)
        start_flow(&g, &flows[i]);
    while (g.written_bytes < bytes) {
        struct flow *f = &flows[roll(&g) % window];
        for (uint64_t burst = 1 + roll(&g) % 4; burst; burst--)
            if (!play(&g, f))
                start_flow(&g, f);
    }
    if (g.held_bytes)
        write_out(&g, g.held, g.held_bytes);
    printf("%llu packets %u flows %llu logons %llu opens\n", (unsigned long long)g.packets,
           g.flow_count, (unsigned long long)g.refused_logons, (unsigned long long)g.refused_opens);
    free(flows);
    return fclose(g.out) != 0;
}
