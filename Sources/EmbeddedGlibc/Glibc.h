// The module Glibc of a driver that is built as Embedded Swift, whose compiler brings none: the system's headers that the driver
// uses, and what Swift's own Glibc adds to them where C has macros and variadic functions that Swift cannot see.
#ifndef FABLINE_EMBEDDED_GLIBC_H
#define FABLINE_EMBEDDED_GLIBC_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define FABLINE_SWIFT_NAME(name) __attribute__((swift_name(name))) static inline

// A macro for a call in C, a variable in Swift.
#undef errno
FABLINE_SWIFT_NAME("getter:errno()") int fabline_errno(void) { return *__errno_location(); }
FABLINE_SWIFT_NAME("setter:errno(_:)") void fabline_set_errno(int value) { *__errno_location() = value; }

// Variadic in C.
FABLINE_SWIFT_NAME("open(_:_:)") int fabline_open(const char *path, int flags) { return open(path, flags); }
FABLINE_SWIFT_NAME("open(_:_:_:)") int fabline_open_new(const char *path, int flags, mode_t mode) {
  return open(path, flags, mode);
}

// Of st_mode's type in Swift, of int's in C: the kinds of file, inode(7).
#undef S_IFMT
#undef S_IFSOCK
#undef S_IFLNK
#undef S_IFREG
#undef S_IFBLK
#undef S_IFDIR
#undef S_IFCHR
#undef S_IFIFO
static const mode_t S_IFMT = 0170000, S_IFSOCK = 0140000, S_IFLNK = 0120000, S_IFREG = 0100000, S_IFBLK = 0060000,
                    S_IFDIR = 0040000, S_IFCHR = 0020000, S_IFIFO = 0010000;

#endif
