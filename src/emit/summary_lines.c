/* The attempts behind a verdict, written as Network Monitor wrote them: a frame, a time, who to
 * whom, C for the command, R for the response. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emit/printing.h"

/* A line in the making: what stands before its words. */
struct head {
    struct sbl_frame_ref frame;
    int64_t time_ns; /* 0 = not known */
    const char *from, *to;
    int columns; /* of an address */
};

/* Of one diagnosis: its widest address, and the file of the last line. */
struct lines {
    struct printing *printing;
    const struct sbl_diagnosis *diagnosis;
    int columns;
    uint16_t file;
    struct sbl_frame_ref frames[2 * SUMMARY_LISTED];
    size_t frame_count;
};

const char *printing_machine(const struct sbl_machine *machine, char out[PRINTING_MACHINE_BYTES]) {
    char address[IDENTITY_ADDRESS_BYTES];
    identity_address_of(machine->address, machine->ip_version, address);
    if (machine->name[0])
        snprintf(out, PRINTING_MACHINE_BYTES, "%s (%s)", machine->name, address);
    else
        snprintf(out, PRINTING_MACHINE_BYTES, "%s", address);
    return out;
}

/* Where there is one, it needs no index. NULL = not known. */
static const struct sbl_machine *client_of(const struct sbl_diagnosis *diagnosis,
                                           const struct sbl_evidence_line *line) {
    if (line->client < diagnosis->client_count)
        return &diagnosis->clients[line->client];
    return diagnosis->client_total == 1 && diagnosis->client_count ? diagnosis->clients : NULL;
}

static const struct sbl_machine *server_of(const struct sbl_diagnosis *diagnosis,
                                           const struct sbl_evidence_line *line) {
    if (line->server_number && line->server_number <= diagnosis->server_count)
        return &diagnosis->servers[line->server_number - 1];
    return diagnosis->server_total == 1 && diagnosis->server_count ? diagnosis->servers : NULL;
}

static void address_of(const struct sbl_machine *machine, char out[IDENTITY_ADDRESS_BYTES]) {
    if (machine)
        identity_address_of(machine->address, machine->ip_version, out);
    else
        snprintf(out, IDENTITY_ADDRESS_BYTES, "?");
}

/* "    44  05:27:36.012  10.1.2.42  10.1.0.10", and a line with the name of its file before it when
 * that is another one than the last line's. */
static void say_head(struct lines *lines, const struct head *head) {
    struct page *page = &lines->printing->page;
    char time[PAGE_TIME_BYTES], file[SUMMARY_NAME_BYTES];
    page_milliseconds(page, head->time_ns, time);
    if (head->frame.file != lines->file) {
        printing_file(lines->printing, head->frame.file, file);
        page_line(page, 4, 2);
        page_word(page, PAGE_FAINT, "in %s:", file[0] ? file : "another file");
    }
    lines->file = head->frame.file;
    if (lines->frame_count < sizeof lines->frames / sizeof *lines->frames)
        lines->frames[lines->frame_count++] = head->frame;
    page_line(page, 2, 8);
    page_word(page, PAGE_PLAIN, "%6" PRIu64, head->frame.number);
    page_gap(page);
    page_word(page, PAGE_PLAIN, "%*s", -(int)strlen(time), head->time_ns ? time : "");
    page_gap(page);
    page_word(page, PAGE_PLAIN, "%-*s", head->columns, head->from);
    page_gap(page);
    page_word(page, PAGE_PLAIN, "%-*s", head->columns, head->to);
    page_gap(page);
}

static void say_more(struct page *page, const char *what, const char *text) {
    page_glue(page);
    page_word(page, PAGE_PLAIN, ",");
    page_word(page, PAGE_PLAIN, "%s = %s", what, text);
}

static void say_command(struct lines *lines, const struct sbl_evidence_line *line) {
    struct page *page = &lines->printing->page;
    bool is_smb1 = line->smb_version == 1; /* SMB2 sends the tree connect by itself */
    page_word(page, PAGE_PLAIN, is_smb1 ? "C session setup & X" : "C SESSION SETUP");
    if (line->account[0])
        say_more(page, "Username", line->account);
    else if (lines->diagnosis->is_anonymous)
        say_more(page, "Username", "(anonymous)");
    if (line->domain[0])
        say_more(page, "Domain", line->domain);
    if (!is_smb1 || !line->share[0])
        return;
    page_glue(page);
    page_word(page, PAGE_PLAIN, ", and");
    page_word(page, PAGE_PLAIN, "C tree connect & X");
    say_more(page, "Share", line->share);
}

