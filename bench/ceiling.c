// The ceiling: the least a FastCGI responder can do. libfcgi speaks the protocol, every idle
// connection waits in one epoll set, a few threads answer whichever becomes readable, and the answer
// is always the same. What nginx and the protocol cost is in this figure; what an application costs is not.
//
//   cc -O2 -o ceiling ceiling.c -lfcgi -lpthread
//   ceiling SOCKET THREADS

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] =
    "Content-Type: application/json\r\n"
    "\r\n"
    "{\"id\":1,\"name\":\"Bench\",\"email\":\"bench@example.com\","
    "\"api_key\":\"bioql_000000000000000000000000000000000000\","
    "\"stripe_customer_id\":null,\"created_at\":\"2025-01-01T00:00:00Z\"}";

static int listener;
static int parked;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

// Waits for the connection's next request. EPOLLONESHOT: one thread at a time holds a connection.
static void park(FCGX_Request *request, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = request};
    if (epoll_ctl(parked, operation, request->ipcFd, &event) != 0)
        fail("epoll_ctl");
}

static void drop(FCGX_Request *request)
{
    FCGX_Free(request, 1);
    free(request);
}

static void accept_connection(void)
{
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return; // another thread was faster
    FCGX_Request *request = calloc(1, sizeof *request);
    if (request == NULL || FCGX_InitRequest(request, -1, 0) != 0)
        fail("FCGX_InitRequest");
    // libfcgi reads from a descriptor it already has instead of accepting one of its own.
    request->ipcFd = fd;
    request->keepConnection = 1;
    park(request, EPOLL_CTL_ADD);
}

// Reads the body to its end-of-stream record: what is left over would be taken for the next request.
static void drain(FCGX_Request *request)
{
    char bytes[8192];
    while (FCGX_GetStr(bytes, sizeof bytes, request->in) == sizeof bytes)
        ;
}

static void serve(FCGX_Request *request)
{
    if (FCGX_Accept_r(request) != 0) {
        drop(request);
        return;
    }
    drain(request);
    FCGX_PutStr(answer, sizeof answer - 1, request->out);
    FCGX_Finish_r(request);
    if (request->ipcFd < 0)
        free(request); // nginx did not ask to keep the connection, or is gone
    else
        park(request, EPOLL_CTL_MOD);
}

static void *work(void *unused)
{
    (void)unused;
    for (;;) {
        struct epoll_event event;
        int ready = epoll_wait(parked, &event, 1, -1);
        if (ready < 0 && errno != EINTR)
            fail("epoll_wait");
        if (ready < 1)
            continue;
        if (event.data.ptr == NULL)
            accept_connection();
        else if (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
            drop(event.data.ptr);
        else
            serve(event.data.ptr);
    }
    return NULL;
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: ceiling SOCKET THREADS\n");
        return 2;
    }
    if (FCGX_Init() != 0)
        fail("FCGX_Init");
    signal(SIGTERM, SIG_DFL); // FCGX_Init takes it over; this program has nothing to finish
    listener = FCGX_OpenSocket(arguments[1], 1024);
    if (listener < 0 || fcntl(listener, F_SETFL, O_NONBLOCK) != 0)
        fail("listen");
    parked = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (parked < 0 || epoll_ctl(parked, EPOLL_CTL_ADD, listener, &event) != 0)
        fail("epoll");
    for (int threads = atoi(arguments[2]); threads > 1; threads--) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, NULL) != 0)
            fail("pthread_create");
    }
    work(NULL);
}
