// Starting processes, seeing their end, and what a process says about itself.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int result(int value) { return value < 0 ? -errno : value; }

int clinux_pidfd_open(pid_t pid) { return result((int)syscall(SYS_pidfd_open, pid, 0)); }

int clinux_pidfd_signal(int pidfd, int signal) {
  return result((int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

static int wait_for(idtype_t kind, id_t which, int wait, struct clinux_exit *out) {
  siginfo_t info;
  memset(&info, 0, sizeof(info));
  memset(out, 0, sizeof(*out));
  if (waitid(kind, which, &info, WEXITED | (wait ? 0 : WNOHANG)) < 0) return -errno;
  if (info.si_pid == 0) return 0;
  out->pid = info.si_pid;
  if (info.si_code == CLD_EXITED) {
    out->status = info.si_status;
  } else {
    out->signal = info.si_status;
    out->dumped = info.si_code == CLD_DUMPED;
  }
  return 0;
}

int clinux_pidfd_wait(int pidfd, int wait, struct clinux_exit *out) {
  return wait_for(P_PIDFD, pidfd, wait, out);
}

int clinux_pid_wait(pid_t pid, int wait, struct clinux_exit *out) { return wait_for(P_PID, pid, wait, out); }

// Makes the child's `target` a copy of `fd`, or /dev/null where there is none.
static int redirect(posix_spawn_file_actions_t *actions, int fd, int target) {
  if (fd < 0) return posix_spawn_file_actions_addopen(actions, target, "/dev/null", O_RDWR, 0);
  return posix_spawn_file_actions_adddup2(actions, fd, target);
}

static int describe_files(posix_spawn_file_actions_t *actions, int input, int output, int error) {
  int failed = redirect(actions, input, STDIN_FILENO);
  if (!failed) failed = redirect(actions, output, STDOUT_FILENO);
  if (!failed) failed = redirect(actions, error, STDERR_FILENO);
  if (!failed) failed = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
  return failed;
}

static int describe_attributes(posix_spawnattr_t *attributes, int flags) {
  short bits = 0;
  sigset_t set;
  if (flags & CLINUX_SPAWN_OWN_SESSION) bits |= POSIX_SPAWN_SETSID;
  if (!(flags & CLINUX_SPAWN_KEEP_SIGNALS)) {
    bits |= POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigemptyset(&set);
    int failed = posix_spawnattr_setsigmask(attributes, &set);
    sigfillset(&set);
    if (!failed) failed = posix_spawnattr_setsigdefault(attributes, &set);
    if (failed) return failed;
  }
  return posix_spawnattr_setflags(attributes, bits);
}

int clinux_spawn(
  const char *path, char *const arguments[], char *const environment[], int input, int output, int error,
  int flags) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  pid_t pid = 0;
  int failed = posix_spawn_file_actions_init(&actions);
  if (failed) return -failed;
  failed = posix_spawnattr_init(&attributes);
  if (!failed) {
    failed = describe_files(&actions, input, output, error);
    if (!failed) failed = describe_attributes(&attributes, flags);
    if (!failed)
      failed = posix_spawn(&pid, path, &actions, &attributes, arguments, environment ? environment : environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return failed ? -failed : pid;
}

char **clinux_environment(void) { return environ; }

int clinux_thread_start(void *(*body)(void *), void *argument, size_t stack) {
  pthread_attr_t attributes;
  pthread_t thread;
  int failed = pthread_attr_init(&attributes);
  if (failed) return -failed;
  failed = pthread_attr_setstacksize(&attributes, stack);
  if (!failed) failed = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (!failed) failed = pthread_create(&thread, &attributes, body, argument);
  pthread_attr_destroy(&attributes);
  return -failed;
}

int clinux_thread_id(void) { return (int)gettid(); }
int clinux_thread_set_name(const char *name) { return result(prctl(PR_SET_NAME, name, 0, 0, 0)); }
int clinux_set_parent_death_signal(int signal) { return result(prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)); }
int clinux_set_child_subreaper(int on) { return result(prctl(PR_SET_CHILD_SUBREAPER, on, 0, 0, 0)); }
int clinux_set_no_new_privileges(void) { return result(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); }
int clinux_set_timer_slack(uint64_t nanoseconds) {
  return result(prctl(PR_SET_TIMERSLACK, (unsigned long)nanoseconds, 0, 0, 0));
}


// Glibc has no wrapper; the structure as the kernel has it since 3.14.
struct scheduling {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};

int clinux_set_time_slice(uint64_t nanoseconds) {
  struct scheduling now = {0};
  if (syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) < 0) return -errno;
  now.size = sizeof now;
  now.runtime = nanoseconds;
  return result((int)syscall(SYS_sched_setattr, 0, &now, 0));
}

const char *clinux_error_name(int error) { return strerrorname_np(error); }
const char *clinux_error_text(int error) { return strerrordesc_np(error); }

int clinux_random(void *bytes, size_t count) { return result((int)getrandom(bytes, count, 0)); }
