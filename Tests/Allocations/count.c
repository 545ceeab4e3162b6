/* Counts a program's allocations, for LD_PRELOAD: each malloc, calloc, realloc and aligned allocation adds one to the
 * first eight bytes of the file that FABLINE_ALLOCATIONS names. The file is shared memory: it is read while the program
 * runs, without asking the program anything. With FABLINE_TRAP_AFTER=N the process aborts at the Nth allocation after
 * the file's second eight bytes became 1, so that a debugger shows where it came from. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

struct page {
  _Atomic uint64_t count;
  _Atomic uint64_t armed;
};

static struct page before;          /* what is counted before the file is there */
static struct page *page = &before;
static int64_t trap_after = -1;
static _Atomic int64_t since_armed;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FABLINE_ALLOCATIONS");
  const char *trap = getenv("FABLINE_TRAP_AFTER");
  if (trap) trap_after = strtoll(trap, NULL, 10);
  if (!path) return;
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (ftruncate(fd, sizeof *page) == 0) {
    void *map = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) page = map;
  }
  close(fd);
}

static void one(void) {
  atomic_fetch_add_explicit(&page->count, 1, memory_order_relaxed);
  if (trap_after < 0 || !atomic_load_explicit(&page->armed, memory_order_relaxed)) return;
  if (atomic_fetch_add(&since_armed, 1) == trap_after) __builtin_trap();
}

void *malloc(size_t size) { one(); return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { one(); return __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { one(); return __libc_realloc(old, size); }
void *aligned_alloc(size_t alignment, size_t size) { one(); return __libc_memalign(alignment, size); }
void *memalign(size_t alignment, size_t size) { one(); return __libc_memalign(alignment, size); }

int posix_memalign(void **place, size_t alignment, size_t size) {
  one();
  void *memory = __libc_memalign(alignment, size);
  if (!memory) return ENOMEM;
  *place = memory;
  return 0;
}
