#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"

struct text text_of(const char *string) { return (struct text){string, strlen(string)}; }

bool text_is(struct text text, const char *string) {
  return strlen(string) == text.length && memcmp(text.at, string, text.length) == 0;
}

char *text_string(struct text text) {
  char *string = allocate(text.length + 1);
  if (text.length > 0) memcpy(string, text.at, text.length);
  string[text.length] = '\0';
  return string;
}

char *format(const char *pattern, ...) {
  va_list values;
  char *made;
  va_start(values, pattern);
  const int length = vasprintf(&made, pattern, values);
  va_end(values);
  if (length < 0) fail("out of memory");
  return made;
}

void *allocate(size_t size) {
  void *memory = malloc(size > 0 ? size : 1);
  if (memory == NULL) fail("out of memory");
  return memory;
}
