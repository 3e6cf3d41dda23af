/* Systems, processes, and the notifier thread. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "double.h"

struct process_ {
  uint32_t pid;
  system_ *system;
  child child;
  bool puppet;
  intptr_t theirs[3];
  bool exited;
  uint32_t code;
  int32_t wait_result;
  char *parameters;
  /* Handles and registrations; and one until its end. */
  int references;
  process_ *next;
};

struct system_ {
  char *id;
  char *document;
  enum { CREATED, RUNNING, STOPPED } state;
  intptr_t job;
  bool owes_created;
  process_ *processes;
  system_ *next;
};

typedef struct letter {
  HANDLE_ listener;
  void *callback;
  void *context;
  uint32_t type;
  int32_t status;
  char *data;
  HANDLE_ operation;
  struct letter *next;
} letter;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static slot **slots;
static size_t slots_used, slots_room;
static slot *listening;
static system_ *systems;
static letter *first_message, **last_letter = &first_message;
static bool notifier_runs, notifying;
static bool puppets;
static uint32_t next_pid;

void lock(void) { pthread_mutex_lock(&mutex); }
void unlock(void) { pthread_mutex_unlock(&mutex); }

/* ---- Handles. Number 0x1010 is the first, then every 16th: none looks like a small integer or a pointer. */

static const char *counted[] = {NULL, "systems", "processes", "registrations", "operations"};

HANDLE_ open_handle(int kind, void *object) {
  if (slots_used == slots_room) slots = realloc(slots, (slots_room = slots_room * 2 + 64) * sizeof *slots);
  slot *made = calloc(1, sizeof *made);
  made->kind = kind;
  made->object = object;
  slots[slots_used++] = made;
  if (kind == PROCESS) ((process_ *)object)->references++;
  count(counted[kind], 1);
  return made->handle = 0x1000 + slots_used * 16;
}

static slot *any_slot(HANDLE_ handle) {
  size_t at = handle < 0x1010 ? slots_used : (handle - 0x1010) / 16;
  return at < slots_used && handle % 16 == 0 ? slots[at] : NULL;
}

slot *slot_of(HANDLE_ handle, int kind) {
  slot *found = any_slot(handle);
  if (found && found->kind == kind) return found;
  count("misuse", 1);
  return NULL;
}

static void release(process_ *of) {
  if (--of->references > 0) return;
  process_ **at = &of->system->processes;
  while (*at != of) at = &(*at)->next;
  *at = of->next;
  if (!of->puppet) os_forget(&of->child);
  for (int stream = 0; stream < 3; stream++)
    if (of->theirs[stream] != 0) os_close(of->theirs[stream]);
  free(of->parameters);
  free(of);
}

void close_handle(HANDLE_ handle, int kind) {
  slot *found = slot_of(handle, kind);
  if (found == NULL) return;
  slots[(handle - 0x1010) / 16] = NULL;
  if (kind == PROCESS || found->of_process) release(found->object);
  count(counted[kind], -1);
  free(found);
}

void silence(HANDLE_ handle) {
  slot *found = any_slot(handle);
  if (found == NULL) return;
  /* A notice that is sent all the same, long after: what the engine must bear. */
  if (found->callback && trick("late"))
    tell_later(0, found->callback, found->context, NOTICE_PROCESS_EXITED, OK_, "{\"Exited\":true,\"ExitCode\":99}", 0);
  if (found->callback) {
    slot **at = &listening;
    while (*at && *at != found) at = &(*at)->next;
    if (*at) *at = found->next;
  }
  found->callback = NULL;
  while (found->calls > 0) pthread_cond_wait(&changed, &mutex);
}

/* ---- The notifier thread. */

static void *notify(void *unused) {
  (void)unused;
  lock();
  for (;;) {
    while (first_message == NULL) pthread_cond_wait(&changed, &mutex);
    letter *now = first_message;
    first_message = now->next;
    if (first_message == NULL) last_letter = &first_message;
    slot *listener = any_slot(now->listener);
    bool wanted = now->listener == 0 || (listener && listener->callback);
    if (wanted) {
      if (listener) listener->calls++;
      notifying = true;
      unlock();
      deliver(now->callback, now->context, now->type, now->status, now->data, now->operation);
      if (now->operation == 0 && trick("twice"))
        deliver(now->callback, now->context, now->type, now->status, now->data, 0);
      lock();
      notifying = false;
      if (listener) listener->calls--;
      pthread_cond_broadcast(&changed);
    }
    free(now->data);
    free(now);
  }
  return NULL;
}

