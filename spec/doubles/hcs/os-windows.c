/* Processes and pipes of Windows. A handle is a handle; the caller's ends are overlapped, as the service's are. */
#define _WIN32_WINNT 0x0a00
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "double.h"

static wchar_t *widened(const char *text, int length) {
  int room = MultiByteToWideChar(CP_UTF8, 0, text, length, NULL, 0);
  wchar_t *wide = calloc(room + 2, sizeof *wide);
  MultiByteToWideChar(CP_UTF8, 0, text, length, wide, room);
  return wide;
}

/* Both ends of a pipe: the caller's overlapped, the other one to be inherited. */
static bool make_pipe(bool caller_writes, bool inherited, HANDLE *caller, HANDLE *other) {
  static volatile LONG made;
  wchar_t name[96];
  swprintf(name, 96, L"\\\\.\\pipe\\hcs-double-%lu-%ld", GetCurrentProcessId(), InterlockedIncrement(&made));
  SECURITY_ATTRIBUTES attributes = {sizeof attributes, NULL, inherited};
  *other = CreateNamedPipeW(name, (caller_writes ? PIPE_ACCESS_INBOUND : PIPE_ACCESS_OUTBOUND) | FILE_FLAG_FIRST_PIPE_INSTANCE,
                            PIPE_TYPE_BYTE | PIPE_WAIT, 1, 65536, 65536, 0, &attributes);
  if (*other == INVALID_HANDLE_VALUE) return false;
  *caller = CreateFileW(name, caller_writes ? GENERIC_WRITE : GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
  if (*caller != INVALID_HANDLE_VALUE) return true;
  CloseHandle(*other);
  return false;
}

static bool pipes(const bool wants[3], bool inherited, caller_ends *ends, intptr_t theirs[3]) {
  for (int stream = 0; stream < 3; stream++) {
    HANDLE caller, other;
    if (!wants[stream]) continue;
    if (!make_pipe(stream == 0, inherited, &caller, &other)) {
      for (int made = 0; made < stream; made++)
        if (theirs[made]) CloseHandle((HANDLE)ends->ends[made]), CloseHandle((HANDLE)theirs[made]);
      return false;
    }
    ends->ends[stream] = (HANDLE_)caller;
    theirs[stream] = (intptr_t)other;
  }
  return true;
}

bool os_pipes(const bool wants[3], caller_ends *ends, intptr_t theirs[3]) { return pipes(wants, false, ends, theirs); }

/* This process's environment with the given variables in the place of its own. */
static wchar_t *environment(const char *block) {
  wchar_t *own = GetEnvironmentStringsW(), *result;
  size_t length = 0, more = 0, used = 0;
  while (own[length]) length += wcslen(own + length) + 1;
  while (block && block[more]) more += strlen(block + more) + 1;
  wchar_t *given = more ? widened(block, (int)more) : calloc(1, sizeof *given);
  result = calloc(length + more + 2, sizeof *result);
  for (wchar_t *at = given; *at; at += wcslen(at) + 1) wcscpy(result + used, at), used += wcslen(at) + 1;
  for (wchar_t *at = own; *at; at += wcslen(at) + 1) {
    size_t name = wcscspn(at + 1, L"=") + 2;
    bool known = false;
    for (wchar_t *other = given; *other; other += wcslen(other) + 1) known |= _wcsnicmp(other, at, name) == 0;
    if (!known) wcscpy(result + used, at), used += wcslen(at) + 1;
  }
  free(given);
  FreeEnvironmentStringsW(own);
  return result;
}

int32_t os_start(const launch_request *request, intptr_t job, child *started, caller_ends *ends) {
  intptr_t theirs[3] = {0};
  /* Of all that can be inherited at this moment a process gets everything; the model's lock makes it one at a time. */
  if (!pipes(request->wants, true, ends, theirs)) return (int32_t)0x80070008;
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  for (int stream = 0; stream < 3; stream++)
    if (theirs[stream] == 0)
      theirs[stream] = (intptr_t)CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, 3, &inherited, OPEN_EXISTING, 0, NULL);
  STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
  startup.hStdInput = (HANDLE)theirs[0];
  startup.hStdOutput = (HANDLE)theirs[1];
  startup.hStdError = (HANDLE)theirs[2];
  PROCESS_INFORMATION process = {0};
  wchar_t *line = widened(request->command_line, -1), *block = environment(request->environment);
  wchar_t *directory = request->directory ? widened(request->directory, -1) : NULL;
  DWORD flags = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP;
  BOOL made = CreateProcessW(NULL, line, NULL, NULL, TRUE, flags, block, directory, &startup, &process);
  int32_t status = made ? OK_ : (int32_t)(0x80070000 | GetLastError());
  for (int stream = 0; stream < 3; stream++) {
    CloseHandle((HANDLE)theirs[stream]);
    if (!made && ends->ends[stream]) CloseHandle((HANDLE)ends->ends[stream]);
  }
  free(line);
  free(block);
  free(directory);
  if (!made) return status;
  AssignProcessToJobObject((HANDLE)job, process.hProcess);
  ResumeThread(process.hThread);
  CloseHandle(process.hThread);
  *started = (child){process.dwProcessId, (intptr_t)process.hProcess};
  return OK_;
}

uint32_t os_wait(const child *of) {
  DWORD code = 0;
  WaitForSingleObject((HANDLE)of->os, INFINITE);
  GetExitCodeProcess((HANDLE)of->os, &code);
  return code;
}

/* As the default handler of every control event does. */
void os_signal(const child *of, const char *signal) {
  (void)signal;
  TerminateProcess((HANDLE)of->os, 0xc000013a);
}

void os_kill(const child *of) { TerminateProcess((HANDLE)of->os, 1); }

void os_forget(const child *of) { CloseHandle((HANDLE)of->os); }

intptr_t os_new_job(void) { return (intptr_t)CreateJobObjectW(NULL, NULL); }

void os_end_job(intptr_t job) {
  TerminateJobObject((HANDLE)job, 1);
  CloseHandle((HANDLE)job);
}

int32_t os_write(intptr_t to, const void *bytes, int32_t length) {
  DWORD written = 0;
  return WriteFile((HANDLE)to, bytes, length, &written, NULL) ? (int32_t)written : -1;
}

int32_t os_read_now(intptr_t from, void *bytes, int32_t most) {
  DWORD there = 0, length = 0;
  if (!PeekNamedPipe((HANDLE)from, NULL, 0, NULL, &there, NULL)) return -1;
  if (there == 0) return 0;
  return ReadFile((HANDLE)from, bytes, there < (DWORD)most ? there : (DWORD)most, &length, NULL) ? (int32_t)length : -1;
}

void os_close(intptr_t end) { CloseHandle((HANDLE)end); }
