/* The face of vmcompute.dll. */
#include <stdlib.h>

#include "double.h"

void deliver(void *callback, void *context, uint32_t type, int32_t status, const char *data, HANDLE_ operation) {
  (void)operation;
  WIDE *wide = wide_for_caller(data);
  ((vm_callback)callback)(type, context, status, wide);
#ifdef _WIN32
  extern void __stdcall CoTaskMemFree(void *);
  CoTaskMemFree(wide);
#else
  free(wide);
#endif
}

/* One function of the service: its faults first, then its work under the lock, then its result document. */
#define SERVICE(NAME, PARAMETERS, ...)                          \
  EXPORT HRESULT_ CALL NAME PARAMETERS {                        \
    char *document_ = NULL;                                     \
    *result = NULL;                                             \
    HRESULT_ status = enter(#NAME, &document_);                 \
    if (status == OK_) {                                        \
      lock();                                                   \
      __VA_ARGS__;                                              \
      unlock();                                                 \
    }                                                           \
    if (document_) *result = wide_for_caller(document_);        \
    free(document_);                                            \
    return status;                                              \
  }

static char *give(WIDE **to, char *text) {
  *to = wide_for_caller(text);
  free(text);
  return NULL;
}

SERVICE(HcsEnumerateComputeSystems, (const WIDE *query, WIDE **list, WIDE **result), {
  (void)query;
  char *text = NULL;
  status = system_list(&text);
  give(list, text);
})

SERVICE(HcsCreateComputeSystem,
        (const WIDE *id, const WIDE *configuration, HANDLE_ identity, HANDLE_ *system, WIDE **result), {
          (void)identity;
          char *name = narrow(id), *document = narrow(configuration);
          status = system_create(name, document, system);
          free(name);
          free(document);
          if (status == OK_ && trick("pending")) {
            status = FAIL_PENDING;
            system_owes_created(*system);
          }
        })

SERVICE(HcsOpenComputeSystem, (const WIDE *id, HANDLE_ *system, WIDE **result), {
  char *name = narrow(id);
  status = system_open(name, system);
  free(name);
})

/* A call with an injected failure is performed all the same: the caller could do nothing about it. */
static HRESULT_ closing(const char *name, HANDLE_ handle, int kind) {
  HRESULT_ status = enter(name, NULL);
  lock();
  silence(handle);
  close_handle(handle, kind);
  unlock();
  return status;
}

EXPORT HRESULT_ CALL HcsCloseComputeSystem(HANDLE_ system) { return closing("HcsCloseComputeSystem", system, SYSTEM); }

SERVICE(HcsStartComputeSystem, (HANDLE_ system, const WIDE *options, WIDE **result), {
  (void)options;
  status = system_start(system);
  if (status == OK_) {
    char *detail = NULL;
    int32_t how = complete_with("HcsStartComputeSystem", &detail);
    free(detail);
    tell_system(system, NOTICE_STARTED, how, NULL);
    status = FAIL_PENDING;
  }
})

SERVICE(HcsShutdownComputeSystem, (HANDLE_ system, const WIDE *options, WIDE **result), {
  (void)options;
  status = system_end(system);
})

SERVICE(HcsTerminateComputeSystem, (HANDLE_ system, const WIDE *options, WIDE **result), {
  (void)options;
  status = system_end(system);
})

SERVICE(HcsGetComputeSystemProperties, (HANDLE_ system, const WIDE *query, WIDE **properties, WIDE **result), {
  char *asked = narrow(query), *text = NULL;
  status = system_properties(system, asked, &text);
  free(asked);
  give(properties, text);
})

SERVICE(HcsModifyComputeSystem, (HANDLE_ system, const WIDE *configuration, WIDE **result), {
  (void)configuration;
  status = slot_of(system, SYSTEM) ? OK_ : FAIL_INVALID_HANDLE;
})

static HRESULT_ registering(const char *name, HANDLE_ to, int kind, vm_callback callback, void *context,
                            HANDLE_ *registration) {
  HRESULT_ status = enter(name, NULL);
  if (status != OK_) return status;
  lock();
  status = slot_of(to, kind) ? OK_ : FAIL_INVALID_HANDLE;
  if (status == OK_) {
    *registration = open_handle(REGISTRATION, NULL);
    listen_to(to, *registration, (void *)callback, context);
  }
  unlock();
  return status;
}

EXPORT HRESULT_ CALL HcsRegisterComputeSystemCallback(HANDLE_ system, vm_callback callback, void *context,
                                                      HANDLE_ *registration) {
  return registering("HcsRegisterComputeSystemCallback", system, SYSTEM, callback, context, registration);
}

EXPORT HRESULT_ CALL HcsUnregisterComputeSystemCallback(HANDLE_ registration) {
  return closing("HcsUnregisterComputeSystemCallback", registration, REGISTRATION);
}

EXPORT HRESULT_ CALL HcsRegisterProcessCallback(HANDLE_ process, vm_callback callback, void *context,
                                                HANDLE_ *registration) {
  return registering("HcsRegisterProcessCallback", process, PROCESS, callback, context, registration);
}

EXPORT HRESULT_ CALL HcsUnregisterProcessCallback(HANDLE_ registration) {
  return closing("HcsUnregisterProcessCallback", registration, REGISTRATION);
}

SERVICE(HcsCreateProcess,
        (HANDLE_ system, const WIDE *parameters, process_info *info, HANDLE_ *process, WIDE **result), {
          char *document = narrow(parameters);
          status = process_create(system, document, process, info);
          free(document);
        })

SERVICE(HcsOpenProcess, (HANDLE_ system, uint32_t pid, HANDLE_ *process, WIDE **result),
        { status = process_open(system, pid, process); })

EXPORT HRESULT_ CALL HcsCloseProcess(HANDLE_ process) { return closing("HcsCloseProcess", process, PROCESS); }

SERVICE(HcsTerminateProcess, (HANDLE_ process, WIDE **result), { status = process_kill(process); })

SERVICE(HcsSignalProcess, (HANDLE_ process, const WIDE *options, WIDE **result), {
  char *text = narrow(options);
  status = process_signal(process, text);
  free(text);
})

SERVICE(HcsGetProcessInfo, (HANDLE_ process, process_info *info, WIDE **result),
        { status = process_describe(process, info); })

SERVICE(HcsGetProcessProperties, (HANDLE_ process, WIDE **properties, WIDE **result), {
  char *text = NULL;
  status = process_status(process, &text);
  give(properties, text);
})

SERVICE(HcsModifyProcess, (HANDLE_ process, const WIDE *settings, WIDE **result), {
  char *text = narrow(settings);
  status = process_modify(process, text);
  free(text);
})