void tell_later(HANDLE_ listener, void *callback, void *context, uint32_t type, int32_t status, const char *data,
                HANDLE_ operation) {
  if (!notifier_runs) {
    pthread_t thread;
    notifier_runs = pthread_create(&thread, NULL, notify, NULL) == 0;
    if (notifier_runs) pthread_detach(thread);
  }
  letter *made = calloc(1, sizeof *made);
  *made = (letter){listener, callback, context, type, status, data ? strdup(data) : NULL, operation, NULL};
  *last_letter = made;
  last_letter = &made->next;
  pthread_cond_broadcast(&changed);
}

/* Delivers all pending notifications before the caller continues. */
static void until_notified(void) {
  while (first_message != NULL || notifying) pthread_cond_wait(&changed, &mutex);
}

static void tell_listeners(const void *object, uint32_t type, int32_t status, const char *data) {
  for (slot *at = listening; at; at = at->next) {
    if (at->object != object) continue;
    if (trick("foreign")) tell_later(at->handle, at->callback, (void *)0xdead0, type, status, data, 0);
    tell_later(at->handle, at->callback, at->context, type, status, data, 0);
  }
  if (trick("early")) until_notified();
}

static char *status_of(const process_ *of) {
  if (trick("malformed")) return strdup("{\"ProcessId\":");
  return formatted("{\"ProcessId\":%u%s,\"ExitCode\":%u,\"LastWaitResult\":%d}", of->pid,
                   of->exited ? ",\"Exited\":true" : "", of->code, of->wait_result);
}

int32_t listen_to(HANDLE_ listened, HANDLE_ listener, void *callback, void *context) {
  slot *to = any_slot(listened), *by = any_slot(listener);
  if (to == NULL || by == NULL) return FAIL_INVALID_HANDLE;
  if (by != to && to->kind == PROCESS) {
    by->of_process = true;
    ((process_ *)to->object)->references++;
  }
  by->object = to->object;
  by->callback = callback;
  by->context = context;
  by->next = listening;
  listening = by;
  // A late listener is notified of an exit that has happened.
  if (to->kind == PROCESS && ((process_ *)to->object)->exited) {
    char *status = status_of(to->object);
    tell_later(listener, callback, context, NOTICE_PROCESS_EXITED, OK_, status, 0);
    free(status);
  }
  if (to->kind == SYSTEM && ((system_ *)to->object)->state == STOPPED)
    tell_later(listener, callback, context, NOTICE_SYSTEM_EXITED, OK_, NULL, 0);
  if (to->kind == SYSTEM && ((system_ *)to->object)->owes_created) {
    ((system_ *)to->object)->owes_created = false;
    tell_later(listener, callback, context, NOTICE_CREATED, OK_, NULL, 0);
  }
  if (trick("early")) until_notified();
  return OK_;
}

/* ---- Systems. */

static system_ *system_named(const char *id) {
  for (system_ *at = systems; at; at = at->next)
    if (strcmp(at->id, id) == 0 && at->state != STOPPED) return at;
  return NULL;
}

int32_t system_create(const char *id, const char *document, HANDLE_ *handle) {
  if (!json_is_object(document)) return FAIL_INVALID_DATA;
  if (system_named(id)) return FAIL_EXISTS;
  system_ *made = calloc(1, sizeof *made);
  made->id = strdup(id);
  made->document = strdup(document);
  made->job = os_new_job();
  made->next = systems;
  systems = made;
  *handle = open_handle(SYSTEM, made);
  return OK_;
}

void system_owes_created(HANDLE_ handle) {
  slot *found = any_slot(handle);
  if (found) ((system_ *)found->object)->owes_created = true;
}

