// The system calls, structures and constants of Linux that `import Glibc` does not show to Swift.
//
// Thin on purpose: one function is one call (or one read-modify-write where the kernel has no smaller
// step), and no function decides anything. Rules that hold for all of them:
//
// - A function that returns `int` returns the call's result, or minus errno. Nothing else reports errors,
//   so that errno is read at once and nothing can overwrite it. EINTR is an answer like any other.
// - Descriptors are made close-on-exec. Those that an event loop waits for are also non-blocking.
// - Times are nanoseconds of CLOCK_MONOTONIC.
// - Structures are flat, without unions, and constants plain literals, so that Swift sees fields and numbers:
//   Int32, or UInt32 where the value goes into such a field.
//
// <termios.h> and <asm/termbits.h> define the same names differently: the second stays inside Terminal.c.
#ifndef FABLINE_CLINUX_H
#define FABLINE_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// ---------------------------------------------------------------------------------- terminals (Terminal.c)

// The kernel's `struct termios2`, whose speeds are numbers of bits per second.
// Flags are those of Glibc (CLOCAL, CREAD, IXON ...); their values are the kernel's.
struct clinux_termios {
  uint32_t c_iflag;
  uint32_t c_oflag;
  uint32_t c_cflag;
  uint32_t c_lflag;
  uint32_t c_ispeed;
  uint32_t c_ospeed;
  uint8_t c_line;
  uint8_t c_cc[19];
};

// The part of c_cflag that holds the output speed's code, and the code that says "look at c_ospeed".
// The same part for the input speed stands CLINUX_IBSHIFT bits higher; zero there means "as the output".
#define CLINUX_CBAUD 0x100Fu
#define CLINUX_BOTHER 0x1000u
#define CLINUX_IBSHIFT 16u

// Reads the settings, speeds as numbers. On a PTY's master: those of the slave. `TCGETS2`.
int clinux_termios_get(int fd, struct clinux_termios *out);
// Applies the settings at once, discards nothing. c_ospeed counts where c_cflag says CLINUX_BOTHER. `TCSETS2`.
int clinux_termios_set(int fd, const struct clinux_termios *settings);
// One control character by its index (VMIN, VTIME, VSTART ...).
uint8_t clinux_termios_cc(const struct clinux_termios *settings, int index);
void clinux_termios_set_cc(struct clinux_termios *settings, int index, uint8_t value);

// 1: further opens of the terminal fail with EBUSY (not for root). 0: allowed again. `TIOCEXCL`, `TIOCNXCL`.
int clinux_tty_exclusive(int fd, int on);
// 1 if the terminal is in exclusive mode, 0 if not. `TIOCGEXCL`.
int clinux_tty_is_exclusive(int fd);

// Modem lines. A PTY answers ENOTTY to all of them.
#define CLINUX_DTR 0x002
#define CLINUX_RTS 0x004
#define CLINUX_CTS 0x020
#define CLINUX_DCD 0x040
#define CLINUX_RI 0x080
#define CLINUX_DSR 0x100
// The lines that are raised, a sum of the bits above. `TIOCMGET`.
int clinux_modem_get(int fd);
// Raises exactly these lines, lowers the other outputs. `TIOCMSET`.
int clinux_modem_set(int fd, int bits);
// Raises these lines, leaves the rest. `TIOCMBIS`.
int clinux_modem_raise(int fd, int bits);
// Lowers these lines, leaves the rest. `TIOCMBIC`.
int clinux_modem_lower(int fd, int bits);
// Sends a break of the usual length (0.25 to 0.5 s). Blocks. `TCSBRK`.
int clinux_tty_break(int fd);

