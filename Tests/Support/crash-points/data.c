// The calls that change what is in an inode, and those that make it durable.
#include "internal.h"

#include <linux/fs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

static int begin(const char *what, int descriptor) {
    char path[PATH_MAX];
    crash_path_of(descriptor, path);
    return crash_begin(what, path);
}

static void note(int log, int descriptor, enum crash_effect effect, uint64_t number) {
    crash_record record = {.effect = effect, .number = number};
    record.entry = crash_stat_of(descriptor, "", AT_EMPTY_PATH);
    crash_note(log, &record, NULL, NULL, NULL, 0);
}

static void note_write(int log, int descriptor, off_t offset, const void *data, size_t size) {
    crash_record record = {.effect = crash_write, .number = (uint64_t)offset};
    record.entry = crash_stat_of(descriptor, "", AT_EMPTY_PATH);
    crash_note(log, &record, NULL, NULL, data, size);
}

static off_t position(int descriptor) { return CALL3(SYS_lseek, descriptor, 0, SEEK_CUR); }

// Where a write without an offset of its own begins.
static off_t write_position(int descriptor) {
    long flags = CALL3(SYS_fcntl, descriptor, F_GETFL, 0);
    if (flags > 0 && flags & O_APPEND) return (off_t)crash_stat_of(descriptor, "", AT_EMPTY_PATH).size;
    return position(descriptor);
}

ssize_t write(int descriptor, const void *data, size_t size) {
    if (size == 0 || !crash_holds(descriptor)) return crash_answer(CALL3(SYS_write, descriptor, data, size));
    int log = begin("write to", descriptor);
    off_t offset = write_position(descriptor);
    long written = CALL3(SYS_write, descriptor, data, size);
    if (written > 0) note_write(log, descriptor, offset, data, (size_t)written);
    crash_end(log);
    return crash_answer(written);
}

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t offset) {
    if (size == 0 || !crash_holds(descriptor)) {
        return crash_answer(CALL4(SYS_pwrite64, descriptor, data, size, offset));
    }
    int log = begin("write to", descriptor);
    long written = CALL4(SYS_pwrite64, descriptor, data, size, offset);
    if (written > 0) note_write(log, descriptor, offset, data, (size_t)written);
    crash_end(log);
    return crash_answer(written);
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t offset) {
    return pwrite(descriptor, data, size, offset);
}

// Buffer by buffer: as good as a short write, which the callers expect.
ssize_t writev(int descriptor, const struct iovec *buffers, int count) {
    if (!crash_holds(descriptor)) return crash_answer(CALL3(SYS_writev, descriptor, buffers, count));
    ssize_t total = 0;
    for (int index = 0; index < count; index++) {
        ssize_t written = write(descriptor, buffers[index].iov_base, buffers[index].iov_len);
        if (written < 0) return total > 0 ? total : written;
        total += written;
        if ((size_t)written < buffers[index].iov_len) break;
    }
    return total;
}

int ftruncate(int descriptor, off_t size) {
    if (!crash_holds(descriptor)) return (int)crash_answer(CALL2(SYS_ftruncate, descriptor, size));
    int log = begin("set the size of", descriptor);
    long result = CALL2(SYS_ftruncate, descriptor, size);
    if (result >= 0) note(log, descriptor, crash_truncate, (uint64_t)size);
    crash_end(log);
    return (int)crash_answer(result);
}

int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

