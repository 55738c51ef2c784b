/* blast: sends the frames of a capture into a network device, at a given rate.
 *
 *     blast [-r FRAMES-PER-SECOND] [-n FRAMES] [-l LOOPS] [-t SECONDS] [-c FIRST] DEVICE CAPTURE
 *
 * The capture is a classic pcap of Ethernet, as gencap writes it. It is sent from its first frame
 * to its last, LOOPS times (1; 0 is without end), and ends early after so many frames or seconds,
 * or at SIGTERM. With -r each batch waits until it is due; without, frames go as fast as they are
 * taken.
 *
 * In every loop the clients get other addresses, so that connections of one loop are not continued
 * by the next: 10.x.x.x, as gencap writes them, then 11.x, 12.x and so on up to 99.x, then again.
 * -c says with which to begin (10).
 *
 * At the end it prints what the kernel took: frames, bytes and seconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 32, FILE_HEADER_BYTES = 24, RECORD_HEADER_BYTES = 16, ETHERNET_BYTES = 14 };
enum { CLIENTS_FIRST = 10, CLIENTS_LAST = 99, SOURCE_AT = 26, TARGET_AT = 30 };

static const uint32_t MAGIC_MICRO = 0xA1B2C3D4u, MAGIC_NANO = 0xA1B23C4Du;

static volatile sig_atomic_t interrupted;

struct sender {
    int fd;
    uint8_t *bytes; /* of the capture, ours to change */
    size_t size, at;
    uint64_t rate, most_frames, most_ns, loops;
    uint64_t loop, frames, sent_bytes, started_ns;
    uint8_t clients_were, clients_are; /* first byte of their addresses, in memory and sent */
};

static void interrupt(int number) {
    (void)number;
    interrupted = 1;
}

static void die(const char *what, const char *which) {
    fprintf(stderr, "blast: %s: %s\n", which, what);
    exit(1);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void load(struct sender *sender, const char *path) {
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) < 0 || about.st_size <= FILE_HEADER_BYTES)
        die("cannot read", path);
    sender->size = (size_t)about.st_size;
    void *mapped =
        mmap(NULL, sender->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED)
        die("cannot map", path);
    sender->bytes = mapped;
    sender->at = FILE_HEADER_BYTES;
    uint32_t magic;
    memcpy(&magic, sender->bytes, sizeof magic);
    if (magic != MAGIC_MICRO && magic != MAGIC_NANO)
        die("is no classic pcap of this machine's byte order", path);
}

static void open_device(struct sender *sender, const char *name) {
    int yes = 1;
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_ifindex = (int)if_nametoindex(name)};
    sender->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* receives nothing */
    if (!address.sll_ifindex || sender->fd < 0)
        die(strerror(errno), name);
    if (bind(sender->fd, (const struct sockaddr *)&address, sizeof address) < 0)
        die(strerror(errno), name);
    (void)setsockopt(sender->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);
    (void)prctl(PR_SET_TIMERSLACK, 1);
}

/* The clients' addresses are those whose first byte is what the loop before has made of it. */
static void rename_clients(const struct sender *sender, uint8_t *frame, size_t size) {
    if (size < ETHERNET_BYTES + 20 || frame[12] != 8 || frame[13] != 0)
        return;
    bool is_source = frame[SOURCE_AT] == sender->clients_were;
    uint8_t *address = frame + (is_source ? SOURCE_AT : TARGET_AT);
    if (*address == sender->clients_were)
        *address = sender->clients_are;
}

/* The next frame of the capture; false at its end. */
static bool take(struct sender *sender, struct iovec *frame) {
    uint32_t captured;
    if (sender->size - sender->at < RECORD_HEADER_BYTES)
        return false;
    memcpy(&captured, sender->bytes + sender->at + 8, sizeof captured);
    sender->at += RECORD_HEADER_BYTES;
    if (captured > sender->size - sender->at)
        return false;
    *frame = (struct iovec){sender->bytes + sender->at, captured};
    rename_clients(sender, frame->iov_base, captured);
    sender->at += captured;
    return true;
}

