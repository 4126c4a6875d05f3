// What is told of times: of the last change of an inode that a replay has made anew, and of the machine's start.
#include "internal.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static const crash_time *times;
static size_t time_count;
static int64_t boot_offset;

__attribute__((constructor)) static void load(void) {
    struct timespec now, running;
    CALL2(SYS_clock_gettime, CLOCK_REALTIME, &now);
    CALL2(SYS_clock_gettime, CLOCK_BOOTTIME, &running);
    const char *path = getenv("CRASH_TIMES");
    const char *boot = getenv("CRASH_BOOT");
    const char *colon = boot ? strrchr(boot, ':') : NULL;
    if (colon) {
        int64_t age = now.tv_sec * 1000000000LL + now.tv_nsec - atoll(colon + 1);
        boot_offset = age - (running.tv_sec * 1000000000LL + running.tv_nsec);
    }
    if (!path) return;
    long file = CALL4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) return;
    size_t size = crash_stat_of((int)file, "", AT_EMPTY_PATH).size;
    long mapped = size == 0 ? -1 : CALL6(SYS_mmap, NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    CALL1(SYS_close, file);
    if (mapped < 0) return;
    times = (const crash_time *)mapped;
    time_count = size / sizeof *times;
}

static const crash_time *find(uint64_t inode) {
    size_t low = 0, high = time_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (times[middle].inode < inode) low = middle + 1; else high = middle;
    }
    return low < time_count && times[low].inode == inode ? &times[low] : NULL;
}

// An inode that was changed since tells of that.
static void retell(struct statx *found) {
    const crash_time *time = find(found->stx_ino);
    int64_t changed = found->stx_ctime.tv_sec * 1000000000LL + found->stx_ctime.tv_nsec;
    if (!time || time->real_nanoseconds != changed) return;
    found->stx_ctime.tv_sec = time->told_nanoseconds / 1000000000LL;
    found->stx_ctime.tv_nsec = (uint32_t)(time->told_nanoseconds % 1000000000LL);
}

int statx(int dir, const char *path, int flags, unsigned mask, struct statx *found) {
    long result = CALL6(SYS_statx, dir, path, flags, mask, found, 0);
    if (result >= 0 && times) retell(found);
    return (int)crash_answer(result);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    long result = CALL2(SYS_clock_gettime, clock, time);
    if (result >= 0 && clock == CLOCK_BOOTTIME && boot_offset) {
        int64_t told = time->tv_sec * 1000000000LL + time->tv_nsec + boot_offset;
        time->tv_sec = told / 1000000000LL;
        time->tv_nsec = told % 1000000000LL;
    }
    return (int)crash_answer(result);
}
