#include "place.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients.h"
#include "loop.h"

enum { look_every = 10, most_looks = 200 };

static const char *place;
static ino_t inode;
static struct timer looking;
static int looks;

void take_place_at(const char *path) {
  struct stat status;
  place = path;
  if (stat(path, &status) == 0) inode = status.st_ino;
}

void give_up_place(void) {
  struct stat status;
  if (place != NULL && stat(place, &status) == 0 && status.st_ino == inode) unlink(place);
  place = NULL;
}

static void look(struct timer *timer) {
  if (clients_flushed() || ++looks > most_looks) exit(0);
  loop_after(timer, look_every);
}

void leave_when_flushed(void) {
  looking.fire = look;
  look(&looking);
}
