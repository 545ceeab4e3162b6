// File locks, shared pages, reserved blocks, the heap.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

_Static_assert(CLINUX_LOCK_SHARED == LOCK_SH && CLINUX_LOCK_EXCLUSIVE == LOCK_EX, "flock");
_Static_assert(CLINUX_LOCK_NONBLOCK == LOCK_NB && CLINUX_LOCK_RELEASE == LOCK_UN, "flock");

static int result(int value) { return value < 0 ? -errno : value; }

int clinux_flock(int fd, int operation) { return result(flock(fd, operation)); }

int clinux_map_shared(int fd, size_t length, int writable, void **out) {
  void *address = mmap(NULL, length, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
  *out = address == MAP_FAILED ? NULL : address;
  return address == MAP_FAILED ? -errno : 0;
}

int clinux_unmap(void *address, size_t length) { return result(munmap(address, length)); }

int clinux_allocate(int fd, int64_t offset, int64_t length) { return result(fallocate(fd, 0, offset, length)); }

int clinux_heap_limit(int arenas) { return mallopt(M_ARENA_MAX, arenas) == 1 ? 0 : -EINVAL; }

int clinux_heap_shared(char *const *arguments) {
  static const char name[] = "GLIBC_TUNABLES", value[] = "glibc.malloc.arena_max=1:glibc.malloc.tcache_count=0";
  const char *found = getenv(name);
  if (found && !strcmp(found, value)) {
    // By that path the kernel calls it "exe".
    prctl(PR_SET_NAME, program_invocation_short_name);
    return unsetenv(name), 0;
  }
  // Somebody has an opinion of their own.
  if (found) return 0;
  if (setenv(name, value, 1)) return -errno;
  execv("/proc/self/exe", arguments);
  int error = errno;
  unsetenv(name);
  return -error;
}

void clinux_heap_trim(void) { malloc_trim(0); }