int truncate(const char *path, off_t size) {
    long opened = CALL4(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    if (opened < 0) return (int)crash_answer(opened);
    int result = ftruncate((int)opened, size);
    CALL1(SYS_close, opened);
    return result;
}

int truncate64(const char *path, off64_t size) { return truncate(path, size); }

int fallocate(int descriptor, int mode, off_t offset, off_t size) {
    if (!crash_holds(descriptor)) return (int)crash_answer(CALL4(SYS_fallocate, descriptor, mode, offset, size));
    int log = begin("allocate for", descriptor);
    long result = CALL4(SYS_fallocate, descriptor, mode, offset, size);
    crash_stat found = crash_stat_of(descriptor, "", AT_EMPTY_PATH);
    // With its size kept only its times are others; without, it is longer. What else there is makes holes.
    if (result >= 0 && mode == 0) note(log, descriptor, crash_truncate, found.size);
    if (result >= 0 && mode == FALLOC_FL_KEEP_SIZE) note(log, descriptor, crash_metadata, 0);
    if (result >= 0 && mode != 0 && mode != FALLOC_FL_KEEP_SIZE) note(log, descriptor, crash_unknown, 0);
    crash_end(log);
    return (int)crash_answer(result);
}

int fallocate64(int descriptor, int mode, off64_t offset, off64_t size) {
    return fallocate(descriptor, mode, offset, size);
}

int posix_fallocate(int descriptor, off_t offset, off_t size) {
    return fallocate(descriptor, 0, offset, size) < 0 ? errno : 0;
}

int posix_fallocate64(int descriptor, off64_t offset, off64_t size) {
    return posix_fallocate(descriptor, offset, size);
}

// What came into the file without passing through memory of ours is read back.
static void note_copied(int log, int descriptor, off_t offset, size_t size) {
    char name[40], buffer[1 << 16];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    long reading = CALL4(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    while (size > 0) {
        long count = CALL4(SYS_pread64, reading, buffer, size < sizeof buffer ? size : sizeof buffer, offset);
        if (count <= 0) break;
        note_write(log, descriptor, offset, buffer, (size_t)count);
        offset += count;
        size -= (size_t)count;
    }
    if (reading >= 0) CALL1(SYS_close, reading);
}

ssize_t copy_file_range(int source, off64_t *from, int target, off64_t *to, size_t size, unsigned flags) {
    if (!crash_holds(target)) {
        return crash_answer(CALL6(SYS_copy_file_range, source, from, target, to, size, flags));
    }
    int log = begin("copy to", target);
    off_t offset = to ? *to : position(target);
    long copied = CALL6(SYS_copy_file_range, source, from, target, to, size, flags);
    if (copied > 0) note_copied(log, target, offset, (size_t)copied);
    crash_end(log);
    return crash_answer(copied);
}

ssize_t sendfile(int target, int source, off_t *from, size_t size) {
    if (!crash_holds(target)) return crash_answer(CALL4(SYS_sendfile, target, source, from, size));
    int log = begin("copy to", target);
    off_t offset = position(target);
    long copied = CALL4(SYS_sendfile, target, source, from, size);
    if (copied > 0) note_copied(log, target, offset, (size_t)copied);
    crash_end(log);
    return crash_answer(copied);
}

ssize_t sendfile64(int target, int source, off64_t *from, size_t size) { return sendfile(target, source, from, size); }

int ioctl(int descriptor, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    bool clones = request == FICLONE || request == FICLONERANGE;
    if (!clones || !crash_holds(descriptor)) return (int)crash_answer(CALL3(SYS_ioctl, descriptor, request, argument));
    int log = begin("clone to", descriptor);
    long result = CALL3(SYS_ioctl, descriptor, request, argument);
    if (result >= 0) {
        const struct file_clone_range *range = argument;
        off_t offset = request == FICLONERANGE ? (off_t)range->dest_offset : 0;
        size_t size = request == FICLONERANGE ? range->src_length : 0;
        if (size == 0) size = crash_stat_of(descriptor, "", AT_EMPTY_PATH).size - (uint64_t)offset;
        note_copied(log, descriptor, offset, size);
    }
    crash_end(log);
    return (int)crash_answer(result);
}

// Of memory that a file is mapped to nothing is seen here: only the index's shared memory may be written so, which
// counts for nothing after a start.
static void refuse_mapping(int protection, int flags, int descriptor) {
    if (!(protection & PROT_WRITE) || (flags & MAP_TYPE) == MAP_PRIVATE || !crash_holds(descriptor)) return;
    char path[PATH_MAX];
    crash_path_of(descriptor, path);
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, "-shm") == 0) return;
    int log = crash_begin("map", path);
    note(log, descriptor, crash_unknown, 0);
    crash_end(log);
}

