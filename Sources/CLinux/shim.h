// What the Glibc overlay leaves out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
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

// So does accept4: the peer's name is of no use on a unix socket, so it takes none.
static inline int purser_accept(int listener) {
    extern int accept4(int, struct sockaddr *, socklen_t *, int);
    return accept4(listener, 0, 0, SOCK_CLOEXEC);
}

// prctl takes variable arguments, which Swift cannot pass. At most 15 bytes of the name are kept.
static inline int purser_name_thread(const char *name) {
    return prctl(PR_SET_NAME, name);
}