int32_t system_open(const char *id, HANDLE_ *handle) {
  system_ *found = system_named(id);
  if (found == NULL) return FAIL_NO_SYSTEM;
  *handle = open_handle(SYSTEM, found);
  return OK_;
}

void tell_system(HANDLE_ handle, uint32_t type, int32_t status, const char *data) {
  slot *found = any_slot(handle);
  if (found) tell_listeners(found->object, type, status, data);
}

int32_t system_start(HANDLE_ handle) {
  slot *found = slot_of(handle, SYSTEM);
  if (found == NULL) return FAIL_INVALID_HANDLE;
  system_ *of = found->object;
  if (of->state != CREATED) return of->state == STOPPED ? FAIL_SYSTEM_STOPPED : FAIL_INVALID_STATE;
  of->state = RUNNING;
  return OK_;
}

static void end_process(process_ *of);

static void stop(system_ *of) {
  if (of->state == STOPPED) return;
  of->state = STOPPED;
  for (process_ *at = of->processes, *next; at; at = next) {
    next = at->next;
    end_process(at);
  }
  os_end_job(of->job);
  for (process_ *at = of->processes; at;) {
    if (at->exited) {
      at = at->next;
      continue;
    }
    pthread_cond_wait(&changed, &mutex);
    /* While nothing was locked any of them may have been freed. */
    at = of->processes;
  }
  tell_listeners(of, NOTICE_SYSTEM_EXITED, OK_, NULL);
}

int32_t system_end(HANDLE_ handle) {
  slot *found = slot_of(handle, SYSTEM);
  if (found == NULL) return FAIL_INVALID_HANDLE;
  if (((system_ *)found->object)->state == STOPPED) return FAIL_SYSTEM_STOPPED;
  stop(found->object);
  return OK_;
}

static const char *states[] = {"Created", "Running", "Stopped"};

int32_t system_properties(HANDLE_ handle, const char *query, char **properties) {
  slot *found = slot_of(handle, SYSTEM);
  if (found == NULL) return FAIL_INVALID_HANDLE;
  system_ *of = found->object;
  if (of->state == STOPPED) return FAIL_SYSTEM_STOPPED;
  char *list = strdup(""), *more;
  int living = 0;
  for (process_ *at = of->processes; at; at = at->next) {
    if (at->exited) continue;
    more = formatted("%s%s{\"ProcessId\":%u,\"ImageName\":\"double\",\"MemoryCommitBytes\":4096}", list,
                     living++ ? "," : "", at->pid);
    free(list);
    list = more;
  }
  const char *statistics = query && strstr(query, "Statistics")
                               ? ",\"Statistics\":{\"Uptime100ns\":10000000,\"Processor\":{\"TotalRuntime100ns\":500000},"
                                 "\"Memory\":{\"MemoryUsageCommitBytes\":8192}}"
                               : "";
  *properties = formatted(
      "{\"Id\":\"%s\",\"SystemType\":\"Container\",\"RuntimeOSType\":\"Windows\",\"State\":\"%s\"%s%s%s%s}", of->id,
      states[of->state], query && strstr(query, "ProcessList") ? ",\"ProcessList\":[" : "",
      query && strstr(query, "ProcessList") ? list : "", query && strstr(query, "ProcessList") ? "]" : "", statistics);
  free(list);
  return OK_;
}

int32_t system_list(char **list) {
  *list = strdup("[");
  for (system_ *at = systems; at; at = at->next) {
    if (at->state == STOPPED) continue;
    char *more = formatted("%s%s{\"Id\":\"%s\",\"SystemType\":\"Container\",\"State\":\"%s\"}", *list,
                           (*list)[1] ? "," : "", at->id, states[at->state]);
    free(*list);
    *list = more;
  }
  char *all = formatted("%s]", *list);
  free(*list);
  *list = all;
  return OK_;
}

/* ---- Processes. */

static void has_exited(process_ *of, uint32_t code) {
  if (of->exited) return;
  of->exited = true;
  of->code = code;
  count("children", -1);
  char *status = status_of(of);
  tell_listeners(of, NOTICE_PROCESS_EXITED, OK_, status);
  free(status);
  pthread_cond_broadcast(&changed);
  release(of);
}

