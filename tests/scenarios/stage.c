/* Machines, and what the kinds of findings have in common. */
#include "stage.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PORT = 1025, SMB_PORT = 445, NETBIOS_PORT = 139 };

static void *grown(void *items, size_t count, size_t *room, size_t size) {
    if (count < *room)
        return items;
    *room = *room ? *room * 2 : 64;
    items = realloc(items, *room * size);
    if (!items)
        abort();
    return items;
}

const struct host *stage_find(const struct stage *stage, const char *name) {
    for (size_t i = 0; i < stage->host_count; i++)
        if (strcmp(stage->hosts[i].name, name) == 0)
            return &stage->hosts[i];
    return NULL;
}

const struct mark *stage_mark(const struct stage *stage, const char *word) {
    for (size_t i = 0; i < stage->mark_count; i++)
        if (strcmp(stage->marks[i].word, word) == 0)
            return &stage->marks[i];
    return NULL;
}

struct host *stage_host(struct stage *stage, struct words *words) {
    const char *name = words_next(words, "a machine");
    const struct host *host = stage_find(stage, name);
    if (!host)
        script_fail(words->script, words->number, "no machine was declared as '%s'", name);
    return &stage->hosts[host - stage->hosts];
}

static void take_address(struct host *host, struct words *words) {
    const char *word = words_next(words, "an address");
    if (host->address_count == STAGE_ADDRESSES)
        script_fail(words->script, words->number, "more than %d addresses", STAGE_ADDRESSES);
    uint8_t *bytes = host->addresses[host->address_count++];
    host->ip_version = strchr(word, ':') ? 6 : 4;
    if (inet_pton(host->ip_version == 6 ? AF_INET6 : AF_INET, word, bytes) != 1)
        script_fail(words->script, words->number, "an IP address expected, not '%s'", word);
}

static void take_mac(struct host *host, struct words *words) {
    const char *word = words_next(words, "a MAC address or 'none'"), *at = word;
    host->has_mac = strcmp(word, "none") != 0;
    for (unsigned i = 0; host->has_mac && i < sizeof host->mac; i++) {
        char *end;
        host->mac[i] = (uint8_t)strtoul(at, &end, 16);
        if (end != at + 2 || *end != (i + 1 < sizeof host->mac ? ':' : 0))
            script_fail(words->script, words->number, "a MAC address expected, not '%s'", word);
        at = end + 1;
    }
}

static void take_name(char out[STAGE_NAME_BYTES], struct words *words) {
    snprintf(out, STAGE_NAME_BYTES, "%s", words_next(words, "a name"));
}

/* Unless it says so, a machine has a MAC of its own, made of its address. */
static void take_traits(struct host *host, struct words *words) {
    const uint8_t *address = host->addresses[0];
    const uint8_t *low = host->ip_version == 6 ? &address[12] : address;
    const uint8_t mac[6] = {0, 0x50, low[0], low[1], low[2], low[3]};
    memcpy(host->mac, mac, sizeof mac);
    host->has_mac = true;
    while (words_left(words)) {
        if (words_take(words, "mac"))
            take_mac(host, words);
        else if (words_take(words, "name"))
            take_name(host->netbios, words);
        else if (words_take(words, "domain"))
            take_name(host->domain, words);
        else if (words_take(words, "os"))
            take_name(host->os, words);
        else if (words_take(words, "standalone"))
            host->is_standalone = true;
        else if (words_take(words, "netbios"))
            host->is_on_netbios = true;
        else if (words_take(words, "signing"))
            host->requires_signing = true;
        else if (!words_take(words, "dc") && !words_take(words, "member"))
            script_fail(words->script, words->number, "unknown trait '%s'", words_peek(words));
    }
}

static struct host *add_host(struct stage *stage, const char *name) {
    stage->hosts = grown(stage->hosts, stage->host_count, &stage->host_room, sizeof *stage->hosts);
    struct host *host = &stage->hosts[stage->host_count++];
    *host = (struct host){.port = FIRST_PORT};
    snprintf(host->name, sizeof host->name, "%s", name);
    for (size_t i = 0; name[i] && i < sizeof host->netbios - 1; i++)
        host->netbios[i] = (char)toupper((unsigned char)name[i]);
    return host;
}

