#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/failure.h"
#include "../base/text.h"

/* False where there is no such cgroup. */
static bool enter(const char *mount, const char *path) {
  const char *file = format("%s/%s/cgroup.procs", mount, path);
  const int descriptor = open(file, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return false;
  /* 0 is the process that writes it. */
  if (descriptor < 0 || write(descriptor, "0", 1) != 1)
    fail("cannot enter the shim's cgroup through %s: %s", file, strerror(errno));
  close(descriptor);
  return true;
}

void enter_cgroup(const char *path) {
  FILE *mounts = setmntent("/proc/self/mounts", "re");
  if (mounts == NULL) fail("cannot read /proc/self/mounts: %s", strerror(errno));
  const char *unified = NULL;
  bool entered = false;
  for (const struct mntent *mount = getmntent(mounts); mount != NULL; mount = getmntent(mounts)) {
    if (strcmp(mount->mnt_type, "cgroup2") == 0) unified = text_string(text_of(mount->mnt_dir));
    if (strcmp(mount->mnt_type, "cgroup") == 0 && enter(mount->mnt_dir, path)) entered = true;
  }
  endmntent(mounts);
  if (!entered && (unified == NULL || !enter(unified, path))) fail("there is no cgroup %s for the shim", path);
}
