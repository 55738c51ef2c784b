/* Files and directories. A directory is read one level deep and in the order of names, so that the
 * same command means the same everywhere. */
#include "capture/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <smblame/limits.h>

enum { FIRST_ROOM = 16 };

static int add_file(struct input_list *list, const char *name, const struct stat *about) {
    if (list->count == SBL_MAX_INPUT_FILES) {
        list->is_capped = true;
        return 0;
    }
    if (list->count == list->room) {
        uint32_t room = list->room ? list->room * 2 : FIRST_ROOM;
        struct input_file *bigger = realloc(list->files, room * sizeof *bigger);
        if (!bigger)
            return -ENOMEM;
        list->files = bigger;
        list->room = room;
    }
    struct input_file *file = &list->files[list->count];
    *file = (struct input_file){.name = strdup(name), .first_ns = INT64_MIN};
    if (!file->name)
        return -ENOMEM;
    file->path = file->name;
    file->is_regular = about && S_ISREG(about->st_mode);
    if (file->is_regular)
        file->bytes = (uint64_t)about->st_size;
    list->count++;
    return 0;
}

static int add_entry(struct input_list *list, const char *folder, const char *entry,
                     const struct complaint *complaint) {
    if (strcmp(entry, ".") == 0 || strcmp(entry, "..") == 0)
        return 0;
    char path[4096];
    size_t length = strlen(folder);
    const char *slash = length && folder[length - 1] == '/' ? "" : "/";
    struct stat about;
    if (snprintf(path, sizeof path, "%s%s%s", folder, slash, entry) >= (int)sizeof path ||
        stat(path, &about) < 0) {
        complaint_tell(complaint, path, "cannot be looked at, passed over: %s", strerror(errno));
        return 0;
    }
    if (!S_ISREG(about.st_mode)) {
        complaint_tell(complaint, path, "is %s, passed over",
                       S_ISDIR(about.st_mode) ? "a directory in a directory" : "not a file");
        return 0;
    }
    uint32_t before = list->count;
    int failed = add_file(list, path, &about);
    if (list->count > before)
        list->files[before].is_found = true;
    return failed;
}

/* Not alphasort: it depends on the locale. */
static int by_name(const struct dirent **one, const struct dirent **two) {
    return strcmp((*one)->d_name, (*two)->d_name);
}

static int add_directory(struct input_list *list, const char *name,
                         const struct complaint *complaint) {
    struct dirent **entries = NULL;
    int found = scandir(name, &entries, NULL, by_name), failed = 0;
    if (found < 0) {
        complaint_tell(complaint, name, "cannot be read: %s", strerror(errno));
        list->is_damaged = true;
        return 0;
    }
    uint32_t before = list->count;
    for (int i = 0; i < found; i++) {
        if (!failed)
            failed = add_entry(list, name, entries[i]->d_name, complaint);
        free(entries[i]);
    }
    free(entries);
    if (list->count == before && !failed)
        complaint_tell(complaint, name, "is a directory without a file in it");
    return failed;
}

int input_list_add(struct input_list *list, const char *name, const struct complaint *complaint) {
    struct stat about;
    if (strcmp(name, "-") == 0)
        return add_file(list, name, NULL);
    if (stat(name, &about) < 0) {
        complaint_tell(complaint, name, "cannot be opened: %s", strerror(errno));
        list->is_damaged = true;
        return 0;
    }
    if (S_ISDIR(about.st_mode))
        return add_directory(list, name, complaint);
    return add_file(list, name, &about);
}

/* What is wrong with a sensor, in words; NULL: nothing. */
static const char *sensor_flaw(const struct input_list *list, const struct input_file *sensor) {
    struct stat about;
    bool is_standard = strcmp(sensor->path, "-") == 0;
    for (const char *c = sensor->name; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F || *c == '/')
            return "a name has no '/' and no control characters: it stands in the records";
    if (!*sensor->name || !*sensor->path)
        return "expected NAME=PATH, both not empty";
    for (uint32_t i = 0; i < list->count; i++) {
        const struct input_file *other = &list->files[i];
        if (other != sensor && strcmp(other->name, sensor->name) == 0)
            return "two inputs have this name: the records could not tell them apart";
        if (other != sensor && strcmp(other->path, sensor->path) == 0)
            return "two inputs have this path: each would get parts of one stream";
    }
    if (!is_standard && stat(sensor->path, &about) < 0)
        return "its pipe is not there: mkfifo makes one";
    if (!is_standard && !S_ISFIFO(about.st_mode))
        return "it is no named pipe: mkfifo makes one, and a file is given without --sensor";
    return NULL;
}

static int add_sensor(struct input_list *list, const char *sensor,
                      const struct complaint *complaint) {
    uint32_t before = list->count;
    int failed = add_file(list, sensor, NULL);
    if (failed || list->count == before)
        return failed;
    struct input_file *file = &list->files[before];
    char *equals = strchr(file->name, '=');
    const char *flaw = "expected NAME=PATH";
    if (equals) {
        *equals = '\0';
        file->path = equals + 1;
        file->is_sensor = true;
        flaw = sensor_flaw(list, file);
    }
    if (flaw)
        complaint_tell(complaint, NULL, "--sensor %s: %s", sensor, flaw);
    return flaw ? -EINVAL : 0;
}

int input_list_add_sensors(struct input_list *list, const char *const *sensors, size_t count,
                           const struct complaint *complaint) {
    int failed = 0;
    if (count > SENSORS_MOST) {
        complaint_tell(complaint, NULL, "at most %d sensors can be heard at once", SENSORS_MOST);
        return -EINVAL;
    }
    for (size_t i = 0; i < count && !failed; i++)
        failed = add_sensor(list, sensors[i], complaint);
    return failed;
}

/* What a shell's <(...) makes has a name too, but nobody else can open its other end. */
bool input_file_comes_back(const struct input_file *file) {
    static const char *const passing[] = {"/dev/fd/", "/proc/"};
    bool comes_back = strcmp(file->path, "-") != 0;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        comes_back &= strncmp(file->path, passing[i], strlen(passing[i])) != 0;
    return comes_back;
}

void input_list_free(struct input_list *list) {
    for (uint32_t i = 0; i < list->count; i++) {
        process_list_free(&list->files[i].process);
        free(list->files[i].name);
    }
    free(list->files);
    *list = (struct input_list){0};
}
