/* The yardstick: a minimal ping-pong sender, as a C programmer would write it for one afternoon's use.
 *
 * It reads a G-code file, strips comments, numbers each line, adds the checksum, keeps the last 128 lines, sends one
 * line and waits for its `ok`, and goes back where the firmware says `Resend`. It has no timeouts, no heater policy and
 * no journal: what remains is the least work that a host must do for a line. */
#ifndef FABLINE_CPINGPONG_H
#define FABLINE_CPINGPONG_H

#include <stdint.h>

struct pingpong_report {
  int64_t lines;     /* commands acknowledged, each counted once */
  int64_t resends;   /* Resend replies obeyed */
  double seconds;    /* from the first file line to its last ok */
};

/* Sends the file at `path` to the serial device at `port` with `baud` (one that termios knows).
 * Returns 0, or -1 with errno set; EPROTO when the firmware asks for a line that is no longer kept. */
int pingpong_print(const char *port, int baud, const char *path, struct pingpong_report *report);

#endif