/* hosts COUNT PREFIX FIRST_ADDRESS: PREFIX001 ... with addresses that follow each other. */
static void declare_many(struct stage *stage, struct words *words) {
    unsigned count = (unsigned)words_number(words, "how many");
    const char *prefix = words_next(words, "a prefix");
    size_t at = words->at;
    for (unsigned i = 0; i < count; i++) {
        char name[STAGE_NAME_BYTES];
        snprintf(name, sizeof name, "%.32s%03u", prefix, i + 1);
        struct host *host = add_host(stage, name);
        words->at = at;
        take_address(host, words);
        uint8_t *low = &host->addresses[0][host->ip_version == 6 ? 14 : 2];
        unsigned sum = (unsigned)(low[0] << 8 | low[1]) + i;
        low[0] = (uint8_t)(sum >> 8);
        low[1] = (uint8_t)sum;
        take_traits(host, words);
    }
}

bool stage_declare(struct stage *stage, struct words *words) {
    if (words_take(words, "hosts")) {
        declare_many(stage, words);
        return true;
    }
    if (!words_take(words, "host") && !words_take(words, "server"))
        return false;
    const char *name = words_next(words, "a name");
    if (stage_find(stage, name))
        script_fail(words->script, words->number, "'%s' is there already", name);
    struct host *host = add_host(stage, name);
    take_address(host, words);
    take_traits(host, words);
    return true;
}

struct sbl_conversation stage_conversation(const struct host *client, const struct host *server) {
    struct sbl_conversation talk = {
        .ip_version = client->ip_version, .saw_syn = true, .is_netbios = server->is_on_netbios};
    const struct host *sides[2] = {client, server};
    for (unsigned i = 0; i < 2; i++) {
        const struct host *host = sides[i];
        memcpy(talk.side[i].address, host->addresses[host->address_count - 1], 16);
        memcpy(talk.side[i].mac, host->mac, sizeof host->mac);
    }
    talk.has_mac = client->has_mac && server->has_mac;
    talk.side[0].port = client->port;
    talk.side[1].port = server->is_on_netbios ? NETBIOS_PORT : SMB_PORT;
    return talk;
}

void stage_finding(struct stage *stage, struct sbl_finding *finding, int64_t time_ns) {
    struct sbl_evidence *evidence = &finding->evidence;
    finding->time_ns = time_ns;
    finding->seq = stage->seq += 200;
    finding->message_id = stage->frame;
    evidence->request.number = ++stage->frame;
    evidence->response.number = ++stage->frame;
    evidence->frames[0] = evidence->request;
    evidence->frames[1] = evidence->response;
    evidence->frame_count = 2;
    finding->event_id[0] = (uint8_t)(stage->frame >> 24);
    finding->event_id[1] = (uint8_t)(stage->frame >> 16);
    finding->event_id[2] = (uint8_t)(stage->frame >> 8);
    finding->event_id[3] = (uint8_t)stage->frame;
}

void stage_remember(struct stage *stage, struct words *words, const struct sbl_finding *finding) {
    const char *word = words_next(words, "a word");
    if (stage_mark(stage, word))
        script_fail(words->script, words->number, "'%s' names another line already", word);
    stage->marks = grown(stage->marks, stage->mark_count, &stage->mark_room, sizeof *stage->marks);
    struct mark *mark = &stage->marks[stage->mark_count++];
    snprintf(mark->word, sizeof mark->word, "%s", word);
    mark->request = finding->evidence.request.number;
    mark->response = finding->evidence.response.number;
}

void stage_process(struct stage *stage, struct words *words, struct sbl_finding *finding) {
    const char *path = words_next(words, "an image path");
    stage->processes = grown(stage->processes, stage->process_count, &stage->process_room,
                             sizeof *stage->processes);
    stage->processes[stage->process_count++] = strdup(path);
    finding->evidence.process = (uint32_t)stage->process_count;
}

const char *stage_image(const struct stage *stage, uint32_t process) {
    return process && process <= stage->process_count ? stage->processes[process - 1] : NULL;
}

void stage_status(struct words *words, struct sbl_finding *finding) {
    static const struct {
        const char *word;
        uint32_t status;
    } table[] = {{"ok", 0},
                 {"refused", 0xC000006D},
                 {"locked", 0xC0000234},
                 {"denied", 0xC0000022},
                 {"missing", 0xC0000034}};
    const char *word = words_next(words, "a status");
    finding->has_status = true;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(word, table[i].word) == 0) {
            finding->status = table[i].status;
            return;
        }
    }
    char *end;
    if (strcmp(word, "dos") == 0) {
        word = words_next(words, "class/code");
        uint32_t class_ = (uint32_t)strtoul(word, &end, 10);
        finding->status = class_ << 16 | (*end ? (uint32_t)strtoul(end + 1, &end, 10) : 0);
        finding->is_dos_error = true;
        if (*end || !strchr(word, '/'))
            script_fail(words->script, words->number, "class/code expected, not '%s'", word);
        return;
    }
    finding->status = (uint32_t)strtoul(word, &end, 16);
    if (strncmp(word, "0x", 2) != 0 || strlen(word) != 10 || *end)
        script_fail(words->script, words->number, "a status expected, not '%s'", word);
}

