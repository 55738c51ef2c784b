/* Feeds every file of the directories named to a fuzz target, once: the corpus as a test. A corpus
 * that is not there is a failure, as a test that reads nothing would prove nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return -1;
    size_t room = 1u << 22;
    uint8_t *bytes = malloc(room);
    size_t size = bytes ? fread(bytes, 1, room, file) : 0;
    fclose(file);
    if (!bytes)
        return -1;
    /* exactly as large as the input, so that the sanitizer sees the first byte too many */
    uint8_t *exact = realloc(bytes, size ? size : 1);
    LLVMFuzzerTestOneInput(exact ? exact : bytes, size);
    free(exact ? exact : bytes);
    return 0;
}

int main(int argc, char **argv) {
    unsigned count = 0;
    for (int i = 1; i < argc; i++) {
        struct dirent **names;
        int found = scandir(argv[i], &names, NULL, alphasort);
        for (int n = 0; n < found; n++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], names[n]->d_name);
            if (names[n]->d_name[0] != '.' && replay_file(path) == 0)
                count++;
            free(names[n]);
        }
        if (found >= 0)
            free(names);
    }
    printf("%u inputs replayed\n", count);
    return count == 0;
}
