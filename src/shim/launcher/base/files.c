#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure.h"

bool read_all(int descriptor, size_t most, struct text *content) {
  struct stat status;
  /* One byte more than a file holds, so that its end is seen without growing. */
  size_t room = 4096;
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    if ((size_t)status.st_size > most) {
      errno = EFBIG;
      return false;
    }
    room = (size_t)status.st_size + 1;
  }
  char *bytes = allocate(room);
  size_t length = 0;
  for (;;) {
    const ssize_t count = read(descriptor, bytes + length, room - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;
    length += (size_t)count;
    if (length > most) {
      errno = EFBIG;
      return false;
    }
    if (length == room) {
      room *= 2;
      bytes = realloc(bytes, room);
      if (bytes == NULL) fail("out of memory");
    }
  }
  *content = (struct text){bytes, length};
  return true;
}

bool read_file(const char *path, size_t most, struct text *content) {
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool read = read_all(descriptor, most, content);
  const int why = errno;
  close(descriptor);
  errno = why;
  return read;
}

bool write_all(int descriptor, struct text content) {
  while (content.length > 0) {
    const ssize_t count = write(descriptor, content.at, content.length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content.at += count;
    content.length -= (size_t)count;
  }
  return true;
}

bool replace_file(const char *path, struct text content) {
  const char *beside = format("%s.%d", path, (int)getpid());
  const int descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  const bool written = write_all(descriptor, content);
  const int why = errno;
  const bool closed = close(descriptor) == 0;
  if (written && closed && rename(beside, path) == 0) return true;
  const int failure = written ? errno : why;
  unlink(beside);
  errno = failure;
  return false;
}
