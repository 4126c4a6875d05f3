// Which calls are effects, their order, their log, and the end of the process before one of them.
#include "internal.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

static char *roots[8];
static size_t root_count;
static const char *log_path;
static const char *graves;
static long crash_point;
static const char *crash_before;
static atomic_long effects;
static const char *boot_path;
static int64_t boot_nanoseconds;

long crash_call(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
#else
#error "system calls of this processor are not known here"
#endif
}

long crash_answer(long result) {
    if (result >= 0) return result;
    errno = (int)-result;
    return -1;
}

__attribute__((constructor)) static void configure(void) {
    const char *given = getenv("CRASH_ROOTS");
    const char *point = getenv("CRASH_POINT");
    const char *boot = getenv("CRASH_BOOT");
    log_path = getenv("CRASH_LOG");
    graves = getenv("CRASH_GRAVES");
    if (point) crash_point = atol(point);
    crash_before = getenv("CRASH_BEFORE");
    if (boot) {
        char *copy = strdup(boot);
        char *colon = strrchr(copy, ':');
        if (colon) {
            *colon = 0;
            boot_nanoseconds = atoll(colon + 1);
            boot_path = copy;
        }
    }
    if (!given || !log_path) return;
    char *rest = strdup(given);
    for (char *root = strtok_r(rest, ":", &rest); root && root_count < 8; root = strtok_r(NULL, ":", &rest)) {
        roots[root_count++] = root;
    }
}

const char *crash_boot_path(void) { return boot_path; }
int64_t crash_boot_nanoseconds(void) { return boot_nanoseconds; }

bool crash_is_on(void) { return root_count > 0; }

static bool is_below(const char *path) {
    for (size_t index = 0; index < root_count; index++) {
        size_t length = strlen(roots[index]);
        if (strncmp(path, roots[index], length) == 0 && (path[length] == 0 || path[length] == '/')) return true;
    }
    return false;
}

void crash_path_of(int descriptor, char *path) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    long length = CALL4(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = 0;
}

bool crash_holds(int descriptor) {
    if (!crash_is_on() || descriptor < 0) return false;
    char path[PATH_MAX];
    crash_path_of(descriptor, path);
    return is_below(path);
}

bool crash_holds_at(int dir, const char *path, int flags) {
    if (!crash_is_on()) return false;
    int nofollow = flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;
    long opened = CALL4(SYS_openat, dir, path, O_PATH | O_CLOEXEC | nofollow, 0);
    if (opened < 0) return false;
    bool holds = crash_holds((int)opened);
    CALL1(SYS_close, opened);
    return holds;
}

crash_place crash_find(int dir, const char *path) {
    crash_place place = {.directory = -1};
    if (!crash_is_on() || !path) return place;
    char parent[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof parent) return place;
    memcpy(parent, path, length + 1);
    while (length > 1 && parent[length - 1] == '/') parent[--length] = 0;
    char *slash = strrchr(parent, '/');
    const char *name = slash ? slash + 1 : parent;
    if (strlen(name) > NAME_MAX) return place;
    strcpy(place.name, name);
    if (slash) *slash = 0;
    const char *directory = slash ? (slash == parent ? "/" : parent) : ".";
    place.directory = (int)CALL4(SYS_openat, dir, directory, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (place.directory < 0) return place;
    crash_path_of(place.directory, place.path);
    place.is_below = is_below(place.path);
    if (place.is_below) {
        place.inode = crash_stat_of(place.directory, "", AT_EMPTY_PATH).inode;
        strncat(place.path, "/", sizeof place.path - strlen(place.path) - 1);
        strncat(place.path, place.name, sizeof place.path - strlen(place.path) - 1);
    }
    return place;
}

void crash_leave(crash_place *place) {
    if (place->directory >= 0) CALL1(SYS_close, place->directory);
}

crash_stat crash_stat_of(int dir, const char *path, int flags) {
    struct statx found;
    crash_stat result = {0};
    if (CALL6(SYS_statx, dir, path, flags, STATX_BASIC_STATS, &found, 0) < 0) return result;
    result.inode = found.stx_ino;
    result.mode = found.stx_mode;
    result.size = found.stx_size;
    result.modified_nanoseconds = found.stx_mtime.tv_sec * 1000000000LL + found.stx_mtime.tv_nsec;
    result.changed_nanoseconds = found.stx_ctime.tv_sec * 1000000000LL + found.stx_ctime.tv_nsec;
    return result;
}

static void put(int log, const void *bytes, size_t size) {
    while (size > 0) {
        long written = CALL3(SYS_write, log, bytes, size);
        if (written <= 0) {
            static const char message[] = "the log of effects can't be written\n";
            CALL3(SYS_write, 2, message, sizeof message - 1);
            CALL2(SYS_kill, CALL1(SYS_getpid, 0), SIGABRT);
            return;
        }
        bytes = (const char *)bytes + written;
        size -= (size_t)written;
    }
}

// Each opening has a lock of its own, so that threads wait for one another as processes do.
int crash_begin(const char *what, const char *path) {
    int log = (int)CALL4(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    while (CALL2(SYS_flock, log, LOCK_EX) == -EINTR) {}
    long number = atomic_fetch_add(&effects, 1) + 1;
    char text[PATH_MAX + 64];
    snprintf(text, sizeof text, "%s %s", what, path);
    if ((crash_point && number >= crash_point) || (crash_before && strcmp(text, crash_before) == 0)) {
        crash_record record = {.effect = crash_killed, .number = (uint64_t)number};
        crash_note(log, &record, text, NULL, NULL, 0);
        for (;;) CALL2(SYS_kill, CALL1(SYS_getpid, 0), SIGKILL);
    }
    return log;
}

void crash_end(int log) { CALL1(SYS_close, log); }

void crash_note(int log, crash_record *record, const char *name, const char *target, const void *data, size_t size) {
    record->process = (uint64_t)CALL1(SYS_getpid, 0);
    record->name_bytes = name ? strlen(name) : 0;
    record->target_name_bytes = target ? strlen(target) : 0;
    record->data_bytes = size;
    put(log, record, sizeof *record);
    put(log, name, record->name_bytes);
    put(log, target, record->target_name_bytes);
    put(log, data, size);
}

void crash_bury(int dir, const char *name) {
    struct statx found;
    if (!graves || CALL6(SYS_statx, dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &found, 0) < 0) return;
    if (S_ISDIR(found.stx_mode) || found.stx_nlink > 1) return;
    char grave[PATH_MAX];
    snprintf(grave, sizeof grave, "%s/%llu", graves, (unsigned long long)found.stx_ino);
    CALL6(SYS_linkat, dir, name, AT_FDCWD, grave, 0, 0);
}
