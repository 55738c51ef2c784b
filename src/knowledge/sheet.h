/* Explanations for a reader at a terminal: a heading, then labels with wrapped text beside them. */
#ifndef SMBLAME_KNOWLEDGE_SHEET_H
#define SMBLAME_KNOWLEDGE_SHEET_H

#include <stdio.h>

enum { SHEET_COLUMNS = 100 };

/* "name - kind" on a line of its own; the name may be anybody's. */
void sheet_heading(FILE *out, const char *name, const char *kind);

/* A label (NULL: none, the text goes on below the last one) and its text; nothing for "". */
void sheet_say(FILE *out, const char *label, const char *text);

/* The same of a text with {placeholders}, which become <placeholders>, and [optional parts], which
 * lose their brackets. */
void sheet_say_template(FILE *out, const char *label, const char *text);

/* The empty line after a page. */
void sheet_end(FILE *out);

#endif
