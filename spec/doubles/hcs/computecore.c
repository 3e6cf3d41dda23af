/*
 * The face of computecore.dll: functions begin an operation, whose completion is called back on a thread of the
 * service's, and whose result is asked for then.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "double.h"

typedef void(CALL *completion)(HANDLE_ operation, void *context);

typedef struct {
  uint32_t type;
  const WIDE *data;
  HANDLE_ operation;
} event;
typedef void(CALL *event_callback)(const event *notification, void *context);

typedef struct {
  HANDLE_ handle;
  completion callback;
  void *context;
  const char *function;
  int32_t status;
  char *document;
  process_info info;
  bool begun, done;
} operation_;

static void free_wide(WIDE *text) {
#ifdef _WIN32
  extern void __stdcall CoTaskMemFree(void *);
  CoTaskMemFree(text);
#else
  free(text);
#endif
}

/* The numbers of events are those of this library. */
void deliver(void *callback, void *context, uint32_t type, int32_t status, const char *data, HANDLE_ operation) {
  if (operation != 0) {
    ((completion)callback)(operation, context);
    return;
  }
  char *exit = type == NOTICE_SYSTEM_EXITED ? formatted("{\"Status\":%d,\"ExitType\":\"Double\"}", status) : NULL;
  WIDE *wide = wide_for_caller(exit ? exit : data);
  event notification = {type, wide, 0};
  ((event_callback)callback)(&notification, context);
  free_wide(wide);
  free(exit);
}

EXPORT HANDLE_ CALL HcsCreateOperation(void *context, completion callback) {
  if (enter("HcsCreateOperation", NULL) != OK_) return 0;
  operation_ *made = calloc(1, sizeof *made);
  made->callback = callback;
  made->context = context;
  lock();
  made->handle = open_handle(OPERATION, made);
  unlock();
  return made->handle;
}

EXPORT void CALL HcsCloseOperation(HANDLE_ operation) {
  enter("HcsCloseOperation", NULL);
  lock();
  slot *found = slot_of(operation, OPERATION);
  operation_ *of = found ? found->object : NULL;
  /* One that goes on may not be closed. */
  if (of && of->begun && !of->done) count("misuse", 1);
  if (of) close_handle(operation, OPERATION);
  unlock();
  if (of) free(of->document);
  free(of);
}

/* Under the lock: what the completion reports, and that it is pending. */
static void finish(operation_ *of, int32_t status, char *document) {
  if (status != OK_) {
    free(of->document);
    of->document = document;
    of->status = status;
  }
  of->done = true;
  tell_later(0, (void *)of->callback, of->context, 0, OK_, NULL, of->handle);
}

static void *finish_later(void *argument) {
  operation_ *of = argument;
  char *document = NULL;
  int32_t status = complete_with(of->function, &document);
  lock();
  finish(of, status, document);
  unlock();
  return NULL;
}

