// libfcgi's multi-threaded interface. `ipcFd` and `keepConnection` stand under "Don't use anything
// below here" in its header; we do the accepting ourselves, so we need exactly these two. A test
// holds the layout.
#include <fcgiapp.h>
#include <fcgios.h>
