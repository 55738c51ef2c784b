/* The compiled-in base and the directory of the user: which texts there are, in which order, and
 * what of a directory is no knowledge. A file is opened without waiting and must be a regular one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "knowledge/store.h"

#define NAMES                                                                                      \
    "drivers.json, accounts.json, shares.json, periods.json, statuses.json, facts.json or "        \
    "diagnoses.json"

static int read_builtin(struct sbl_knowledge *knowledge, FILE *errors) {
    int failed = 0;
    for (enum knowledge_file_id file = 0; !failed && file < FILE_COUNT; file++) {
        char name[64];
        size_t size = 0;
        const unsigned char *bytes = store_builtin(file, &size);
        snprintf(name, sizeof name, "built-in %s", knowledge_forms[file].name);
        struct document source = {.name = name, .text = malloc(size), .size = size};
        if (!source.text)
            return -ENOMEM;
        memcpy(source.text, bytes, size);
        failed = store_read(knowledge, file, &source, errors);
        free(source.text);
    }
    return failed;
}

/* A line about a path as a whole. Always -EINVAL. */
static int refuse(const char *path, const char *what, FILE *errors) {
    knowledge_print(path, errors);
    fprintf(errors, ": %s\n", what);
    return -EINVAL;
}

/* Reads what is left of an open file into a buffer of `most` + 1 bytes. */
static ssize_t read_all(int descriptor, char *text, size_t most) {
    size_t size = 0;
    while (size <= most) {
        ssize_t took = read(descriptor, text + size, most + 1 - size);
        if (took < 0 && errno == EINTR)
            continue;
        if (took < 0)
            return -1;
        if (took == 0)
            break;
        size += (size_t)took;
    }
    return (ssize_t)size;
}

static int read_open(struct sbl_knowledge *knowledge, enum knowledge_file_id file, int descriptor,
                     char *path, FILE *errors) {
    struct stat about;
    size_t most = knowledge->limits.file_bytes;
    char what[96];
    if (fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode))
        return refuse(path, "expected a regular file", errors);
    struct document source = {.name = path, .text = malloc(most + 1)};
    if (!source.text)
        return -ENOMEM;
    ssize_t size = read_all(descriptor, source.text, most);
    int failed = 0;
    snprintf(what, sizeof what, "found more, expected at most %zu bytes", most);
    if (size < 0)
        failed = refuse(path, strerror(errno), errors);
    else if ((size_t)size > most)
        failed = refuse(path, what, errors);
    source.size = size < 0 ? 0 : (size_t)size;
    failed = failed ? failed : store_read(knowledge, file, &source, errors);
    free(source.text);
    return failed;
}

static int read_path(struct sbl_knowledge *knowledge, enum knowledge_file_id file, char *path,
                     FILE *errors) {
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return refuse(path, strerror(errno), errors);
    int failed = read_open(knowledge, file, descriptor, path, errors);
    close(descriptor);
    return failed;
}

static int is_knowledge(const struct dirent *entry) {
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

static int read_entry(struct sbl_knowledge *knowledge, const char *directory, const char *name,
                      FILE *errors) {
    char *path = NULL;
    enum knowledge_file_id file = store_file_find(name);
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        return -ENOMEM;
    int failed = file == FILE_COUNT ? refuse(path, "found an unknown name, expected " NAMES, errors)
                                    : read_path(knowledge, file, path, errors);
    free(path);
    return failed;
}

/* In the order of names, and all of them, so that every error is seen at once. */
static int read_directory(struct sbl_knowledge *knowledge, const char *directory, FILE *errors) {
    struct dirent **names = NULL;
    int count = scandir(directory, &names, is_knowledge, alphasort), failed = 0;
    if (count < 0)
        return errno == ENOMEM ? -ENOMEM : refuse(directory, strerror(errno), errors);
    if (count == 0)
        failed = refuse(directory, "found no *.json, expected " NAMES, errors);
    for (int i = 0; i < count; i++) {
        int wrong = read_entry(knowledge, directory, names[i]->d_name, errors);
        failed = wrong ? wrong : failed;
        free(names[i]);
    }
    free(names);
    return failed;
}

int sbl_knowledge_new(struct sbl_knowledge **knowledge, const char *directory, FILE *errors) {
    struct sbl_knowledge *made = store_new(&knowledge_limits);
    *knowledge = NULL;
    if (!made)
        return -ENOMEM;
    int failed = read_builtin(made, errors);
    if (!failed && directory)
        failed = read_directory(made, directory, errors);
    failed = failed ? failed : store_finish(made, errors);
    if (failed)
        sbl_knowledge_free(made);
    else
        *knowledge = made;
    return failed;
}
