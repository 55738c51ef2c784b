/* The analysis of one capture by several threads. What is told, and in which order, is what one
 * thread tells.
 *
 *     reader --blocks of segments--> workers --notes--> teller
 *        \____________________notes____________________/
 *
 * The reader (whoever calls jobs_feed) counts and decodes frames, listens for witnesses, and deals
 * segments out by their pair of hosts: what a connection or a session has to do with others, it has
 * to do with those of the same two hosts. Each worker has flows of its own. What they decide, what
 * a witness says and where a second begins goes to the teller, which is the only one to tell, each
 * note with a key: the ordinal of the frame, and what comes first of one frame. The teller takes
 * the smallest key of all. It knows that nothing smaller will come, as everybody says with each
 * block how far he has passed.
 *
 * At the end the workers close what is open in the order of last use, which is an order over all of
 * them, as the date of a use is an ordinal too. It makes keys behind all others.
 *
 * One thing cannot be dealt out: an SMB 3 channel may be bound to a session of other addresses of
 * the same two machines (by GUID). The worker that sees one may not know the session, and what the
 * channel carries from there on depends on it. It says so in its place in the order; then the
 * capture is read again, by one thread that remembers everything and tells what lies behind that
 * place. Rare, and right.
 *
 * Nobody spins: reader, workers and teller wait for each other on conditions, a few times in a
 * block of a thousand frames. Whoever is ahead is stopped by the four blocks, or by the end of his
 * ring. This cannot be a circle: the one that is furthest behind waits for nobody but the reader,
 * who then has a free block to fill, and the teller, who then has notes of everybody to take. */
#ifndef SMBLAME_JOBS_JOBS_H
#define SMBLAME_JOBS_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include <smblame/engine.h>

enum { JOBS_MOST = 64 };

struct jobs;

/* Frames given to jobs_feed are looked at until `release` is called with a mark that was taken
 * after them. Both are called by the caller's thread, from jobs_frames. */
struct jobs_options {
    unsigned workers; /* 2 to JOBS_MOST */
    void *context;
    uint64_t (*mark)(void *context);
    void (*release)(void *context, uint64_t mark);
};

/* Starts the threads. `engine` is as for sbl_engine_new; its listener and what it asks for names is
 * called by the teller's thread, and by the caller's from jobs_finish on; its observer is not
 * called. 0, -ENOMEM, -EAGAIN, or -EINVAL as sbl_engine_new. */
int jobs_new(struct jobs **jobs, const struct sbl_engine_options *engine,
             const struct jobs_options *options);

/* Where the next frames are to be written, at most `most` of them. Waits until there is room. */
struct sbl_frame *jobs_frames(struct jobs *jobs, size_t *most);

/* Takes `count` frames that were written there. False: the capture has to be read again from its
 * beginning, after jobs_start_over. */
bool jobs_feed(struct jobs *jobs, size_t count);

/* Ends the capture: tells what was cut off or half seen. False as above, else only jobs_stats,
 * jobs_application and jobs_free may follow. */
bool jobs_finish(struct jobs *jobs);

/* From here on the caller's thread does it all. 0 or -ENOMEM. */
int jobs_start_over(struct jobs *jobs);

/* The reader's own until jobs_finish, then of everybody together. */
struct sbl_stats *jobs_stats(struct jobs *jobs);

/* As sbl_engine_application; for who is told, and after jobs_finish. */
const char *jobs_application(const struct jobs *jobs, uint16_t application);

/* The most memory that it takes with so many workers, one being the engine, and such limits. */
size_t jobs_ceiling(unsigned workers, const struct sbl_limits *limits);

/* Ends the threads, also in the middle. NULL is fine. */
void jobs_free(struct jobs *jobs);

#endif