/* The capture from its start again, with other clients; false when that was often enough. */
static bool start_over(struct sender *sender) {
    if (sender->loops && sender->loop + 1 >= sender->loops)
        return false;
    sender->loop++;
    sender->at = FILE_HEADER_BYTES;
    sender->clients_were = sender->clients_are;
    bool is_last = sender->clients_are == CLIENTS_LAST;
    sender->clients_are = (uint8_t)(is_last ? CLIENTS_FIRST : sender->clients_are + 1);
    return true;
}

/* How many frames are in the batch; 0 when all is sent. */
static unsigned fill(struct sender *sender, struct mmsghdr *batch, struct iovec *frames) {
    unsigned count = 0;
    while (count < BATCH &&
           (!sender->most_frames || sender->frames + count < sender->most_frames)) {
        bool is_taken =
            take(sender, &frames[count]) || (start_over(sender) && take(sender, &frames[count]));
        if (!is_taken)
            break;
        batch[count] = (struct mmsghdr){.msg_hdr = {.msg_iov = &frames[count], .msg_iovlen = 1}};
        count++;
    }
    return count;
}

static void wait_until_due(const struct sender *sender) {
    if (!sender->rate)
        return;
    uint64_t whole = sender->frames / sender->rate, part = sender->frames % sender->rate;
    uint64_t due = sender->started_ns + whole * 1000000000u + part * 1000000000u / sender->rate;
    uint64_t now = now_ns();
    if (due <= now)
        return;
    struct timespec left = {(time_t)((due - now) / 1000000000u), (long)((due - now) % 1000000000u)};
    (void)nanosleep(&left, NULL);
}

/* All of a batch, however often the kernel has no room for more. */
static void send_all(struct sender *sender, struct mmsghdr *batch, unsigned count) {
    for (unsigned done = 0; done < count && !interrupted;) {
        int taken = sendmmsg(sender->fd, batch + done, count - done, 0);
        if (taken < 0 && errno != ENOBUFS && errno != EINTR && errno != EAGAIN)
            die(strerror(errno), "cannot send");
        for (int i = 0; i < taken; i++)
            sender->sent_bytes += batch[done + (unsigned)i].msg_len;
        done += taken > 0 ? (unsigned)taken : 0;
        sender->frames += taken > 0 ? (unsigned)taken : 0;
    }
}

static void run(struct sender *sender) {
    struct mmsghdr batch[BATCH];
    struct iovec frames[BATCH];
    sender->started_ns = now_ns();
    while (!interrupted) {
        unsigned count = fill(sender, batch, frames);
        if (!count || (sender->most_ns && now_ns() - sender->started_ns >= sender->most_ns))
            break;
        wait_until_due(sender);
        send_all(sender, batch, count);
    }
}

int main(int argc, char **argv) {
    struct sender sender = {
        .loops = 1, .clients_were = CLIENTS_FIRST, .clients_are = CLIENTS_FIRST};
    struct sigaction action = {.sa_handler = interrupt};
    for (int option; (option = getopt(argc, argv, "r:n:l:t:c:")) != -1;) {
        uint64_t value = optarg ? strtoull(optarg, NULL, 10) : 0;
        if (option == 'r')
            sender.rate = value;
        else if (option == 'n')
            sender.most_frames = value;
        else if (option == 'l')
            sender.loops = value;
        else if (option == 'c')
            sender.clients_are =
                (uint8_t)(value >= CLIENTS_FIRST && value <= CLIENTS_LAST ? value : CLIENTS_FIRST);
        else if (option == 't')
            sender.most_ns = value * 1000000000u;
        else
            return 2;
    }
    if (argc - optind != 2)
        die("[-r FRAMES-PER-SECOND] [-n FRAMES] [-l LOOPS] [-t SECONDS] [-c FIRST] DEVICE CAPTURE",
            "usage");
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    load(&sender, argv[optind + 1]);
    open_device(&sender, argv[optind]);
    run(&sender);
    double took = (double)(now_ns() - sender.started_ns) / 1e9;
    printf("%llu frames %llu bytes %.6f seconds\n", (unsigned long long)sender.frames,
           (unsigned long long)sender.sent_bytes, took);
    return 0;
}
