// Serial ports and pseudo-terminals. The only place that sees <asm/termbits.h>.
#define _GNU_SOURCE
#include "CLinux.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <linux/tty_flags.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

_Static_assert(CLINUX_CBAUD == CBAUD, "speed mask");
_Static_assert(CLINUX_BOTHER == BOTHER, "speed code");
_Static_assert(CLINUX_IBSHIFT == IBSHIFT, "input speed shift");
_Static_assert(sizeof(((struct termios2 *)0)->c_cc) == sizeof(((struct clinux_termios *)0)->c_cc), "c_cc");
_Static_assert(CLINUX_DTR == TIOCM_DTR && CLINUX_RTS == TIOCM_RTS && CLINUX_CTS == TIOCM_CTS, "modem lines");
_Static_assert(CLINUX_DCD == TIOCM_CAR && CLINUX_RI == TIOCM_RNG && CLINUX_DSR == TIOCM_DSR, "modem lines");
_Static_assert(CLINUX_ASYNC_LOW_LATENCY == ASYNC_LOW_LATENCY, "low latency");
_Static_assert(CLINUX_CLOSING_WAIT_NONE == ASYNC_CLOSING_WAIT_NONE, "closing wait");
_Static_assert(CLINUX_FLUSH_INPUT == TCIFLUSH && CLINUX_FLUSH_OUTPUT == TCOFLUSH, "flush");
_Static_assert(CLINUX_FLUSH_BOTH == TCIOFLUSH, "flush");
_Static_assert(CLINUX_PACKET_FLUSH_READ == TIOCPKT_FLUSHREAD && CLINUX_PACKET_IOCTL == TIOCPKT_IOCTL, "packet");

static int result(int value) { return value < 0 ? -errno : value; }

int clinux_termios_get(int fd, struct clinux_termios *out) {
  struct termios2 kernel;
  if (ioctl(fd, TCGETS2, &kernel) < 0) return -errno;
  out->c_iflag = kernel.c_iflag;
  out->c_oflag = kernel.c_oflag;
  out->c_cflag = kernel.c_cflag;
  out->c_lflag = kernel.c_lflag;
  out->c_ispeed = kernel.c_ispeed;
  out->c_ospeed = kernel.c_ospeed;
  out->c_line = kernel.c_line;
  memcpy(out->c_cc, kernel.c_cc, sizeof(out->c_cc));
  return 0;
}

int clinux_termios_set(int fd, const struct clinux_termios *settings) {
  struct termios2 kernel = {
    .c_iflag = settings->c_iflag,
    .c_oflag = settings->c_oflag,
    .c_cflag = settings->c_cflag,
    .c_lflag = settings->c_lflag,
    .c_line = settings->c_line,
    .c_ispeed = settings->c_ispeed,
    .c_ospeed = settings->c_ospeed,
  };
  memcpy(kernel.c_cc, settings->c_cc, sizeof(kernel.c_cc));
  return result(ioctl(fd, TCSETS2, &kernel));
}

uint8_t clinux_termios_cc(const struct clinux_termios *settings, int index) {
  return index >= 0 && index < (int)sizeof(settings->c_cc) ? settings->c_cc[index] : 0;
}

void clinux_termios_set_cc(struct clinux_termios *settings, int index, uint8_t value) {
  if (index >= 0 && index < (int)sizeof(settings->c_cc)) settings->c_cc[index] = value;
}

int clinux_tty_exclusive(int fd, int on) { return result(ioctl(fd, on ? TIOCEXCL : TIOCNXCL)); }

int clinux_tty_is_exclusive(int fd) {
  int on = 0;
  return ioctl(fd, TIOCGEXCL, &on) < 0 ? -errno : on;
}

int clinux_modem_get(int fd) {
  int bits = 0;
  return ioctl(fd, TIOCMGET, &bits) < 0 ? -errno : bits;
}

int clinux_modem_set(int fd, int bits) { return result(ioctl(fd, TIOCMSET, &bits)); }
int clinux_modem_raise(int fd, int bits) { return result(ioctl(fd, TIOCMBIS, &bits)); }
int clinux_modem_lower(int fd, int bits) { return result(ioctl(fd, TIOCMBIC, &bits)); }
int clinux_tty_break(int fd) { return result(ioctl(fd, TCSBRK, 0)); }

int clinux_serial_get(int fd, struct clinux_serial *out) {
  struct serial_struct kernel;
  memset(&kernel, 0, sizeof(kernel));
  if (ioctl(fd, TIOCGSERIAL, &kernel) < 0) return -errno;
  out->type = kernel.type;
  out->line = kernel.line;
  out->port = kernel.port;
  out->irq = kernel.irq;
  out->flags = kernel.flags;
  out->baud_base = kernel.baud_base;
  out->close_delay = kernel.close_delay;
  out->closing_wait = kernel.closing_wait;
  return 0;
}

int clinux_serial_set(int fd, int32_t flags, uint16_t closing_wait) {
  struct serial_struct kernel;
  memset(&kernel, 0, sizeof(kernel));
  if (ioctl(fd, TIOCGSERIAL, &kernel) < 0) return -errno;
  kernel.flags = flags;
  kernel.closing_wait = closing_wait;
  return result(ioctl(fd, TIOCSSERIAL, &kernel));
}

int clinux_tty_flush(int fd, int queue) { return result(ioctl(fd, TCFLSH, queue)); }
int clinux_tty_drain(int fd) { return result(ioctl(fd, TCSBRK, 1)); }

int clinux_tty_output_pending(int fd) {
  int bytes = 0;
  return ioctl(fd, TIOCOUTQ, &bytes) < 0 ? -errno : bytes;
}

int clinux_tty_input_pending(int fd) {
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) < 0 ? -errno : bytes;
}

int clinux_tty_session(int fd) {
  pid_t session = 0;
  return ioctl(fd, TIOCGSID, &session) < 0 ? -errno : session;
}

int clinux_pty_open(int blocking) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | (blocking ? 0 : O_NONBLOCK));
  if (master < 0) return -errno;
  if (grantpt(master) < 0 || unlockpt(master) < 0) {
    int error = errno;
    close(master);
    return -error;
  }
  return master;
}

int clinux_pty_slave_path(int master, char *path, size_t capacity) {
  return -ptsname_r(master, path, capacity);
}

int clinux_pty_open_slave(int master, int flags) { return result(ioctl(master, TIOCGPTPEER, flags)); }
int clinux_pty_packet_mode(int master, int on) { return result(ioctl(master, TIOCPKT, &on)); }
