/* Preloaded, lets the Nth write, sync or rename below a folder fail, or end the process there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NONE, WRITE, SYNC, RENAME };
enum { KILL, TORN, FAIL };

static char folder[PATH_MAX];
static volatile int armed, mode, code;
static volatile long left, seen;

void fault_arm(const char *below, int kind, long nth, int what, int error) {
    strncpy(folder, below, sizeof folder - 1);
    armed = kind; left = nth; mode = what; code = error; seen = 0;
}

long fault_disarm(void) { armed = NONE; return seen; }

static int is_below(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

/* Whether this call is to fail. Errors stay until they are disarmed, as a full disk does. */
static int strikes(int kind, int fd) {
    if (armed != kind || (fd >= 0 && !is_below(fd))) return 0;
    seen++;
    if (--left > 0) return 0;
    if (mode == KILL) kill(getpid(), SIGKILL);
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define HALF(call) do { (void)!(call); kill(getpid(), SIGKILL); } while (0)

ssize_t write(int fd, const void *data, size_t size) {
    if (strikes(WRITE, fd)) {
        if (mode == TORN) HALF(REAL(write)(fd, data, size / 2));
        errno = code; return -1;
    }
    return REAL(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    if (strikes(WRITE, fd)) {
        if (mode == TORN) HALF(REAL(pwrite)(fd, data, size / 2, at));
        errno = code; return -1;
    }
    return REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    if (strikes(WRITE, fd)) {
        if (mode == TORN) HALF(REAL(pwrite64)(fd, data, size / 2, at));
        errno = code; return -1;
    }
    return REAL(pwrite64)(fd, data, size, at);
}

int fsync(int fd) {
    if (strikes(SYNC, fd)) { errno = code; return -1; }
    return REAL(fsync)(fd);
}

int fdatasync(int fd) {
    if (strikes(SYNC, fd)) { errno = code; return -1; }
    return REAL(fdatasync)(fd);
}

int rename(const char *old, const char *new) {
    if (strncmp(old, folder, strlen(folder)) == 0 && strikes(RENAME, -1)) {
        errno = code; return -1;
    }
    return REAL(rename)(old, new);
}

int unlink(const char *path) {
    if (strncmp(path, folder, strlen(folder)) == 0 && strikes(RENAME, -1)) {
        errno = code; return -1;
    }
    return REAL(unlink)(path);
}
