/* How this room says that an input is not what it should be: one line, with the input's name in
 * front. Control characters are replaced, as names of directory entries are a stranger's. */
#ifndef SMBLAME_CAPTURE_COMPLAINT_H
#define SMBLAME_CAPTURE_COMPLAINT_H

/* Where complaints go; `complain` NULL: nowhere. */
struct complaint {
    void *context;
    void (*complain)(void *context, const char *message);
};

/* Tells "name: text". `name` NULL leaves it out. */
void complaint_tell(const struct complaint *complaint, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
