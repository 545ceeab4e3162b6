// Unix stream sockets.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int result(int value) { return value < 0 ? -errno : value; }
static int kind(int blocking) { return SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK); }

int clinux_unix_socket(int blocking) { return result(socket(AF_UNIX, kind(blocking), 0)); }

static int address_of(const char *path, struct sockaddr_un *address) {
  size_t length = strlen(path);
  if (length >= sizeof(address->sun_path)) return -ENAMETOOLONG;
  memset(address, 0, sizeof(*address));
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  return 0;
}

int clinux_unix_bind(int fd, const char *path) {
  struct sockaddr_un address;
  int failed = address_of(path, &address);
  return failed ? failed : result(bind(fd, (struct sockaddr *)&address, sizeof(address)));
}

int clinux_unix_connect(int fd, const char *path) {
  struct sockaddr_un address;
  int failed = address_of(path, &address);
  return failed ? failed : result(connect(fd, (struct sockaddr *)&address, sizeof(address)));
}

int clinux_unix_pair(int blocking, int *first, int *second) {
  int both[2];
  if (socketpair(AF_UNIX, kind(blocking), 0, both) < 0) return -errno;
  *first = both[0];
  *second = both[1];
  return 0;
}

int clinux_accept(int listener, int blocking) {
  return result(accept4(listener, NULL, NULL, SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK)));
}

ssize_t clinux_send(int fd, const void *bytes, size_t count) {
  ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
  return sent < 0 ? -errno : sent;
}

int clinux_peer_credentials(int fd, struct clinux_peer *out) {
  struct ucred peer;
  socklen_t length = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -errno;
  out->pid = peer.pid;
  out->uid = peer.uid;
  out->gid = peer.gid;
  return 0;
}
