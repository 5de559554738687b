// What the Glibc overlay leaves out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>

// `struct ucred` needs _GNU_SOURCE before the first system header, so its three fields by hand.
struct purser_peer {
    int pid;
    unsigned int uid;
    unsigned int gid;
};

static inline int purser_peer_of(int fd, struct purser_peer *peer) {
    socklen_t size = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, 17 /* SO_PEERCRED */, peer, &size);
}
