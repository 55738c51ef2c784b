/* The list of input files: what the command line names, with directories replaced by what is in
 * them. */
#ifndef SMBLAME_CAPTURE_INPUTS_H
#define SMBLAME_CAPTURE_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/complaint.h"
#include "capture/process.h"

struct input_file {
    char *name;       /* as it is called; owned, with the path in it */
    const char *path; /* the same, but of a sensor */
    uint64_t bytes;   /* 0: not a regular file */
    bool is_found;    /* in a directory: being no capture is no damage */
    bool is_regular;
    bool is_sensor;
    int64_t first_ns; /* of its first frame */
    struct process_list process;
};

struct input_list {
    struct input_file *files;
    uint32_t count, room;
    bool is_damaged; /* something that was named could not be looked at */
    bool is_capped;  /* more than SBL_MAX_INPUT_FILES */
};

/* Adds a file, or the regular files of a directory by name. 0 or -ENOMEM. */
int input_list_add(struct input_list *list, const char *name, const struct complaint *complaint);

enum { SENSORS_MOST = 64 }; /* all are open at once */

/* Adds sensors, each "NAME=PATH": a named pipe, or "-". 0, -ENOMEM, or -EINVAL after a complaint
 * about one that is none, or about more than SENSORS_MOST. */
int input_list_add_sensors(struct input_list *list, const char *const *sensors, size_t count,
                           const struct complaint *complaint);

/* Whether another writer can come when a sensor's has gone: to a pipe that has a name. */
bool input_file_comes_back(const struct input_file *file);

void input_list_free(struct input_list *list);

#endif
