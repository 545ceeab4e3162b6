// What an event loop waits for: epoll, clocks, timerfd, eventfd, signalfd.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

_Static_assert(CLINUX_EPOLLIN == EPOLLIN && CLINUX_EPOLLPRI == EPOLLPRI, "epoll");
_Static_assert(CLINUX_EPOLLOUT == EPOLLOUT && CLINUX_EPOLLERR == EPOLLERR, "epoll");
_Static_assert(CLINUX_EPOLLHUP == EPOLLHUP && CLINUX_EPOLLRDHUP == EPOLLRDHUP, "epoll");
_Static_assert(CLINUX_EPOLLONESHOT == EPOLLONESHOT, "epoll");

enum { most_events = 64 };
static const int64_t second = 1000000000;

static int result(int value) { return value < 0 ? -errno : value; }

int clinux_epoll_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int epoll, int operation, int fd, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return result(epoll_ctl(epoll, operation, fd, &event));
}

int clinux_epoll_add(int epoll, int fd, uint32_t events, uint64_t token) {
  return control(epoll, EPOLL_CTL_ADD, fd, events, token);
}

int clinux_epoll_modify(int epoll, int fd, uint32_t events, uint64_t token) {
  return control(epoll, EPOLL_CTL_MOD, fd, events, token);
}

int clinux_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

// The kernel's events, copied into the flat ones.
static int flattened(int count, const struct epoll_event *from, struct clinux_epoll_event *to) {
  if (count < 0) return -errno;
  for (int i = 0; i < count; i++) {
    to[i].token = from[i].data.u64;
    to[i].events = from[i].events;
  }
  return count;
}

int clinux_epoll_wait(int epoll, struct clinux_epoll_event *events, int capacity, int milliseconds) {
  struct epoll_event kernel[most_events];
  if (capacity > most_events) capacity = most_events;
  return flattened(epoll_wait(epoll, kernel, capacity, milliseconds), kernel, events);
}

int clinux_epoll_wait_ns(int epoll, struct clinux_epoll_event *events, int capacity, int64_t nanoseconds) {
  struct epoll_event kernel[most_events];
  if (capacity > most_events) capacity = most_events;
  struct timespec time = {.tv_sec = nanoseconds / second, .tv_nsec = nanoseconds % second};
  int count = epoll_pwait2(epoll, kernel, capacity, nanoseconds < 0 ? NULL : &time, NULL);
  return flattened(count, kernel, events);
}

static int64_t clock_ns(clockid_t clock) {
  struct timespec time = {0};
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * second + time.tv_nsec;
}

int64_t clinux_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
int64_t clinux_realtime_ns(void) { return clock_ns(CLOCK_REALTIME); }
int64_t clinux_thread_cpu_ns(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }
int64_t clinux_process_cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

// Reads one 64-bit counter.
static int take(int fd, uint64_t *value) {
  ssize_t count = read(fd, value, sizeof(*value));
  return count < 0 ? -errno : 0;
}

int clinux_timerfd_create(void) { return result(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)); }

int clinux_timerfd_set(int timer, int64_t monotonic_ns) {
  if (monotonic_ns < 0) monotonic_ns = 0;
  struct itimerspec setting = {
    .it_value = {.tv_sec = monotonic_ns / second, .tv_nsec = monotonic_ns % second}};
  return result(timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, NULL));
}

int clinux_timerfd_take(int timer, uint64_t *expirations) { return take(timer, expirations); }

int clinux_eventfd_create(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int clinux_eventfd_add(int fd, uint64_t count) {
  return write(fd, &count, sizeof(count)) < 0 ? -errno : 0;
}

int clinux_eventfd_take(int fd, uint64_t *sum) { return take(fd, sum); }

static sigset_t set_of(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  return set;
}

int clinux_signal_block(const int *signals, int count) {
  sigset_t set = set_of(signals, count);
  return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int clinux_signal_unblock(const int *signals, int count) {
  sigset_t set = set_of(signals, count);
  return -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int clinux_signal_ignore(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = SIG_IGN;
  return result(sigaction(signal, &action, NULL));
}

int clinux_signalfd_create(const int *signals, int count) {
  sigset_t set = set_of(signals, count);
  return result(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int clinux_signalfd_take(int fd, struct clinux_signal *out) {
  struct signalfd_siginfo info;
  ssize_t count = read(fd, &info, sizeof(info));
  if (count < 0) return -errno;
  out->number = info.ssi_signo;
  out->code = info.ssi_code;
  out->pid = info.ssi_pid;
  out->uid = info.ssi_uid;
  out->status = info.ssi_status;
  return 0;
}

int clinux_clock_in_step(void) {
  struct timex state = {.modes = 0};
  if (adjtimex(&state) < 0) return -errno;
  return (state.status & STA_UNSYNC) == 0;
}
