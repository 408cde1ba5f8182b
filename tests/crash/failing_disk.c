/* A disk that fails: what a process writes below one directory, seen and disturbed between it and the C library.

   Loaded with LD_PRELOAD, so that everything in the process goes through it: Python's files and SQLite's alike. It does
   nothing until disk_arm() is called, or DISK_UNDER is in the environment when the process starts:

     DISK_UNDER    only calls on paths below this directory count
     DISK_POINT    disturb the n-th of them, from 1
     DISK_FAULT    "kill": SIGKILL, half-way through if it is a write; a number: fail with this errno
     DISK_STAYS    "1": every later one that needs room fails, too, as on a full disk
     DISK_READS    "1": reads count, too
     DISK_SYNCS    "1": only fsyncs and changes of names count
     DISK_SYNCED   directory that gets, at each fsync, what is then on the disk: the bytes of a file as <inode>, the names
                   in a directory as <inode>.names
     DISK_COUNTED  file that gets, when the process ends or calls disk_disarm(), how many calls there were
*/
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char under[PATH_MAX], synced[PATH_MAX];
static long count, point;
static int fault, stays, reads, syncs, broken;

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static void copy_of(const char *name, char *to) {
    const char *value = getenv(name);
    snprintf(to, PATH_MAX, "%s", value ? value : "");
}

__attribute__((constructor)) void disk_arm(void) {
    const char *value;
    copy_of("DISK_UNDER", under);
    copy_of("DISK_SYNCED", synced);
    point = (value = getenv("DISK_POINT")) ? atol(value) : 0;
    fault = (value = getenv("DISK_FAULT")) && strcmp(value, "kill") ? atoi(value) : 0;
    stays = (value = getenv("DISK_STAYS")) && *value == '1';
    reads = (value = getenv("DISK_READS")) && *value == '1';
    syncs = (value = getenv("DISK_SYNCS")) && *value == '1';
    count = broken = 0;
}

__attribute__((destructor)) void disk_disarm(void) {
    const char *path = getenv("DISK_COUNTED");
    *under = 0;
    FILE *file = path && count ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", count);
        fclose(file);
    }
}

static int is_ours(const char *path) {
    size_t length = strlen(under);
    return length && path && !strncmp(path, under, length) && (path[length] == '/' || !path[length]);
}

static int is_our_file(int descriptor) {
    char link[64], path[PATH_MAX];
    if (!*under) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

/* Whether this call is the one, or one after it on a disk that stays full. A kill comes back as 1 where the caller has
   something to do half of first. */
static int disturbs(int needs_room, int can_be_torn) {
    if (__atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) == point) {
        if (!fault && !can_be_torn) kill(getpid(), SIGKILL);
        broken = stays;
        errno = fault;
        return 1;
    }
    errno = broken && needs_room ? fault : errno;
    return broken && needs_room;
}

static int make_shadow(const char *suffix, ino_t inode) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%lu%s", synced, (unsigned long)inode, suffix);
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

static void forget_shadow(const char *suffix, ino_t inode) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%lu%s", synced, (unsigned long)inode, suffix);
    remove(path);
}

static void keep_synced(int descriptor) {
    struct stat status;
    char path[64], buffer[65536];
    if (!*synced || fstat(descriptor, &status)) return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    if (S_ISDIR(status.st_mode)) {
        int to = make_shadow(".names", status.st_ino);
        DIR *directory = opendir(path);
        for (struct dirent *entry; directory && (entry = readdir(directory));)
            if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
                dprintf(to, "%lu %c %s\n", (unsigned long)entry->d_ino, entry->d_type == DT_DIR ? 'd' : 'f', entry->d_name);
        if (directory) closedir(directory);
        close(to);
        return;
    }
    int from = open(path, O_RDONLY), to = make_shadow("", status.st_ino);
    for (ssize_t got; from >= 0 && (got = read(from, buffer, sizeof buffer)) > 0;)
        if (write(to, buffer, got) != got) abort();
    close(from);
    close(to);
}

/* --- what makes names --- */

static int opened(int descriptor, int is_new) {
    struct stat status;
    if (descriptor >= 0 && is_new && *synced && !fstat(descriptor, &status)) forget_shadow("", status.st_ino);
    return descriptor;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, #name, const char *, int, ...); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        int is_new = is_ours(path) && flags & O_CREAT && access(path, F_OK); \
        if (is_ours(path) && (syncs ? is_new : flags & (O_WRONLY | O_RDWR | O_CREAT)) && disturbs(is_new, 0)) return -1; \
        return opened(real(path, flags, mode), is_new); \
    }
OPEN(open)
OPEN(open64)

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    struct stat status;
    if (is_ours(path) && disturbs(1, 0)) return -1;
    int result = real(path, mode);
    if (!result && is_ours(path) && *synced && !stat(path, &status)) forget_shadow(".names", status.st_ino);
    return result;
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    return is_ours(to) && disturbs(0, 0) ? -1 : real(from, to);
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    return is_ours(path) && disturbs(0, 0) ? -1 : real(path);
}

/* --- what changes bytes --- */

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);

ssize_t write(int descriptor, const void *data, size_t length) {
    if (!real_write) real_write = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (!syncs && is_our_file(descriptor) && disturbs(1, 1)) {
        if (fault) return -1;
        real_write(descriptor, data, length / 2);
        kill(getpid(), SIGKILL);
    }
    return real_write(descriptor, data, length);
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset) {
    if (!real_pwrite) real_pwrite = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    if (!syncs && is_our_file(descriptor) && disturbs(1, 1)) {
        if (fault) return -1;
        real_pwrite(descriptor, data, length / 2, offset);
        kill(getpid(), SIGKILL);
    }
    return real_pwrite(descriptor, data, length, offset);
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
    return pwrite64(descriptor, data, length, offset);
}

int ftruncate64(int descriptor, off64_t length) {
    REAL(int, "ftruncate64", int, off64_t);
    return !syncs && is_our_file(descriptor) && disturbs(1, 0) ? -1 : real(descriptor, length);
}

int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

/* --- what makes them last --- */

#define SYNC(name) \
    int name(int descriptor) { \
        REAL(int, #name, int); \
        if (!is_our_file(descriptor)) return real(descriptor); \
        if (disturbs(1, 0)) return -1; \
        int result = real(descriptor); \
        if (!result) keep_synced(descriptor); \
        return result; \
    }
SYNC(fsync)
SYNC(fdatasync)

/* --- what reads --- */

ssize_t read(int descriptor, void *data, size_t length) {
    REAL(ssize_t, "read", int, void *, size_t);
    return reads && is_our_file(descriptor) && disturbs(0, 0) ? -1 : real(descriptor, data, length);
}

ssize_t pread64(int descriptor, void *data, size_t length, off64_t offset) {
    REAL(ssize_t, "pread64", int, void *, size_t, off64_t);
    return reads && is_our_file(descriptor) && disturbs(0, 0) ? -1 : real(descriptor, data, length, offset);
}