// What the driver of a serial port says of it; a part of `struct serial_struct`.
struct clinux_serial {
  int32_t type;  // 0: no UART behind the node
  int32_t line;
  uint32_t port;
  int32_t irq;
  int32_t flags;
  int32_t baud_base;
  uint16_t close_delay;   // hundredths of a second
  uint16_t closing_wait;  // hundredths of a second that close may wait for output; CLINUX_CLOSING_WAIT_NONE: not at all
};
#define CLINUX_ASYNC_LOW_LATENCY 0x2000
#define CLINUX_CLOSING_WAIT_INFINITE 0
#define CLINUX_CLOSING_WAIT_NONE 65535
// ENOTTY, EINVAL or EPERM where the driver does not know it. `TIOCGSERIAL`.
int clinux_serial_get(int fd, struct clinux_serial *out);
// Writes back flags and closing_wait; everything else stays as the driver has it. `TIOCGSERIAL`, `TIOCSSERIAL`.
int clinux_serial_set(int fd, int32_t flags, uint16_t closing_wait);

#define CLINUX_FLUSH_INPUT 0
#define CLINUX_FLUSH_OUTPUT 1
#define CLINUX_FLUSH_BOTH 2
// Discards what was received and not read, or written and not sent. `TCFLSH`.
int clinux_tty_flush(int fd, int queue);
// Waits until everything written is sent. Blocks. `TCSBRK` with 1, which is tcdrain.
int clinux_tty_drain(int fd);
// Bytes written that have not left yet. `TIOCOUTQ`.
int clinux_tty_output_pending(int fd);
// Bytes received that have not been read yet. `FIONREAD`.
int clinux_tty_input_pending(int fd);
// The number that the kernel gave the terminal's session leader. `TIOCGSID`.
int clinux_tty_session(int fd);

// A new PTY's master: read and write, not the controlling terminal; non-blocking unless `blocking`.
// Its slave is granted and unlocked. `posix_openpt`, `grantpt`, `unlockpt`.
int clinux_pty_open(int blocking);
// The path of the slave, NUL-terminated. `ptsname_r`.
int clinux_pty_slave_path(int master, char *path, size_t capacity);
// The slave by its master, without a path (works across mount namespaces). Flags as for open(2). `TIOCGPTPEER`.
int clinux_pty_open_slave(int master, int flags);
// 1: each read from the master begins with a byte of CLINUX_PACKET_ bits; 0 in it means data follows. `TIOCPKT`.
int clinux_pty_packet_mode(int master, int on);
#define CLINUX_PACKET_FLUSH_READ 1  // the slave's input queue was discarded
#define CLINUX_PACKET_FLUSH_WRITE 2  // the slave's output queue was discarded
#define CLINUX_PACKET_STOP 4
#define CLINUX_PACKET_START 8
#define CLINUX_PACKET_NO_STOP 16
#define CLINUX_PACKET_DO_STOP 32
#define CLINUX_PACKET_IOCTL 64  // settings changed; only while the slave has EXTPROC

// ----------------------------------------------------------------------------------- event loop (Events.c)

// `struct epoll_event` without its union and its packing.
struct clinux_epoll_event {
  uint64_t token;
  uint32_t events;
};
#define CLINUX_EPOLLIN 0x001u
#define CLINUX_EPOLLPRI 0x002u
#define CLINUX_EPOLLOUT 0x004u
#define CLINUX_EPOLLERR 0x008u
#define CLINUX_EPOLLHUP 0x010u
#define CLINUX_EPOLLRDHUP 0x2000u
#define CLINUX_EPOLLONESHOT 0x40000000u
#define CLINUX_EPOLLET 0x80000000u

int clinux_epoll_create(void);
// Adds, changes, removes a descriptor; `token` comes back in its events. `epoll_ctl`.
int clinux_epoll_add(int epoll, int fd, uint32_t events, uint64_t token);
int clinux_epoll_modify(int epoll, int fd, uint32_t events, uint64_t token);
int clinux_epoll_remove(int epoll, int fd);
// The number of events written (at most `capacity`, at most 64 a call); 0 when the time is over.
// Milliseconds; -1 waits for ever. `epoll_wait`.
int clinux_epoll_wait(int epoll, struct clinux_epoll_event *events, int capacity, int milliseconds);
// The same, in nanoseconds; negative waits for ever. ENOSYS before Linux 5.11. `epoll_pwait2`.
int clinux_epoll_wait_ns(int epoll, struct clinux_epoll_event *events, int capacity, int64_t nanoseconds);

