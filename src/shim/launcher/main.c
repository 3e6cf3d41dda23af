/*
 * The executable that containerd starts: three times for each container, all of it in the time that a user waits.
 *
 * So `start` is done here wholly, and `delete` where the daemon has left nothing to do; for everything else node is started,
 * which takes a hundred times as long.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../keeper/keeper.h"
#include "base/failure.h"
#include "base/files.h"
#include "formats/protobuf.h"
#include "helper/copy.h"
#include "helper/idmap.h"
#include "request/arguments.h"
#include "request/group.h"
#include "request/options.h"
#include "request/settings.h"
#include "start/daemon.h"
#include "start/listener.h"

static const char default_socket_folder[] = "/run/containerd/s";

static const char *bundle_of(const struct arguments *arguments) {
  if (arguments->bundle != NULL && arguments->bundle[0] != '\0') return arguments->bundle;
  const char *folder = get_current_dir_name();
  if (folder == NULL) fail("cannot tell the current directory: %s", strerror(errno));
  return folder;
}

static struct options read_stdin(const struct arguments *arguments) {
  struct text input = {"", 0};
  struct options options;
  if (!isatty(0) && !read_all(0, 16 << 20, &input) && errno != EBADF)
    fail("cannot read the options on stdin: %s", strerror(errno));
  if (!read_options(input, text_of(arguments->id), text_of(arguments->namespace), &options))
    fail("what came on stdin are no options of a runtime");
  return options;
}

static void require(const char *value, const char *flag) {
  if (value == NULL || value[0] == '\0') fail("-%s is missing", flag);
}

/*
 * BootstrapResult: the version of the Task API, the address and its protocol. Only containerd 2.3 and later, which send
 * BootstrapParams, may get it: 1.7 refuses version 3, and 1.6 takes any text for an address.
 */
static struct text bootstrap_result(const char *address) {
  char *message = allocate(strlen(address) + 64);
  char *end = put_integer(message, 1, 3);
  end = put_bytes(end, 2, text_of(address));
  end = put_bytes(end, 3, text_of("ttrpc"));
  return (struct text){message, (size_t)(end - message)};
}

/* Prints where the daemon of the container listens, after starting it if there is none. */
static void start(const struct arguments *arguments) {
  /* If containerd has closed our stdout, the write fails and we clean up. Dying by SIGPIPE would leak the daemon. */
  signal(SIGPIPE, SIG_IGN);
  require(arguments->namespace, "namespace");
  require(arguments->address, "address");
  require(arguments->id, "id");
  const struct settings settings = read_settings();
  const char *bundle = bundle_of(arguments);
  const struct options options = read_stdin(arguments);
  const struct text group = settings.namespace_wide ? text_of("") : group_of(bundle, arguments->id);
  const char *folder = options.socket_dir.length > 0 ? text_string(options.socket_dir) : default_socket_folder;
  const char *path = socket_path(folder, arguments->address, arguments->namespace, group);

  make_socket_folder(folder);
  const int listener = listen_or_join(folder, path, arguments->id, bundle);
  if (listener >= 0) {
    const struct daemon daemon = {arguments, &settings, bundle,
                                  path,      listener,  text_string(options.shim_cgroup)};
    start_daemon(&daemon);
  }
  const char *address = format("unix://%s", path);
  /* containerd finds the daemon there after a restart of its own. */
  if (!replace_file(format("%s/address", bundle), text_of(address)))
    fail("cannot write address into %s: %s", bundle, strerror(errno));
  if (!write_all(1, options.bootstrap ? bootstrap_result(address) : text_of(address))) fail("cannot write the address to stdout: %s", strerror(errno));
}

/* True when the daemon has deleted the container and written down what there is to answer. */
static bool answer_delete(const struct arguments *arguments) {
  struct text response;
  if (!read_file(format("%s/delete.response", bundle_of(arguments)), 64 * 1024, &response)) return false;
  if (!write_all(1, response)) fail("cannot write to stdout: %s", strerror(errno));
  return true;
}

/* A daemon whose state could not be recorded was killed, but its socket file still exists. */
static void remove_socket(const struct arguments *arguments) {
  static const char scheme[] = "unix://";
  struct text address;
  if (!read_file(format("%s/address", bundle_of(arguments)), 4096, &address)) return;
  const char *path = text_string(address);
  if (strncmp(path, scheme, sizeof scheme - 1) == 0) remove_dead_socket(path + sizeof scheme - 1);
}

static _Noreturn void run_node(char **words) {
  const struct settings settings = read_settings();
  size_t count = 0;
  while (words[count] != NULL) count++;
  const char **command = allocate((count + 2) * sizeof *command);
  command[0] = settings.node;
  command[1] = settings.boot;
  /* With the end of the words. */
  memcpy(command + 2, words + 1, count * sizeof *command);
  clean_environment();
  execvp(settings.node, (char *const *)command);
  fail("cannot start node: %s: %s", settings.node, strerror(errno));
}

/*
 * For the daemon, which has no thread left to wait for this: `unmount FLAGS PATH` ends with the number of the failure, or 0.
 */
static int unmount(const char *path, const char *flags) {
  return umount2(path, atoi(flags)) == 0 ? 0 : errno;
}

/* For the daemon, too: `idmap FLAGS UIDS GIDS SOURCE TARGET`, where FLAGS may have an `r` (recursive) and an `o` (read-only). */
static int idmap(char **words) {
  return mount_idmapped(&(struct idmap){
      .uids = words[1],
      .gids = words[2],
      .source = words[3],
      .target = words[4],
      .recursive = strchr(words[0], 'r') != NULL,
      .read_only = strchr(words[0], 'o') != NULL,
  });
}

int main(int count, char **words) {
  if (count == 4 && strcmp(words[1], "unmount") == 0) return unmount(words[3], words[2]);
  if (count == 3 && strcmp(words[1], "copy") == 0) return copy_to_file(atoi(words[2]));
  if (count == 7 && strcmp(words[1], "idmap") == 0) return idmap(words + 2);
  if (count > 4 && strcmp(words[1], "keeper") == 0) run_keeper(words + 2);
  const struct arguments arguments = read_arguments(count, words);
  if (strcmp(arguments.action, "start") == 0) {
    start(&arguments);
    return 0;
  }
  if (strcmp(arguments.action, "delete") == 0) {
    if (answer_delete(&arguments)) return 0;
    remove_socket(&arguments);
  }
  run_node(words);
}