/* One function of the service: its faults first, then its work under the lock; what comes of that is the operation's. */
#define SERVICE(NAME, PARAMETERS, ...)                  \
  EXPORT HRESULT_ CALL NAME PARAMETERS {                \
    HRESULT_ status = enter(#NAME, NULL);               \
    if (status != OK_) return status;                   \
    lock();                                             \
    slot *found = slot_of(operation, OPERATION);        \
    operation_ *of = found ? found->object : NULL;      \
    if (of == NULL) {                                   \
      unlock();                                         \
      return FAIL_INVALID_HANDLE;                       \
    }                                                   \
    __VA_ARGS__;                                        \
    of->begun = true;                                   \
    of->status = status;                                \
    of->function = #NAME;                               \
    if (completion_waits(#NAME)) {                      \
      pthread_t thread;                                 \
      pthread_create(&thread, NULL, finish_later, of);  \
      pthread_detach(thread);                           \
    } else {                                            \
      char *document = NULL;                            \
      int32_t fault = complete_with(#NAME, &document);  \
      finish(of, fault, document);                      \
    }                                                   \
    unlock();                                           \
    return OK_;                                         \
  }

static HRESULT_ result_of(const char *name, HANDLE_ operation, process_info *info, WIDE **result) {
  if (result) *result = NULL;
  HRESULT_ status = enter(name, NULL);
  if (status != OK_) return status;
  lock();
  slot *found = slot_of(operation, OPERATION);
  operation_ *of = found ? found->object : NULL;
  if (of == NULL) status = FAIL_INVALID_HANDLE;
  else if (!of->done) status = FAIL_PENDING;
  else {
    status = of->status;
    if (status == OK_ && info) *info = of->info;
    if (result && of->document) *result = wide_for_caller(of->document);
  }
  unlock();
  return status;
}

EXPORT HRESULT_ CALL HcsGetOperationResult(HANDLE_ operation, WIDE **result) {
  return result_of("HcsGetOperationResult", operation, NULL, result);
}

EXPORT HRESULT_ CALL HcsGetOperationResultAndProcessInfo(HANDLE_ operation, process_info *info, WIDE **result) {
  return result_of("HcsGetOperationResultAndProcessInfo", operation, info, result);
}

SERVICE(HcsEnumerateComputeSystems, (const WIDE *query, HANDLE_ operation), {
  (void)query;
  status = system_list(&of->document);
})

SERVICE(HcsCreateComputeSystem,
        (const WIDE *id, const WIDE *configuration, HANDLE_ operation, const void *security, HANDLE_ *system), {
          (void)security;
          char *name = narrow(id), *document = narrow(configuration);
          status = system_create(name, document, system);
          free(name);
          free(document);
        })

EXPORT HRESULT_ CALL HcsOpenComputeSystem(const WIDE *id, uint32_t access, HANDLE_ *system) {
  (void)access;
  HRESULT_ status = enter("HcsOpenComputeSystem", NULL);
  if (status != OK_) return status;
  char *name = narrow(id);
  lock();
  status = system_open(name, system);
  unlock();
  free(name);
  return status;
}

static void closing(const char *name, HANDLE_ handle, int kind) {
  enter(name, NULL);
  lock();
  silence(handle);
  close_handle(handle, kind);
  unlock();
}

EXPORT void CALL HcsCloseComputeSystem(HANDLE_ system) { closing("HcsCloseComputeSystem", system, SYSTEM); }

SERVICE(HcsStartComputeSystem, (HANDLE_ system, HANDLE_ operation, const WIDE *options), {
  (void)options;
  status = system_start(system);
})

SERVICE(HcsShutDownComputeSystem, (HANDLE_ system, HANDLE_ operation, const WIDE *options), {
  (void)options;
  status = system_end(system);
})

SERVICE(HcsTerminateComputeSystem, (HANDLE_ system, HANDLE_ operation, const WIDE *options), {
  (void)options;
  status = system_end(system);
})

SERVICE(HcsGetComputeSystemProperties, (HANDLE_ system, HANDLE_ operation, const WIDE *query), {
  char *asked = narrow(query);
  status = system_properties(system, asked, &of->document);
  free(asked);
})

SERVICE(HcsModifyComputeSystem,
        (HANDLE_ system, HANDLE_ operation, const WIDE *configuration, HANDLE_ identity), {
          (void)configuration;
          (void)identity;
          status = slot_of(system, SYSTEM) ? OK_ : FAIL_INVALID_HANDLE;
        })

static HRESULT_ listening_at(const char *name, HANDLE_ to, int kind, event_callback callback, void *context) {
  HRESULT_ status = enter(name, NULL);
  /* A termination with an injected failure is performed all the same: the caller could do nothing about it. */
  if (status != OK_ && callback != NULL) return status;
  lock();
  if (slot_of(to, kind) == NULL) status = FAIL_INVALID_HANDLE;
  else if (callback == NULL) {
    silence(to);
    count("registrations", -1);
  } else {
    status = listen_to(to, to, (void *)callback, context);
    count("registrations", 1);
  }
  unlock();
  return status;
}

EXPORT HRESULT_ CALL HcsSetComputeSystemCallback(HANDLE_ system, uint32_t options, void *context,
                                                 event_callback callback) {
  (void)options;
  return listening_at("HcsSetComputeSystemCallback", system, SYSTEM, callback, context);
}

EXPORT HRESULT_ CALL HcsSetProcessCallback(HANDLE_ process, uint32_t options, void *context, event_callback callback) {
  (void)options;
  return listening_at("HcsSetProcessCallback", process, PROCESS, callback, context);
}

SERVICE(HcsCreateProcess,
        (HANDLE_ system, const WIDE *parameters, HANDLE_ operation, const void *security, HANDLE_ *process), {
          (void)security;
          char *document = narrow(parameters);
          status = process_create(system, document, process, &of->info);
          free(document);
        })

EXPORT HRESULT_ CALL HcsOpenProcess(HANDLE_ system, uint32_t pid, uint32_t access, HANDLE_ *process) {
  (void)access;
  HRESULT_ status = enter("HcsOpenProcess", NULL);
  if (status != OK_) return status;
  lock();
  status = process_open(system, pid, process);
  unlock();
  return status;
}

EXPORT void CALL HcsCloseProcess(HANDLE_ process) { closing("HcsCloseProcess", process, PROCESS); }

SERVICE(HcsTerminateProcess, (HANDLE_ process, HANDLE_ operation, const WIDE *options), {
  (void)options;
  status = process_kill(process);
})

SERVICE(HcsSignalProcess, (HANDLE_ process, HANDLE_ operation, const WIDE *options), {
  char *text = narrow(options);
  status = process_signal(process, text);
  free(text);
})

SERVICE(HcsGetProcessInfo, (HANDLE_ process, HANDLE_ operation), { status = process_describe(process, &of->info); })

SERVICE(HcsModifyProcess, (HANDLE_ process, HANDLE_ operation, const WIDE *settings), {
  char *text = narrow(settings);
  status = process_modify(process, text);
  free(text);
})