// Nanoseconds since some moment before the boot; never goes back. `clock_gettime(CLOCK_MONOTONIC)`.
int64_t clinux_monotonic_ns(void);
// Nanoseconds since 1970, as people's clocks have it; may jump. `clock_gettime(CLOCK_REALTIME)`.
int64_t clinux_realtime_ns(void);
// CPU time of the calling thread, and of the whole process.
int64_t clinux_thread_cpu_ns(void);
int64_t clinux_process_cpu_ns(void);

// A timer on the monotonic clock. `timerfd_create`.
int clinux_timerfd_create(void);
// Readable from this time on (at once if it is past); 0 or less disarms. `timerfd_settime`.
int clinux_timerfd_set(int timer, int64_t monotonic_ns);
// Reads the number of expirations, so that it is not readable any more; EAGAIN if there was none.
int clinux_timerfd_take(int timer, uint64_t *expirations);

// A counter that another thread rings. `eventfd`.
int clinux_eventfd_create(void);
int clinux_eventfd_add(int fd, uint64_t count);
// Reads the sum and sets it to zero; EAGAIN if it was zero.
int clinux_eventfd_take(int fd, uint64_t *sum);

struct clinux_signal {
  int32_t number;
  int32_t code;
  int32_t pid;  // who sent it, or which child ended
  uint32_t uid;
  int32_t status;  // of the child that ended
};
// Blocks these signals in the calling thread and those that it starts. `pthread_sigmask`.
int clinux_signal_block(const int *signals, int count);
int clinux_signal_unblock(const int *signals, int count);
// Ignores a signal in the whole process; a child started by clinux_spawn has it at its default again. `sigaction`.
int clinux_signal_ignore(int signal);
// Readable when one of these (blocked) signals waits. `signalfd`.
int clinux_signalfd_create(const int *signals, int count);
int clinux_signalfd_take(int fd, struct clinux_signal *out);

// ------------------------------------------------------------------------------- processes (Processes.c)

// A descriptor that becomes readable when the process ends; the process need not be a child. `pidfd_open`.
int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_signal(int pidfd, int signal);

struct clinux_exit {
  int32_t pid;     // 0: it has not ended
  int32_t signal;  // the signal that ended it, or 0
  int32_t status;  // what it gave to exit, if no signal ended it
  int32_t dumped;  // 1 if a core was written
};
// Takes a child's end, once. EINVAL/ECHILD where it is not a child of ours; `wait` 0 does not wait. `waitid`.
int clinux_pidfd_wait(int pidfd, int wait, struct clinux_exit *out);
int clinux_pid_wait(pid_t pid, int wait, struct clinux_exit *out);

#define CLINUX_SPAWN_OWN_SESSION 1  // setsid: survives the terminal and is no part of its jobs
#define CLINUX_SPAWN_KEEP_SIGNALS 2  // else: no signal blocked, every signal at its default
// Starts a program; the new pid or minus errno. `arguments` and `environment` end with NULL (no environment:
// ours). Its descriptors 0, 1, 2 are copies of the given ones (-1: /dev/null); none above 2 is passed on. They are
// replaced in that order: give descriptors above 2, or 0, 1, 2 in their own places.
// `posix_spawn`.
int clinux_spawn(
  const char *path, char *const arguments[], char *const environment[], int input, int output, int error,
  int flags);
// The environment of this process.
char **clinux_environment(void);

// Starts a thread of its own that nobody waits for, with so many bytes of stack. `pthread_create`.
int clinux_thread_start(void *(*body)(void *), void *argument, size_t stack);
int clinux_thread_id(void);
// At most 15 bytes are kept. `PR_SET_NAME`.
int clinux_thread_set_name(const char *name);
// A signal for us when the thread that started us ends; 0: none. `PR_SET_PDEATHSIG`.
int clinux_set_parent_death_signal(int signal);
// Orphans below us become our children. `PR_SET_CHILD_SUBREAPER`.
int clinux_set_child_subreaper(int on);
int clinux_set_no_new_privileges(void);
// How late the thread's timers may fire to be fired together. `PR_SET_TIMERSLACK`.
int clinux_set_timer_slack(uint64_t nanoseconds);
// The slice that the calling thread asks for at a time; who asks for less is let in sooner. From Linux 6.12 on, no
// privilege needed; older ones take it and do nothing. `sched_setattr`.
int clinux_set_time_slice(uint64_t nanoseconds);

