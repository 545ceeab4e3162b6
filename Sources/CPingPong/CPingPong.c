#include "CPingPong.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { KEPT = 128, WIDTH = 160, BLOCK = 65536 };

struct sender {
  int fd;
  char kept[KEPT][WIDTH];   /* the last lines as they went out; line n lives at n % KEPT */
  int length[KEPT];
  int64_t newest;           /* the highest line number given out */
  int64_t due;              /* the number to send next; below newest while replaying */
  int64_t resends;
  char reply[BLOCK];
  int have, at;
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static speed_t speed_of(int baud) {
  switch (baud) {
  case 57600: return B57600;
  case 230400: return B230400;
  case 500000: return B500000;
  case 1000000: return B1000000;
  default: return B115200;
  }
}

static int open_port(const char *port, int baud) {
  int fd = open(port, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return -1;
  struct termios t;
  if (tcgetattr(fd, &t) < 0) goto fail;
  cfmakeraw(&t);
  t.c_cflag |= CLOCAL | CREAD;
  t.c_cflag &= ~(tcflag_t)HUPCL;
  t.c_cc[VMIN] = 1;
  t.c_cc[VTIME] = 0;
  cfsetspeed(&t, speed_of(baud));
  if (tcsetattr(fd, TCSANOW, &t) < 0) goto fail;
  tcflush(fd, TCIFLUSH);
  return fd;
fail:
  close(fd);
  return -1;
}

static int write_all(int fd, const char *bytes, int count) {
  while (count > 0) {
    ssize_t n = write(fd, bytes, (size_t)count);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    bytes += n;
    count -= (int)n;
  }
  return 0;
}

/* Numbers a cleaned command, adds the checksum and keeps it. */
static void keep(struct sender *s, const char *text, int count) {
  int64_t n = ++s->newest;
  char *line = s->kept[n % KEPT];
  int length = snprintf(line, WIDTH, "N%lld %.*s", (long long)n, count, text);
  if (length > WIDTH - 6) length = WIDTH - 6;
  unsigned sum = 0;
  for (int i = 0; i < length; i++) sum ^= (unsigned char)line[i];
  s->length[n % KEPT] = length + snprintf(line + length, (size_t)(WIDTH - length), "*%u\n", sum);
}

/* The next line of the firmware without its end, or NULL with errno when the port is gone. */
static char *reply_line(struct sender *s) {
  for (;;) {
    char *start = s->reply + s->at;
    char *end = memchr(start, '\n', (size_t)(s->have - s->at));
    if (end) {
      *end = 0;
      s->at = (int)(end + 1 - s->reply);
      return start;
    }
    memmove(s->reply, start, (size_t)(s->have - s->at));
    s->have -= s->at;
    s->at = 0;
    if (s->have == BLOCK) s->have = 0; /* a line without end is noise */
    ssize_t n = read(s->fd, s->reply + s->have, (size_t)(BLOCK - s->have));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      if (n == 0) errno = EIO;
      return NULL;
    }
    s->have += (int)n;
  }
}

/* Waits for one `ok`; a `Resend: n` on the way moves `due` back to n. */
static int wait_ok(struct sender *s) {
  for (;;) {
    char *line = reply_line(s);
    if (!line) return -1;
    if (line[0] == 'o' && line[1] == 'k') return 0;
    if (strncmp(line, "Resend:", 7) == 0) {
      int64_t n = strtoll(line + 7, NULL, 10);
      if (n > s->newest + 1 || n <= s->newest - KEPT || n < 1) {
        errno = EPROTO;
        return -1;
      }
      s->due = n;
      s->resends++;
    }
  }
}

/* Sends everything that is due, one line and one ok at a time. */
static int catch_up(struct sender *s) {
  while (s->due <= s->newest) {
    int slot = (int)(s->due % KEPT);
    s->due++;
    if (write_all(s->fd, s->kept[slot], s->length[slot]) < 0 || wait_ok(s) < 0) return -1;
  }
  return 0;
}

static int print_file(struct sender *s, FILE *file) {
  char line[4096];
  while (fgets(line, sizeof line, file)) {
    char *end = line + strcspn(line, ";\r\n");
    char *start = line + strspn(line, " \t");
    while (end > start && (end[-1] == ' ' || end[-1] == '\t')) end--;
    if (end <= start) continue;
    keep(s, start, (int)(end - start));
    if (catch_up(s) < 0) return -1;
  }
  return ferror(file) ? -1 : 0;
}

int pingpong_print(const char *port, int baud, const char *path, struct pingpong_report *report) {
  int result = -1;
  FILE *file = NULL;
  struct sender *s = calloc(1, sizeof *s);
  if (!s) return -1;
  s->due = 1;
  s->fd = open_port(port, baud);
  if (s->fd < 0) goto end;
  file = fopen(path, "re");
  if (!file) goto end;
  setvbuf(file, NULL, _IOFBF, BLOCK);
  if (write_all(s->fd, "\nN0 M110*35\n", 12) < 0 || wait_ok(s) < 0) goto end;
  s->due = 1;
  double began = now();
  result = print_file(s, file);
  report->seconds = now() - began;
  report->lines = s->newest;
  report->resends = s->resends;
end:
  if (file) fclose(file);
  if (s->fd >= 0) close(s->fd);
  free(s);
  return result;
}
