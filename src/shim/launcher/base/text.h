/*
 * Bytes with a length, and what is done with them.
 *
 * Nothing is ever freed: the program lives for a millisecond, and its end frees everything.
 */
#ifndef RXSHIM_TEXT_H
#define RXSHIM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
  const char *at;
  size_t length;
};

struct text text_of(const char *string);
bool text_is(struct text text, const char *string);
/* A string of C. Ends at the first zero byte of the text, if it has one. */
char *text_string(struct text text);

/* printf into new memory. */
char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));
/* malloc that does not come back without memory. */
void *allocate(size_t size);

#endif
