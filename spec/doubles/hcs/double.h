/*
 * A double of the Host Compute Service: systems and processes as the service has them, with real processes of this
 * host beneath, or puppets that a spec moves.
 *
 * One source, two libraries: built with DOUBLE_COMPUTECORE it exports the functions of computecore.dll, else those of
 * vmcompute.dll; as a DLL or as a shared object. Handles are numbers that are never used twice, so that every use of a
 * closed one is seen and counted.
 */
#ifndef DOUBLE_H
#define DOUBLE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#define CALL __stdcall
#else
#define EXPORT __attribute__((visibility("default")))
#define CALL
#endif

typedef int32_t HRESULT_;
typedef uint16_t WIDE;
typedef uintptr_t HANDLE_;

enum {
  OK_ = 0,
  FAIL_INVALID_HANDLE = (int32_t)0x80070006,
  FAIL_INVALID_DATA = (int32_t)0x8007000d,
  FAIL_NOT_FOUND = (int32_t)0x80070490,
  FAIL_INVALID_STATE = (int32_t)0xc0370105,
  FAIL_PENDING = (int32_t)0xc0370103,
  FAIL_EXISTS = (int32_t)0xc037010f,
  FAIL_NO_SYSTEM = (int32_t)0xc037010e,
  FAIL_SYSTEM_STOPPED = (int32_t)0xc0370110,
  FAIL_PROCESS_STOPPED = (int32_t)0x8037011f,
};

/* ---- text.c: the service speaks UTF-16, the double thinks in UTF-8. */
char *narrow(const WIDE *text);
/* For the caller of the service to free, as it frees what the service allocates. */
WIDE *wide_for_caller(const char *text);
/* From the heap; NULL where there is none. `path` is a member of the object, or of one inside it, as "A.B". */
char *json_text(const char *document, const char *path);
bool json_flag(const char *document, const char *path);
/* Calls back for each member of an object whose values are texts. */
void json_each_text(const char *document, const char *path, void (*each)(void *to, char *key, char *value), void *to);
bool json_is_object(const char *document);
char *formatted(const char *format, ...);

/* ---- os-*.c: what differs between the two systems. */
typedef struct {
  uint32_t pid;
  intptr_t os; /* whatever else it takes to end the process and wait for it */
} child;

typedef struct {
  char *command_line;
  char *directory;
  char *environment; /* "NAME=value\0…\0\0", besides what this process has */
  bool wants[3];
} launch_request;

/* The caller's ends of stdin, stdout, stderr; 0 for those not asked for. */
typedef struct {
  HANDLE_ ends[3];
} caller_ends;

/* An HRESULT. */
int32_t os_start(const launch_request *request, intptr_t job, child *started, caller_ends *ends);
uint32_t os_wait(const child *of);
void os_signal(const child *of, const char *signal);
void os_kill(const child *of);
/* Nothing will be asked of it any more. */
void os_forget(const child *of);
intptr_t os_new_job(void);
/* Ends everything in it that no process of the service is. */
void os_end_job(intptr_t job);
/* Pipes for a puppet: `ends` for the caller, `theirs` for the puppet. */
bool os_pipes(const bool wants[3], caller_ends *ends, intptr_t theirs[3]);
int32_t os_write(intptr_t to, const void *bytes, int32_t length);
/* What can be read now: its length, 0 for nothing yet, -1 for the end. */
int32_t os_read_now(intptr_t from, void *bytes, int32_t most);
void os_close(intptr_t end);

/* ---- faults.c: what goes wrong on demand. */
/* To begin every function of the service with: waits while its gate is shut, answers with the fault that is due. */
int32_t enter(const char *function, char **document);
/* The same for the completion of an operation, and for what a notification reports in its place. */
int32_t complete_with(const char *function, char **document);
/* Whether the completion would have to wait. */
bool completion_waits(const char *function);
/* Whether a trick is to be played now. */
bool trick(const char *name);
void count(const char *what, int by);

/* ---- model.c: systems, processes, and the callbacks that are notified. */
typedef struct system_ system_;
typedef struct process_ process_;
typedef void(CALL *vm_callback)(uint32_t type, void *context, int32_t status, const WIDE *data);

enum { NOTICE_SYSTEM_EXITED = 1, NOTICE_CREATED = 2, NOTICE_STARTED = 3, NOTICE_PROCESS_EXITED = 0x10000 };

/* What a handle stands for, and who listens to it. */
enum { SYSTEM = 1, PROCESS, REGISTRATION, OPERATION };
typedef struct slot {
  int kind;
  HANDLE_ handle;
  void *object;
  void *callback;
  void *context;
  int calls; /* of the callback that run now */
  bool of_process; /* a registration that keeps its process */
  struct slot *next;
} slot;

void lock(void);
void unlock(void);
HANDLE_ open_handle(int kind, void *object);
/* The slot of a handle, which must be locked for; NULL, counted as misuse, where there is none of that kind. */
slot *slot_of(HANDLE_ handle, int kind);
void close_handle(HANDLE_ handle, int kind);
/* Waits until no callback runs for it: after that none comes. */
void silence(HANDLE_ handle);
/* Registers it for notifications from now on, and for an exit that has happened. */
int32_t listen_to(HANDLE_ listened, HANDLE_ listener, void *callback, void *context);
/* Defined by the face: hands one notice to one listener, on a thread of the double's. */
void deliver(void *callback, void *context, uint32_t type, int32_t status, const char *data, HANDLE_ operation);
/* Puts something into the queue of the notifier thread. */
void tell_later(HANDLE_ listener, void *callback, void *context, uint32_t type, int32_t status, const char *data,
                HANDLE_ operation);

int32_t system_create(const char *id, const char *document, HANDLE_ *handle);
/* The first listener is notified that it has been created. */
void system_owes_created(HANDLE_ handle);
int32_t system_open(const char *id, HANDLE_ *handle);
int32_t system_start(HANDLE_ handle);
int32_t system_end(HANDLE_ handle);
int32_t system_properties(HANDLE_ handle, const char *query, char **properties);
int32_t system_list(char **list);
/* With a notice to all who listen to the system. */
void tell_system(HANDLE_ handle, uint32_t type, int32_t status, const char *data);

typedef struct {
  uint32_t pid;
  uint32_t reserved;
  HANDLE_ ends[3];
} process_info;

int32_t process_create(HANDLE_ system, const char *parameters, HANDLE_ *handle, process_info *info);
int32_t process_open(HANDLE_ system, uint32_t pid, HANDLE_ *handle);
int32_t process_kill(HANDLE_ handle);
int32_t process_signal(HANDLE_ handle, const char *options);
int32_t process_modify(HANDLE_ handle, const char *settings);
/* Without the streams: they were given away when it was created. */
int32_t process_describe(HANDLE_ handle, process_info *info);
/* Its ProcessStatus document. */
int32_t process_status(HANDLE_ handle, char **status);

#endif