void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) {
    refuse_mapping(protection, flags, descriptor);
    long result = CALL6(SYS_mmap, address, size, protection, flags, descriptor, offset);
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return MAP_FAILED;
    }
    return (void *)result;
}

void *mmap64(void *address, size_t size, int protection, int flags, int descriptor, off64_t offset) {
    return mmap(address, size, protection, flags, descriptor, offset);
}

// MARK: Metadata

int fchmod(int descriptor, mode_t mode) {
    if (!crash_holds(descriptor)) return (int)crash_answer(CALL2(SYS_fchmod, descriptor, mode));
    int log = begin("set the mode of", descriptor);
    long result = CALL2(SYS_fchmod, descriptor, mode);
    if (result >= 0) note(log, descriptor, crash_metadata, 0);
    crash_end(log);
    return (int)crash_answer(result);
}

// A call on a path, made on what is found there.
#define ON_PATH(what, dir, path, flags, effect, call) \
    if (!crash_holds_at(dir, path, flags)) return (int)crash_answer(call); \
    long found = CALL4(SYS_openat, dir, path, \
        O_PATH | O_CLOEXEC | ((flags) & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0), 0); \
    int log = begin(what, (int)found); \
    long result = call; \
    if (result >= 0) note(log, (int)found, effect, 0); \
    crash_end(log); \
    CALL1(SYS_close, found); \
    return (int)crash_answer(result);

int fchmodat(int dir, const char *path, mode_t mode, int flags) {
    if (flags & AT_SYMLINK_NOFOLLOW) return (int)crash_answer(-EOPNOTSUPP);
    ON_PATH("set the mode of", dir, path, 0, crash_metadata, CALL3(SYS_fchmodat, dir, path, mode))
}

int chmod(const char *path, mode_t mode) { return fchmodat(AT_FDCWD, path, mode, 0); }

int futimens(int descriptor, const struct timespec times[2]) {
    if (!crash_holds(descriptor)) return (int)crash_answer(CALL4(SYS_utimensat, descriptor, NULL, times, 0));
    int log = begin("set the times of", descriptor);
    long result = CALL4(SYS_utimensat, descriptor, NULL, times, 0);
    if (result >= 0) note(log, descriptor, crash_metadata, 0);
    crash_end(log);
    return (int)crash_answer(result);
}

int utimensat(int dir, const char *path, const struct timespec times[2], int flags) {
    if (flags & AT_EMPTY_PATH && !*path) {
        if (!crash_holds(dir)) return (int)crash_answer(CALL4(SYS_utimensat, dir, path, times, flags));
        int log = begin("set the times of", dir);
        long result = CALL4(SYS_utimensat, dir, path, times, flags);
        if (result >= 0) note(log, dir, crash_metadata, 0);
        crash_end(log);
        return (int)crash_answer(result);
    }
    ON_PATH("set the times of", dir, path, flags, crash_metadata, CALL4(SYS_utimensat, dir, path, times, flags))
}

int utimes(const char *path, const struct timeval times[2]) {
    struct timespec exact[2];
    for (int index = 0; times && index < 2; index++) {
        exact[index].tv_sec = times[index].tv_sec;
        exact[index].tv_nsec = times[index].tv_usec * 1000;
    }
    return utimensat(AT_FDCWD, path, times ? exact : NULL, 0);
}

int utime(const char *path, const struct utimbuf *times) {
    struct timespec exact[2] = {{0}};
    if (times) {
        exact[0].tv_sec = times->actime;
        exact[1].tv_sec = times->modtime;
    }
    return utimensat(AT_FDCWD, path, times ? exact : NULL, 0);
}

