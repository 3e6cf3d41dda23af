/* Whole files, read and written at once. */
#ifndef RXSHIM_FILES_H
#define RXSHIM_FILES_H

#include <stdbool.h>

#include "text.h"

/* Reads to the end. False, with errno, when it cannot be read or is larger than `most`; then errno is EFBIG. */
bool read_all(int descriptor, size_t most, struct text *content);
bool read_file(const char *path, size_t most, struct text *content);

bool write_all(int descriptor, struct text content);
/* Atomic: written to a temporary file, then renamed. False with errno. */
bool replace_file(const char *path, struct text content);

#endif
