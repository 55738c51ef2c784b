/* Several processes that read one interface: who gets which frame. */
#ifndef SMBLAME_CAPTURE_FANOUT_H
#define SMBLAME_CAPTURE_FANOUT_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* Lets a packet socket join those that share their interface's frames. *group 0: it is the first,
 * and what names the group is filled in. 0 or a negative errno. */
int fanout_join(int fd, uint32_t *group);

/* The program that says whose a frame is: the number it gives is taken modulo the readers. */
const struct sock_filter *fanout_program(size_t *count);

#endif
