#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/failure.h"
#include "../base/files.h"
#include "cgroup.h"

enum { listener_descriptor = 3 };

void clean_environment(void) {
  /* Node would read all those certificates first, which takes twice as long as all the rest of its start. */
  unsetenv("NODE_EXTRA_CA_CERTS");
  /* systemd waits for word from containerd, not from us. */
  unsetenv("NOTIFY_SOCKET");
}

/*
 * Memory that a thread of its own arena has freed stays with that arena. The daemon has few threads, which allocate little:
 * one arena serves them all, and one thread for what V8 does beside the program. Measured after 1,500 execs that is 5 MiB.
 * boot.ts takes the variable away again, so that no other program inherits it.
 */
static void limit_memory(void) { setenv("MALLOC_ARENA_MAX", "1", 1); }

/* One more than containerd's own, so that the shim goes first when memory runs out. */
static void set_oom_score(pid_t containerd) {
  struct text score;
  const char *path = format("/proc/%d/oom_score_adj", (int)containerd);
  if (!read_file(path, 64, &score)) fail("cannot read %s: %s", path, strerror(errno));
  const long theirs = strtol(text_string(score), NULL, 10);
  const long ours = theirs < 1000 ? theirs + 1 : 1000;
  const int descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  const char *text = format("%ld", ours);
  /* Lowering it may be forbidden, and is no reason not to run a container. */
  if (descriptor < 0 || (!write_all(descriptor, text_of(text)) && errno != EACCES && errno != EPERM))
    fail("cannot set the shim's oom_score_adj to %ld: %s", ours, strerror(errno));
  close(descriptor);
}

static void share_core(void) {
#ifndef PR_SCHED_CORE
  enum { PR_SCHED_CORE = 62 };
#endif
  enum { create = 1, process_group = 2 };
  const char *wanted = getenv("SCHED_CORE");
  if (wanted == NULL || wanted[0] == '\0') return;
  if (prctl(PR_SCHED_CORE, create, 0, process_group, 0) != 0)
    fail("cannot turn on core scheduling for the shim: %s", strerror(errno));
}

static int must_open(const char *path, int flags) {
  const int descriptor = open(path, flags | O_CLOEXEC);
  if (descriptor < 0) fail("cannot open %s: %s", path, strerror(errno));
  return descriptor;
}

/* containerd reads the log from a FIFO in the bundle. A reader that does not read must not block the daemon. */
static int open_log(const char *bundle) {
  const int log = open(format("%s/log", bundle), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  return log >= 0 ? log : must_open("/dev/null", O_WRONLY);
}

/* Beyond the descriptors that are about to get their final numbers. */
static int moved_up(int descriptor) {
  const int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 64);
  if (moved < 0) fail("cannot duplicate a descriptor: %s", strerror(errno));
  return moved;
}

static void arrange_descriptors(const struct daemon *daemon) {
  const int listener = moved_up(daemon->listener), null = moved_up(must_open("/dev/null", O_RDWR));
  const int log = moved_up(open_log(daemon->bundle));
  if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(log, 2) < 0 || dup2(listener, listener_descriptor) < 0)
    fail("cannot arrange descriptors: %s", strerror(errno));
#ifndef CLOSE_RANGE_CLOEXEC
  enum { CLOSE_RANGE_CLOEXEC = 4 };
#endif
  /* Whatever containerd may have left open; before Linux 5.11 it must have taken care itself. */
  syscall(SYS_close_range, listener_descriptor + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

static _Noreturn void run_node(const struct daemon *daemon) {
  const struct arguments *given = daemon->arguments;
  const struct settings *settings = daemon->settings;
  char linger[32];
  snprintf(linger, sizeof linger, "%lu.%03lu", settings->linger / 1000, settings->linger % 1000);
  const char *events = getenv("TTRPC_ADDRESS");
  if (events == NULL || events[0] == '\0') events = format("%s.ttrpc", given->address);
  const char *words[] = {
      "keeper", "keeper", daemon->socket_path, events,
      settings->node, "--v8-pool-size=1", settings->boot, "daemon", "-namespace", given->namespace, "-address", given->address,
      "-publish-binary", given->publish_binary == NULL ? "" : given->publish_binary, "-socket",
      daemon->socket_path, "-grouping", settings->namespace_wide ? "namespace" : "pod", "-linger", linger,
      settings->keeper ? "-keeper" : given->debug ? "-debug" : NULL, settings->keeper && given->debug ? "-debug" : NULL, NULL,
  };
  enum { before_node = 4 };
  if (settings->keeper) {
    execv("/proc/self/exe", (char *const *)words);
    fail("cannot start the keeper: %s", strerror(errno));
  }
  execvp(settings->node, (char *const *)words + before_node);
  fail("cannot start node: %s: %s", settings->node, strerror(errno));
}

static _Noreturn void become_daemon(const struct daemon *daemon, pid_t containerd, int report) {
  sigset_t none;
  report = moved_up(report);
  report_failures_to(report);
  setsid();
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  set_oom_score(containerd);
  if (daemon->cgroup[0] != '\0') enter_cgroup(daemon->cgroup);
  arrange_descriptors(daemon);
  if (chdir("/") != 0) fail("cannot change to /: %s", strerror(errno));
  clean_environment();
  limit_memory();
  run_node(daemon);
}

void start_daemon(const struct daemon *daemon) {
  /* Its write end closes as node begins to run. */
  int report[2];
  struct text failure;
  const pid_t containerd = getppid();
  share_core();
  if (pipe2(report, O_CLOEXEC) != 0) fail("cannot make a pipe: %s", strerror(errno));
  const pid_t pid = fork();
  if (pid < 0) fail("cannot fork: %s", strerror(errno));
  if (pid == 0) become_daemon(daemon, containerd, report[1]);
  undo_process(pid);
  close(report[1]);
  if (!read_all(report[0], 64 * 1024, &failure)) fail("cannot watch the start of node: %s", strerror(errno));
  close(report[0]);
  close(daemon->listener);
  if (failure.length > 0) fail("%s", text_string(failure));
}
