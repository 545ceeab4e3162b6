/* For LD_PRELOAD under callgrind: the first thread of a program stays instead of ending by pthread_exit, as libdispatch's
 * dispatch_main does with it. Callgrind 3.19 dies of a first thread that is gone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

void pthread_exit(void *value) {
  if (syscall(SYS_gettid) == getpid())
    for (;;) pause();
  void (*real)(void *) = (void (*)(void *))dlsym(RTLD_NEXT, "pthread_exit");
  real(value);
  __builtin_unreachable();
}