// "EBUSY", or NULL for a number that is no errno; static text. `strerrorname_np`.
const char *clinux_error_name(int error);
// "Device or resource busy", never translated; static text. `strerrordesc_np`.
const char *clinux_error_text(int error);

// Random bytes of the kernel, at most 256 a call. `getrandom`.
int clinux_random(void *bytes, size_t count);

// ----------------------------------------------------------------------------------- sockets (Sockets.c)

// A Unix stream socket. `socket(AF_UNIX, SOCK_STREAM)`.
int clinux_unix_socket(int blocking);
// ENAMETOOLONG where the path has 108 bytes or more. `bind`, `connect`.
int clinux_unix_bind(int fd, const char *path);
int clinux_unix_connect(int fd, const char *path);
int clinux_unix_pair(int blocking, int *first, int *second);
// A connection, close-on-exec; non-blocking unless `blocking`. `accept4`.
int clinux_accept(int listener, int blocking);
// The bytes taken, as write, but EPIPE instead of the signal. `send` with MSG_NOSIGNAL.
ssize_t clinux_send(int fd, const void *bytes, size_t count);

struct clinux_peer {
  int32_t pid;
  uint32_t uid;
  uint32_t gid;
};
// Who called connect (or made the pair). `SO_PEERCRED`.
int clinux_peer_credentials(int fd, struct clinux_peer *out);

// ------------------------------------------------------------------------- files and memory (Memory.c)

#define CLINUX_LOCK_SHARED 1
#define CLINUX_LOCK_EXCLUSIVE 2
#define CLINUX_LOCK_NONBLOCK 4
#define CLINUX_LOCK_RELEASE 8
// An advisory lock that belongs to the open file description. EWOULDBLOCK where another one has it. `flock`.
int clinux_flock(int fd, int operation);

// A file's first bytes as shared memory; NULL in `out` on failure. `mmap` with MAP_SHARED.
int clinux_map_shared(int fd, size_t length, int writable, void **out);
int clinux_unmap(void *address, size_t length);
// Reserves blocks, so that later writes cannot meet a full disk. EOPNOTSUPP on some file systems. `fallocate`.
int clinux_allocate(int fd, int64_t offset, int64_t length);
// At most `arenas` heaps for all threads instead of eight for each processor; before there are threads. mallopt(M_ARENA_MAX).
int clinux_heap_limit(int arenas);
// Starts this program once more, with one heap for all threads and no caches of freed memory in each, where it was not started
// so. glibc reads that before anything of ours runs, and `mallopt` has no word for the caches: freed memory in them keeps whole
// pages of a heap from going back. Before there are threads or descriptors. The environment for children stays as it was.
// Returns where nothing is to be done, or with an error. GLIBC_TUNABLES, `execv`.
int clinux_heap_shared(char *const *arguments);
// Gives free memory of the heaps back to the system. malloc_trim(0).
void clinux_heap_trim(void);
// Lets go of the pages of code and constants, ours and the libraries'; what is used again comes back from the page cache, a
// microsecond for sixteen pages. Not for a thread that nothing may hold up. `madvise` with MADV_DONTNEED.
void clinux_code_release(void);
// 1 where something keeps the system's clock in step, 0 where nothing does. Only reads. `adjtimex`.
int clinux_clock_in_step(void);

// Words shared with another thread or process, through a page that both map. Aligned to 8 bytes.
static inline uint64_t clinux_load_acquire(const uint64_t *word) {
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
static inline void clinux_store_release(uint64_t *word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
static inline uint64_t clinux_load_relaxed(const uint64_t *word) {
  return __atomic_load_n(word, __ATOMIC_RELAXED);
}
static inline void clinux_store_relaxed(uint64_t *word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELAXED);
}
static inline void clinux_fence_acquire(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }
static inline void clinux_fence_release(void) { __atomic_thread_fence(__ATOMIC_RELEASE); }

#endif