/* The code point at *c, which moves on; scenario files are UTF-8. */
static uint32_t next_point(const char **c) {
    uint8_t first = (uint8_t) * (*c)++;
    unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    uint32_t point = more ? first & (0x3Fu >> more) : first;
    while (more-- && **c)
        point = point << 6 | ((uint8_t) * (*c)++ & 0x3F);
    return point;
}

static void put_unit(struct texts *texts, uint32_t unit, unsigned bytes) {
    if (texts->used + bytes > sizeof texts->bytes)
        abort();
    texts->bytes[texts->used++] = (uint8_t)unit;
    if (bytes == 2)
        texts->bytes[texts->used++] = (uint8_t)(unit >> 8);
}

struct sbl_text stage_text(struct texts *texts, const char *utf8) {
    uint32_t begin = texts->used;
    while (*utf8) {
        uint32_t point = next_point(&utf8);
        if (texts->is_oem) {
            put_unit(texts, point < 0x80 ? point : '?', 1);
        } else if (point > 0xFFFF) {
            put_unit(texts, 0xD800 + ((point - 0x10000) >> 10), 2);
            put_unit(texts, 0xDC00 + ((point - 0x10000) & 0x3FF), 2);
        } else {
            put_unit(texts, point, 2);
        }
    }
    return (struct sbl_text){.bytes = texts->bytes + begin,
                             .size = texts->used - begin,
                             .encoding = texts->is_oem ? SBL_TEXT_OEM : SBL_TEXT_UTF16LE};
}

struct sbl_netbios_name stage_netbios(const char *name, unsigned suffix) {
    struct sbl_netbios_name out = {.suffix = (uint8_t)suffix, .is_present = true};
    for (; name[out.size] && out.size < sizeof out.name; out.size++)
        out.name[out.size] = (uint8_t)toupper((unsigned char)name[out.size]);
    return out;
}

void stage_who(struct texts *texts, const char *word, struct sbl_finding *finding) {
    char domain[SCRIPT_LINE_BYTES] = "";
    const char *bar = strchr(word, '\\');
    bool is_anonymous = strcmp(word, "anonymous") == 0;
    if (strcmp(word, "encrypted") == 0)
        return;
    if (bar)
        memcpy(domain, word, (size_t)(bar - word));
    finding->account = stage_text(texts, is_anonymous ? "" : bar ? bar + 1 : word);
    finding->domain = stage_text(texts, domain);
}

/* address HOST ADDRESS: what it has from now on. One that it had before is had again. */
static void play_address(struct stage *stage, struct words *words) {
    struct host *host = stage_host(stage, words);
    take_address(host, words);
    if (words_left(words))
        script_fail(words->script, words->number, "unexpected '%s'", words_peek(words));
    unsigned newest = host->address_count - 1;
    for (unsigned i = 0; i < newest; i++) {
        uint8_t known[16];
        memcpy(known, host->addresses[i], sizeof known);
        if (memcmp(known, host->addresses[newest], sizeof known) != 0)
            continue;
        memmove(host->addresses[i], host->addresses[i + 1], (newest - i) * sizeof known);
        host->address_count--;
        return;
    }
}

void stage_play(struct stage *stage, struct words *words, int64_t time_ns) {
    if (words_take(words, "logon"))
        stage_logon(stage, words, time_ns);
    else if (words_take(words, "open"))
        stage_open(stage, words, time_ns);
    else if (words_take(words, "tree"))
        stage_tree(stage, words, time_ns);
    else if (words_take(words, "witness"))
        stage_witness(stage, words, time_ns);
    else if (words_take(words, "address"))
        play_address(stage, words);
    else if (!words_take(words, "end"))
        script_fail(words->script, words->number, "unknown event '%s'", words_peek(words));
}

void stage_free(struct stage *stage) {
    free(stage->hosts);
    free(stage->marks);
    while (stage->process_count)
        free(stage->processes[--stage->process_count]);
    free(stage->processes);
}