static void note_attribute(int log, int descriptor, const char *name, const void *value, size_t size, bool removed) {
    crash_record record = {.effect = crash_attribute, .number = removed};
    record.entry = crash_stat_of(descriptor, "", AT_EMPTY_PATH);
    crash_note(log, &record, name, NULL, value, size);
}

int fsetxattr(int descriptor, const char *name, const void *value, size_t size, int flags) {
    if (!crash_holds(descriptor)) {
        return (int)crash_answer(CALL6(SYS_fsetxattr, descriptor, name, value, size, flags, 0));
    }
    int log = begin("set an attribute of", descriptor);
    long result = CALL6(SYS_fsetxattr, descriptor, name, value, size, flags, 0);
    if (result >= 0) note_attribute(log, descriptor, name, value, size, false);
    crash_end(log);
    return (int)crash_answer(result);
}

int fremovexattr(int descriptor, const char *name) {
    if (!crash_holds(descriptor)) return (int)crash_answer(CALL2(SYS_fremovexattr, descriptor, name));
    int log = begin("remove an attribute of", descriptor);
    long result = CALL2(SYS_fremovexattr, descriptor, name);
    if (result >= 0) note_attribute(log, descriptor, name, NULL, 0, true);
    crash_end(log);
    return (int)crash_answer(result);
}

int setxattr(const char *path, const char *name, const void *value, size_t size, int flags) {
    long call = 0;
    if (!crash_holds_at(AT_FDCWD, path, 0)) {
        return (int)crash_answer(CALL6(SYS_setxattr, path, name, value, size, flags, 0));
    }
    long found = CALL4(SYS_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
    int log = begin("set an attribute of", (int)found);
    call = CALL6(SYS_setxattr, path, name, value, size, flags, 0);
    if (call >= 0) note_attribute(log, (int)found, name, value, size, false);
    crash_end(log);
    CALL1(SYS_close, found);
    return (int)crash_answer(call);
}

int removexattr(const char *path, const char *name) {
    if (!crash_holds_at(AT_FDCWD, path, 0)) return (int)crash_answer(CALL2(SYS_removexattr, path, name));
    long found = CALL4(SYS_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
    int log = begin("remove an attribute of", (int)found);
    long call = CALL2(SYS_removexattr, path, name);
    if (call >= 0) note_attribute(log, (int)found, name, NULL, 0, true);
    crash_end(log);
    CALL1(SYS_close, found);
    return (int)crash_answer(call);
}

// MARK: Durability. What is noted is not done: the end of a process loses nothing that a disk would.

static int sync_file(int descriptor, const char *what, enum crash_effect effect, uint64_t number) {
    int log = begin(what, descriptor);
    note(log, descriptor, effect, number);
    crash_end(log);
    return 0;
}

int fsync(int descriptor) {
    if (!crash_holds(descriptor)) return (int)crash_answer(CALL1(SYS_fsync, descriptor));
    return sync_file(descriptor, "flush", crash_sync, 0);
}

int fdatasync(int descriptor) {
    if (!crash_holds(descriptor)) return (int)crash_answer(CALL1(SYS_fdatasync, descriptor));
    return sync_file(descriptor, "flush the data of", crash_sync, 1);
}

int syncfs(int descriptor) {
    if (!crash_holds(descriptor)) return (int)crash_answer(CALL1(SYS_syncfs, descriptor));
    return sync_file(descriptor, "flush all by", crash_sync_all, 0);
}

void sync(void) {
    if (!crash_is_on()) {
        CALL1(SYS_sync, 0);
        return;
    }
    int log = crash_begin("flush all", "");
    crash_record record = {.effect = crash_sync_all};
    crash_note(log, &record, NULL, NULL, NULL, 0);
    crash_end(log);
}
