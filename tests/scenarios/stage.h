/* The stage of a scenario: machines with names, addresses and ports, and the findings that
 * correlate would have made of what they do. Frames count up from 1, two for each exchange. */
#ifndef SMBLAME_TESTS_STAGE_H
#define SMBLAME_TESTS_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "history/history.h"
#include "script.h"

enum { STAGE_NAME_BYTES = 64, STAGE_ADDRESSES = 4 };

/* 2000-03-01 06:00:00 UTC, the zero of every scenario. */
#define STAGE_ZERO_NS (INT64_C(951890400) * 1000000000)

struct host {
    char name[STAGE_NAME_BYTES];    /* in the scenario */
    char netbios[STAGE_NAME_BYTES]; /* what it calls itself */
    char domain[STAGE_NAME_BYTES], os[STAGE_NAME_BYTES];
    uint8_t addresses[STAGE_ADDRESSES][16]; /* the last is the one it has now */
    unsigned address_count;
    uint8_t ip_version, mac[6];
    bool has_mac, is_standalone, requires_signing, is_on_netbios;
    uint16_t port; /* of its newest connection */
};

/* A word that names the frames of one finding. */
struct mark {
    char word[STAGE_NAME_BYTES];
    uint64_t request, response;
};

struct stage {
    const struct script *script;
    struct history *history; /* who is told */
    struct host *hosts;
    size_t host_count, host_room;
    struct mark *marks;
    size_t mark_count, mark_room;
    char **processes; /* image paths; row 1 is the first */
    size_t process_count, process_room;
    uint64_t frame;
    uint32_t seq;
};

/* "host", "server" and "hosts" lines; false when it is another line. */
bool stage_declare(struct stage *stage, struct words *words);
/* Plays one line of a scenario; the word after the time is next. */
void stage_play(struct stage *stage, struct words *words, int64_t time_ns);
void stage_free(struct stage *stage);
/* The image path of a row of the process table, or NULL. */
const char *stage_image(const struct stage *stage, uint32_t process);

const struct host *stage_find(const struct stage *stage, const char *name); /* NULL = none */
const struct mark *stage_mark(const struct stage *stage, const char *word);

/* The rest is shared by the files of the stage. */
struct host *stage_host(struct stage *stage, struct words *words);
void stage_logon(struct stage *stage, struct words *words, int64_t time_ns);
void stage_open(struct stage *stage, struct words *words, int64_t time_ns);
void stage_tree(struct stage *stage, struct words *words, int64_t time_ns);
void stage_witness(struct stage *stage, struct words *words, int64_t time_ns);
struct sbl_conversation stage_conversation(const struct host *client, const struct host *server);
/* Fills in what every finding has, but who and what. */
void stage_finding(struct stage *stage, struct sbl_finding *finding, int64_t time_ns);
void stage_remember(struct stage *stage, struct words *words, const struct sbl_finding *finding);
/* Takes an image path and makes it a row of the process table of the capture. */
void stage_process(struct stage *stage, struct words *words, struct sbl_finding *finding);
/* A status as written: 0xC000006D, "dos 2/5", "ok", or a short word. */
void stage_status(struct words *words, struct sbl_finding *finding);

/* Texts of one finding; they live as long as this does. */
struct texts {
    uint8_t bytes[4096];
    uint32_t used;
    bool is_oem;
};
struct sbl_text stage_text(struct texts *texts, const char *utf8);
struct sbl_netbios_name stage_netbios(const char *name, unsigned suffix);
/* DOMAIN\user, user, or "anonymous". */
void stage_who(struct texts *texts, const char *word, struct sbl_finding *finding);

#endif
