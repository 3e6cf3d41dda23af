/* Processes and pipes of Linux. A handle is a descriptor. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "double.h"

extern char **environ;

/* What the C runtime of Windows makes of a command line. */
static char **split(const char *line) {
  char **list = calloc(strlen(line) / 2 + 2, sizeof *list);
  int length = 0;
  while (*(line += strspn(line, " \t"))) {
    char *word = malloc(strlen(line) + 1), *end = word;
    bool quoted = false;
    for (; *line && (quoted || (*line != ' ' && *line != '\t'));) {
      size_t slashes = strspn(line, "\\");
      line += slashes;
      bool quote = *line == '"';
      size_t kept = quote ? slashes / 2 : slashes;
      memset(end, '\\', kept);
      end += kept;
      if (quote && slashes % 2) *end++ = *line++;
      else if (quote) quoted = !quoted, line++;
      else if (*line && (quoted || (*line != ' ' && *line != '\t'))) *end++ = *line++;
    }
    *end = 0;
    list[length++] = word;
  }
  return list;
}

static char **environment(char *block) {
  int length = 0, more = 0;
  while (environ[length]) length++;
  for (char *at = block; at && *at; at += strlen(at) + 1) more++;
  char **list = calloc(length + more + 1, sizeof *list);
  int used = 0;
  for (char *at = block; at && *at; at += strlen(at) + 1) list[used++] = at;
  for (int at = 0; at < length; at++) {
    size_t name = strcspn(environ[at], "=") + 1;
    bool given = false;
    for (int other = 0; other < more; other++) given |= strncmp(list[other], environ[at], name) == 0;
    if (!given) list[used++] = environ[at];
  }
  return list;
}

bool os_pipes(const bool wants[3], caller_ends *ends, intptr_t theirs[3]) {
  for (int stream = 0; stream < 3; stream++) {
    int both[2];
    if (!wants[stream]) continue;
    if (pipe2(both, O_CLOEXEC) != 0) {
      for (int made = 0; made < stream; made++) {
        if (ends->ends[made]) close((int)ends->ends[made]), close((int)theirs[made]);
        ends->ends[made] = theirs[made] = 0;
      }
      return false;
    }
    ends->ends[stream] = (HANDLE_)both[stream == 0 ? 1 : 0];
    theirs[stream] = both[stream == 0 ? 0 : 1];
  }
  return true;
}

int32_t os_start(const launch_request *request, intptr_t job, child *started, caller_ends *ends) {
  (void)job;
  intptr_t theirs[3] = {0};
  if (!os_pipes(request->wants, ends, theirs)) return (int32_t)0x80070008;
  char **arguments = split(request->command_line), **variables = environment(request->environment);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  for (int stream = 0; stream < 3; stream++) {
    if (theirs[stream]) posix_spawn_file_actions_adddup2(&actions, (int)theirs[stream], stream);
    else posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
  }
  if (request->directory && request->directory[0] == '/')
    posix_spawn_file_actions_addchdir_np(&actions, request->directory);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigfillset(&defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  int failure = arguments[0] ? posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments, variables) : ENOENT;
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  for (int stream = 0; stream < 3; stream++) {
    if (theirs[stream]) close((int)theirs[stream]);
    if (failure && ends->ends[stream]) close((int)ends->ends[stream]);
  }
  for (char **at = arguments; *at; at++) free(*at);
  free(arguments);
  free(variables);
  started->pid = (uint32_t)pid;
  // What the service says of a program that is not there, and of one that is none.
  return failure == 0 ? OK_ : failure == ENOENT ? (int32_t)0x80070002 : (int32_t)0x800700c1;
}

static const struct {
  const char *name;
  int number;
} signals[] = {{"CtrlC", SIGINT}, {"CtrlBreak", SIGQUIT}, {"CtrlClose", SIGHUP}, {"CtrlLogOff", SIGHUP}, {"CtrlShutdown", SIGTERM}};

uint32_t os_wait(const child *of) {
  int status = 0;
  while (waitpid((pid_t)of->pid, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  // Whom a control event ends has this code on Windows, and 1 who was terminated.
  return WTERMSIG(status) == SIGKILL ? 1 : 0xc000013a;
}

void os_signal(const child *of, const char *signal) {
  for (size_t at = 0; at < sizeof signals / sizeof *signals; at++)
    if (strcmp(signals[at].name, signal) == 0) kill((pid_t)of->pid, signals[at].number);
}

void os_kill(const child *of) { kill(-(pid_t)of->pid, SIGKILL); }

void os_forget(const child *of) { (void)of; }

intptr_t os_new_job(void) { return 0; }
void os_end_job(intptr_t job) { (void)job; }

int32_t os_write(intptr_t to, const void *bytes, int32_t length) { return (int32_t)write((int)to, bytes, length); }

int32_t os_read_now(intptr_t from, void *bytes, int32_t most) {
  struct pollfd ready = {.fd = (int)from, .events = POLLIN};
  if (poll(&ready, 1, 0) <= 0) return 0;
  int32_t length = (int32_t)read((int)from, bytes, most);
  return length > 0 ? length : -1;
}

void os_close(intptr_t end) { close((int)end); }
