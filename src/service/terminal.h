/* The terminal under the table that people watch: its other page, keys as they are pressed, and all
 * of it given back as it was. Knows nothing of what is shown. */
#ifndef SMBLAME_SERVICE_TERMINAL_H
#define SMBLAME_SERVICE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct terminal;

/* Takes the terminal that standard output is: its alternate page, no cursor, no wrapping; keys are
 * read from the controlling terminal, so that standard input may be a pipe. What is written is
 * never waited for. 0; -ENOTTY when standard output is no terminal, another negative errno, each
 * with a line in `error`. One process may open it, and others that it forks show on it; closing it
 * in any gives it back. */
int terminal_open(struct terminal **terminal, char *error, size_t error_size);

/* As it is now, at least 1 by 1; 80 by 24 where the terminal does not know. */
void terminal_size(const struct terminal *terminal, unsigned *width, unsigned *height);

/* Writes a page of `size` bytes, in one call where the terminal takes it whole. 0, or 1 when it
 * still has not taken the page before: this one is then left out. A negative errno when it is gone.
 */
int terminal_show(struct terminal *terminal, const char *page, size_t size);

/* To poll for keys, or -1 when there are none to be read. */
int terminal_keys(const struct terminal *terminal);

/* Reads what was pressed. Whether q, Q or Ctrl-C was among it, or the terminal is gone. */
bool terminal_quits(struct terminal *terminal);

/* Gives the terminal back and frees. NULL is fine. */
void terminal_close(struct terminal *terminal);

/* Frees, and leaves it to another process that has it, too, to give it back. NULL is fine. */
void terminal_leave(struct terminal *terminal);

#endif