static void *wait_for(void *argument) {
  process_ *of = argument;
  uint32_t code = os_wait(&of->child);
  lock();
  has_exited(of, code);
  unlock();
  return NULL;
}

static void puppet_exits(process_ *of, uint32_t code) {
  for (int stream = 1; stream < 3; stream++) {
    if (of->theirs[stream] != 0) os_close(of->theirs[stream]);
    of->theirs[stream] = 0;
  }
  has_exited(of, code);
}

static void end_process(process_ *of) {
  if (of->exited) return;
  if (of->puppet) puppet_exits(of, 1);
  else os_kill(&of->child);
}

static void add_variable(void *to, char *key, char *value) {
  char **block = to;
  size_t used = 0, length = strlen(key) + strlen(value) + 2;
  while (*block && ((*block)[used] || (used > 0 && (*block)[used - 1]))) used++;
  *block = realloc(*block, used + length + 1);
  sprintf(*block + used, "%s=%s", key, value);
  (*block)[used + length] = 0;
}

static int32_t start(process_ *made, const char *parameters, intptr_t job, caller_ends *ends) {
  const bool wants[3] = {
      json_flag(parameters, "CreateStdInPipe"),
      json_flag(parameters, "CreateStdOutPipe"),
      // With a console everything comes on stdout.
      json_flag(parameters, "CreateStdErrPipe") && !json_flag(parameters, "EmulateConsole"),
  };
  if (made->puppet) {
    made->pid = next_pid++;
    return os_pipes(wants, ends, made->theirs) ? OK_ : (int32_t)0x80070008;
  }
  launch_request request = {
      .command_line = json_text(parameters, "CommandLine"),
      .directory = json_text(parameters, "WorkingDirectory"),
      .wants = {wants[0], wants[1], wants[2]},
  };
  json_each_text(parameters, "Environment", add_variable, &request.environment);
  int32_t status =
      request.command_line ? os_start(&request, job, &made->child, ends) : FAIL_INVALID_DATA;
  made->pid = made->child.pid;
  free(request.command_line);
  free(request.directory);
  free(request.environment);
  return status;
}

int32_t process_create(HANDLE_ handle, const char *parameters, HANDLE_ *process, process_info *info) {
  slot *found = slot_of(handle, SYSTEM);
  if (found == NULL) return FAIL_INVALID_HANDLE;
  system_ *in = found->object;
  if (in->state != RUNNING) return in->state == STOPPED ? FAIL_SYSTEM_STOPPED : FAIL_INVALID_STATE;
  if (!json_is_object(parameters)) return FAIL_INVALID_DATA;
  process_ *made = calloc(1, sizeof *made);
  caller_ends ends = {{0}};
  made->references = 1;
  made->system = in;
  made->puppet = puppets;
  made->parameters = strdup(parameters);
  int32_t status = start(made, parameters, in->job, &ends);
  if (status != OK_) {
    free(made->parameters);
    free(made);
    return status;
  }
  made->next = in->processes;
  in->processes = made;
  count("children", 1);
  *process = open_handle(PROCESS, made);
  *info = (process_info){made->pid, 0, {ends.ends[0], ends.ends[1], ends.ends[2]}};
  if (!made->puppet) {
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for, made);
    pthread_detach(thread);
  }
  return OK_;
}

static process_ *process_with(const system_ *in, uint32_t pid) {
  for (process_ *at = in ? in->processes : NULL; at; at = at->next)
    if (at->pid == pid) return at;
  return NULL;
}

int32_t process_open(HANDLE_ handle, uint32_t pid, HANDLE_ *process) {
  slot *found = slot_of(handle, SYSTEM);
  if (found == NULL) return FAIL_INVALID_HANDLE;
  process_ *of = process_with(found->object, pid);
  if (of == NULL || of->exited) return FAIL_NOT_FOUND;
  *process = open_handle(PROCESS, of);
  return OK_;
}

static int32_t living(HANDLE_ handle, process_ **of) {
  slot *found = slot_of(handle, PROCESS);
  if (found == NULL) return FAIL_INVALID_HANDLE;
  *of = found->object;
  return (*of)->exited ? FAIL_PROCESS_STOPPED : OK_;
}