static void say_count(struct lines *lines, const struct sbl_evidence_line *line) {
    const struct sbl_diagnosis *diagnosis = lines->diagnosis;
    const struct sbl_machine *server = server_of(diagnosis, line);
    struct page *page = &lines->printing->page;
    if (line->count_after) {
        page_gap(page);
        page_word(page, PAGE_WARNING, "bad password %u", line->count_after);
        if (line->count_after <= diagnosis->threshold)
            page_word(page, PAGE_WARNING, "of %u", diagnosis->threshold);
        if (server && server->name[0] && !line->is_passed_on)
            page_word(page, PAGE_WARNING, "at %s", server->name);
        else if (diagnosis->counted_by[0])
            page_word(page, PAGE_WARNING, "at %s", diagnosis->counted_by);
    }
    if (view_is_tipping(diagnosis, line)) {
        page_gap(page);
        page_word(page, PAGE_BAD, "<- this one locks the account (event 644 / 4740)");
    }
}

/* What the Security log of the server says of it: before Windows Vista, and since. */
static void say_event(struct page *page, const struct sbl_status *status) {
    if (!status || !status->modern_event)
        return;
    page_gap(page);
    if (status->classic_event)
        page_word(page, PAGE_FAINT, "event %u / %u", status->classic_event, status->modern_event);
    else
        page_word(page, PAGE_FAINT, "event %u", status->modern_event);
}

/* A success that is told as trouble: the server made it a guest's. Whether that was a bad password
 * is not shown, so nothing is counted for certain. */
static bool is_guest(const struct sbl_evidence_line *line) {
    return line->has_status && line->status == 0 && !line->is_granted;
}

static void say_response(struct lines *lines, const struct sbl_evidence_line *line) {
    struct page *page = &lines->printing->page;
    struct view_status status;
    page_word(page, PAGE_PLAIN, line->smb_version == 1 ? "R session setup & X" : "R SESSION SETUP");
    if (is_guest(line)) {
        page_word(page, PAGE_WARNING, ", as guest (it may have been refused)");
        return;
    }
    if (line->is_granted) {
        page_word(page, PAGE_GOOD, "- granted");
    } else if (line->has_status) {
        view_code(line->status, line->is_dos_error, &status);
        page_word(page, PAGE_PLAIN, "- %s error,", strcmp(status.type, "DOS") == 0 ? "DOS" : "NT");
        page_word(page, PAGE_PLAIN, "%s", status.name);
        if (status.known)
            page_word(page, PAGE_PLAIN, "(%s)", status.code);
        say_event(page, status.known);
    }
    say_count(lines, line);
}

static void say_line(struct lines *lines, const struct sbl_evidence_line *line) {
    char client[IDENTITY_ADDRESS_BYTES], server[IDENTITY_ADDRESS_BYTES];
    bool is_answered = line->response.number != 0;
    address_of(client_of(lines->diagnosis, line), client);
    address_of(server_of(lines->diagnosis, line), server);
    if (line->request.number) {
        int64_t time_ns = is_answered ? line->request_time_ns : line->time_ns;
        say_head(lines, &(struct head){line->request, time_ns, client, server, lines->columns});
        say_command(lines, line);
        if (!is_answered)
            page_word(&lines->printing->page, PAGE_WARNING, "(no answer in this capture)");
        if (!is_answered)
            say_count(lines, line);
    }
    if (is_answered) {
        say_head(lines,
                 &(struct head){line->response, line->time_ns, server, client, lines->columns});
        say_response(lines, line);
    }
}

static int address_columns(const struct sbl_diagnosis *diagnosis) {
    size_t widest = 1;
    char address[IDENTITY_ADDRESS_BYTES];
    for (uint32_t i = 0; i < diagnosis->line_count; i++) {
        address_of(client_of(diagnosis, &diagnosis->lines[i]), address);
        widest = strlen(address) > widest ? strlen(address) : widest;
        address_of(server_of(diagnosis, &diagnosis->lines[i]), address);
        widest = strlen(address) > widest ? strlen(address) : widest;
    }
    return (int)widest;
}

static void say_skipped(struct printing *printing, uint64_t *skipped) {
    char number[PAGE_NUMBER_BYTES];
    if (*skipped) {
        page_line(&printing->page, 8, 2);
        page_word(&printing->page, PAGE_FAINT, "... %s more%s ...", page_number(*skipped, number),
                  printing->verbose ? "" : " (-v shows those that were kept)");
    }
    *skipped = 0;
}

void printing_lines(struct printing *printing, const struct sbl_diagnosis *diagnosis) {
    struct lines lines = {
        .printing = printing, .diagnosis = diagnosis, .columns = address_columns(diagnosis)};
    uint32_t count = diagnosis->line_count, shown = 0;
    uint64_t skipped = 0,
             left_out = diagnosis->line_total > count ? diagnosis->line_total - count : 0;
    if (count)
        lines.file = diagnosis->lines[0].request.number ? diagnosis->lines[0].request.file
                                                        : diagnosis->lines[0].response.file;
    for (uint32_t i = 0; i <= count; i++) {
        skipped += i == diagnosis->line_first_count ? left_out : 0;
        if (i < count && !printing->verbose && !view_is_key_line(diagnosis, i)) {
            skipped++;
            continue;
        }
        say_skipped(printing, &skipped);
        if (i < count)
            say_line(&lines, &diagnosis->lines[i]);
        shown += i < count;
    }
    printing_filter(printing, lines.frames, lines.frame_count, shown < count || left_out);
}
