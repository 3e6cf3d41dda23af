#include "idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/files.h"
#include "../base/text.h"

/* Older headers lack some of these; the numbers are the same on every processor. */
enum {
  open_tree_number = 428,
  move_mount_number = 429,
  mount_setattr_number = 442,
  clone_tree = 1,
  cloexec_tree = O_CLOEXEC,
  from_empty_path = 4,
  empty_path = 0x1000,
  recursively = 0x8000,
  attribute_read_only = 1,
  attribute_idmap = 0x100000,
};

struct attributes {
  uint64_t set, clear, propagation, user_namespace;
};

/* The format of /proc/PID/uid_map: a line for each range. */
static bool write_map(pid_t pid, const char *name, const char *ranges) {
  char *lines = text_string(text_of(ranges));
  for (char *at = lines; *at != '\0'; at++) {
    if (*at == ':') *at = ' ';
    if (*at == ',') *at = '\n';
  }
  const int map = open(format("/proc/%d/%s", (int)pid, name), O_WRONLY | O_CLOEXEC);
  if (map < 0) return false;
  const bool written = write_all(map, text_of(lines));
  const int why = errno;
  close(map);
  errno = why;
  return written;
}

/* A namespace that exists by this descriptor alone. -1 with errno. */
static int open_user_namespace(const struct idmap *wanted) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) return -1;
  const pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    const int why = unshare(CLONE_NEWUSER) == 0 ? 0 : errno;
    (void)!write(ready[1], &why, sizeof why);
    for (;;) pause();
  }
  int why = 0, descriptor = -1;
  close(ready[1]);
  if (read(ready[0], &why, sizeof why) != sizeof why) why = EIO;
  if (why == 0) {
    if (write_map(child, "uid_map", wanted->uids) && write_map(child, "gid_map", wanted->gids))
      descriptor = open(format("/proc/%d/ns/user", (int)child), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) why = errno;
  }
  close(ready[0]);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  errno = why;
  return descriptor;
}

int mount_idmapped(const struct idmap *wanted) {
  const unsigned deep = wanted->recursive ? recursively : 0;
  const int namespace = open_user_namespace(wanted);
  if (namespace < 0) return errno;
  const struct attributes attributes = {
      .set = attribute_idmap | (wanted->read_only ? attribute_read_only : 0),
      .user_namespace = (uint64_t)namespace,
  };
  const int tree = (int)syscall(open_tree_number, AT_FDCWD, wanted->source, clone_tree | cloexec_tree | deep);
  if (tree < 0) return errno;
  if (syscall(mount_setattr_number, tree, "", empty_path | deep, &attributes, sizeof attributes) != 0) return errno;
  if (syscall(move_mount_number, tree, "", AT_FDCWD, wanted->target, from_empty_path) != 0) return errno;
  return 0;
}