int32_t process_kill(HANDLE_ handle) {
  process_ *of;
  int32_t status = living(handle, &of);
  if (status == OK_ && !(of->puppet && trick("deaf"))) end_process(of);
  return status;
}

int32_t process_signal(HANDLE_ handle, const char *options) {
  process_ *of;
  int32_t status = living(handle, &of);
  if (status != OK_) return status;
  char *signal = json_text(options, "Signal");
  if (signal == NULL) return FAIL_INVALID_DATA;
  if (!of->puppet) os_signal(&of->child, signal);
  free(signal);
  return OK_;
}

int32_t process_modify(HANDLE_ handle, const char *settings) {
  process_ *of;
  int32_t status = living(handle, &of);
  if (status != OK_) return status;
  char *operation = json_text(settings, "Operation");
  if (operation == NULL) return FAIL_INVALID_DATA;
  free(operation);
  return OK_;
}

int32_t process_describe(HANDLE_ handle, process_info *info) {
  slot *found = slot_of(handle, PROCESS);
  if (found == NULL) return FAIL_INVALID_HANDLE;
  *info = (process_info){((process_ *)found->object)->pid, 0, {0}};
  return OK_;
}

int32_t process_status(HANDLE_ handle, char **status) {
  slot *found = slot_of(handle, PROCESS);
  if (found == NULL) return FAIL_INVALID_HANDLE;
  *status = status_of(found->object);
  return OK_;
}

/* ---- What a spec moves. */

static process_ *puppet(uint32_t pid) {
  for (system_ *in = systems; in; in = in->next) {
    process_ *found = process_with(in, pid);
    if (found) return found;
  }
  return NULL;
}

/* From now on processes are puppets, numbered from here; real ones again with 0. */
EXPORT void CALL DoublePuppets(uint32_t first_pid) {
  lock();
  puppets = first_pid != 0;
  next_pid = first_pid;
  unlock();
}

/* The process ends. With `hold` its output stays open, as when a grandchild has it. */
EXPORT void CALL DoubleExit(uint32_t pid, uint32_t code, int32_t wait_result, int32_t hold) {
  lock();
  process_ *of = puppet(pid);
  if (of) {
    of->wait_result = wait_result;
    if (hold) has_exited(of, code);
    else puppet_exits(of, code);
  }
  unlock();
}

EXPORT int32_t CALL DoubleWrite(uint32_t pid, int32_t stream, const void *bytes, int32_t length) {
  lock();
  process_ *of = puppet(pid);
  intptr_t to = of ? of->theirs[stream] : 0;
  unlock();
  return to ? os_write(to, bytes, length) : -1;
}

EXPORT void CALL DoubleEnd(uint32_t pid, int32_t stream) {
  lock();
  process_ *of = puppet(pid);
  if (of && of->theirs[stream]) os_close(of->theirs[stream]);
  if (of) of->theirs[stream] = 0;
  unlock();
}

EXPORT int32_t CALL DoubleRead(uint32_t pid, void *bytes, int32_t most) {
  lock();
  process_ *of = puppet(pid);
  intptr_t from = of ? of->theirs[0] : 0;
  unlock();
  return from ? os_read_now(from, bytes, most) : -1;
}

/* The system ends by itself, with this status. */
EXPORT void CALL DoubleSystemExit(const char *id, int32_t status) {
  lock();
  system_ *of = system_named(id);
  if (of && status == OK_) stop(of);
  else if (of) {
    of->state = STOPPED;
    tell_listeners(of, NOTICE_SYSTEM_EXITED, status, NULL);
  }
  unlock();
}

/* The parameters document with which the process was created. Valid as long as the double is. */
EXPORT const char *CALL DoubleParameters(uint32_t pid) {
  lock();
  process_ *of = puppet(pid);
  unlock();
  return of ? of->parameters : NULL;
}

/* Notifies all listeners that the service has disconnected. */
EXPORT void CALL DoubleDisconnect(uint32_t type) {
  lock();
  for (slot *at = listening; at; at = at->next) tell_later(at->handle, at->callback, at->context, type, OK_, NULL, 0);
  unlock();
}
