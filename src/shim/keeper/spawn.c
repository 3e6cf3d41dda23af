#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "exits.h"

enum { own_session = 1, most_words = 16384 };

struct program {
  const char *tag, *folder, *file;
  uint32_t umask;
  uint8_t flags, stdio;
  uint64_t locks;
  char **arguments, **environment;
};

/* NULL when there is no memory or they cannot be. */
static char **read_words(struct reader *reader) {
  const uint32_t count = read_u32(reader);
  /* Each takes five bytes at least. */
  if (reader->broken || count > most_words || count > reader->left / 5) {
    reader->broken = true;
    return NULL;
  }
  char **words = malloc((count + 1) * sizeof *words);
  if (words == NULL) return NULL;
  for (uint32_t at = 0; at < count; at++) words[at] = (char *)read_string(reader);
  words[count] = NULL;
  return words;
}

static int read_program(struct reader *reader, struct program *program) {
  program->tag = read_string(reader);
  program->folder = read_string(reader);
  program->file = read_string(reader);
  program->umask = read_u32(reader);
  program->flags = read_u8(reader);
  program->locks = read_u64(reader);
  program->arguments = read_words(reader);
  program->environment = read_words(reader);
  program->stdio = read_u8(reader);
  if (reader->broken || program->file[0] == '\0' || strlen(program->tag) > name_largest) return EINVAL;
  if (program->arguments == NULL || program->environment == NULL) return ENOMEM;
  return program->arguments[0] == NULL ? EINVAL : 0;
}

/* Received descriptors are above those that a child gets: 0 to 2 are the keeper's own. */
static int connect_stdio(posix_spawn_file_actions_t *actions, uint8_t stdio, const struct attached *attached) {
  size_t next = 0;
  for (int target = 0; target < 3; target++) {
    int why;
    if (stdio & 1 << target) {
      if (next == attached->count || attached->descriptors[next] < 3) return EBADF;
      why = posix_spawn_file_actions_adddup2(actions, attached->descriptors[next++], target);
    } else {
      why = posix_spawn_file_actions_addopen(actions, target, "/dev/null", target == 0 ? O_RDONLY : O_WRONLY, 0);
    }
    if (why != 0) return why;
  }
  return 0;
}

static int start(const struct program *program, const struct attached *attached, pid_t *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  /* Not sigfillset, which leaves out two signals that the C library uses: the child would ignore them. */
  memset(&all, 0xff, sizeof all);
  sigemptyset(&none);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  int why = posix_spawn_file_actions_addchdir_np(&actions, program->folder);
  if (why == 0) why = connect_stdio(&actions, program->stdio, attached);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                            (program->flags & own_session ? POSIX_SPAWN_SETSID : 0));
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  if (why == 0) why = posix_spawnp(pid, program->file, &actions, &attributes, program->arguments, program->environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return why;
}

/* A child inherits what the keeper has at this moment; the keeper has one thread. */
static int start_under_limits(const struct program *program, const struct attached *attached, pid_t *pid) {
  struct rlimit own;
  mode_t mask = 0;
  getrlimit(RLIMIT_LOCKS, &own);
  const struct rlimit locks = {.rlim_cur = program->locks, .rlim_max = own.rlim_max};
  if (program->locks != 0) setrlimit(RLIMIT_LOCKS, &locks);
  if (program->umask <= 0777) mask = umask(program->umask);
  const int why = start(program, attached, pid);
  if (program->umask <= 0777) umask(mask);
  if (program->locks != 0) setrlimit(RLIMIT_LOCKS, &own);
  return why;
}

int spawn_child(struct reader *reader, struct attached *attached, struct writer *writer) {
  struct program program = {0};
  const uint64_t before = exits_latest();
  pid_t pid = 0;
  int why = read_program(reader, &program);
  if (why == 0) why = start_under_limits(&program, attached, &pid);
  if (why == 0) {
    exits_spawned(pid, program.tag);
    write_u32(writer, (uint32_t)pid);
    write_u64(writer, before);
  }
  free(program.arguments);
  free(program.environment);
  return why;
}
