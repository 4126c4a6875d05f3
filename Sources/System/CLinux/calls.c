// The calls of CLinux.h, one a function.
#define _GNU_SOURCE
#include <malloc.h>
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

// The value of a call, repeated while it is interrupted; a negated errno on failure.
#define RETURN(type, call) \
    do { \
        type value_; \
        do { value_ = (type)(call); } while (value_ < 0 && errno == EINTR); \
        return value_ < 0 ? (type)-errno : value_; \
    } while (0)

#define PROC_NAME(buffer, descriptor) \
    char buffer[32]; \
    snprintf(buffer, sizeof buffer, "/proc/self/fd/%d", descriptor)

int linux_open(const char *path, int flags, unsigned mode) { RETURN(int, open(path, flags | O_CLOEXEC, mode)); }

int linux_openat(int dir, const char *name, int flags, unsigned mode) {
    RETURN(int, openat(dir, name, flags | O_CLOEXEC, mode));
}

int linux_openat2(int dir, const char *name, int flags, unsigned mode, uint64_t resolve) {
    struct open_how how = {.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC), .mode = mode, .resolve = resolve};
    RETURN(int, syscall(SYS_openat2, dir, name, &how, sizeof how));
}

// Not repeated: on Linux the descriptor is gone even when close is interrupted.
int linux_close(int descriptor) { return close(descriptor) < 0 ? -errno : 0; }

int linux_dup(int descriptor) { RETURN(int, fcntl(descriptor, F_DUPFD_CLOEXEC, 0)); }

static int stat_with(int dir, const char *name, int flags, linux_stat *out) {
    struct statx got;
    int result;
    do {
        result = statx(dir, name, flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_MNT_ID, &got);
    } while (result < 0 && errno == EINTR);
    if (result < 0) return -errno;
    out->inode = got.stx_ino;
    out->device = makedev(got.stx_dev_major, got.stx_dev_minor);
    out->mount = got.stx_mask & STATX_MNT_ID ? got.stx_mnt_id : 0;
    out->size = got.stx_size;
    out->blocks = got.stx_blocks;
    out->modified_seconds = got.stx_mtime.tv_sec;
    out->modified_nanoseconds = got.stx_mtime.tv_nsec;
    out->changed_seconds = got.stx_ctime.tv_sec;
    out->changed_nanoseconds = got.stx_ctime.tv_nsec;
    out->mode = got.stx_mode;
    out->links = got.stx_nlink;
    out->user = got.stx_uid;
    out->block_bytes = got.stx_blksize;
    return 0;
}

int linux_statat(int dir, const char *name, linux_stat *out) { return stat_with(dir, name, AT_SYMLINK_NOFOLLOW, out); }

int linux_statfollow(int dir, const char *name, linux_stat *out) { return stat_with(dir, name, 0, out); }

int linux_statfd(int descriptor, linux_stat *out) { return stat_with(descriptor, "", AT_EMPTY_PATH, out); }

int linux_statfsfd(int descriptor, linux_statfs *out) {
    struct statfs got;
    int result;
    do { result = fstatfs(descriptor, &got); } while (result < 0 && errno == EINTR);
    if (result < 0) return -errno;
    out->type = (uint64_t)(unsigned long)got.f_type;
    memcpy(&out->identifier, &got.f_fsid, sizeof out->identifier);
    out->block_bytes = (uint64_t)got.f_bsize;
    out->free_blocks = got.f_bfree;
    out->available_blocks = got.f_bavail;
    out->blocks = got.f_blocks;
    out->name_bytes = (uint64_t)got.f_namelen;
    out->flags = (uint64_t)got.f_flags;
    return 0;
}

int64_t linux_readlinkat(int dir, const char *name, void *buffer, size_t size) {
    RETURN(int64_t, readlinkat(dir, name, buffer, size));
}

int64_t linux_getdents(int descriptor, void *buffer, size_t size) {
    RETURN(int64_t, syscall(SYS_getdents64, descriptor, buffer, size));
}

int64_t linux_lseek(int descriptor, int64_t offset, int whence) { RETURN(int64_t, lseek(descriptor, offset, whence)); }

int64_t linux_read(int descriptor, void *buffer, size_t size) { RETURN(int64_t, read(descriptor, buffer, size)); }

int64_t linux_pread(int descriptor, void *buffer, size_t size, int64_t offset) {
    RETURN(int64_t, pread(descriptor, buffer, size, offset));
}

int64_t linux_write(int descriptor, const void *buffer, size_t size) { RETURN(int64_t, write(descriptor, buffer, size)); }

int64_t linux_pwrite(int descriptor, const void *buffer, size_t size, int64_t offset) {
    RETURN(int64_t, pwrite(descriptor, buffer, size, offset));
}

int64_t linux_copy_file_range(int source, int64_t from, int target, int64_t to, size_t size) {
    off64_t in = from, out = to;
    RETURN(int64_t, copy_file_range(source, &in, target, &out, size, 0));
}

int linux_clone_range(int source, uint64_t from, uint64_t size, int target, uint64_t to) {
    struct file_clone_range range = {.src_fd = source, .src_offset = from, .src_length = size, .dest_offset = to};
    RETURN(int, ioctl(target, FICLONERANGE, &range));
}

int linux_fallocate(int descriptor, int mode, int64_t offset, int64_t size) {
    RETURN(int, fallocate(descriptor, mode, offset, size));
}

int linux_ftruncate(int descriptor, int64_t size) { RETURN(int, ftruncate(descriptor, size)); }

int linux_fadvise(int descriptor, int64_t offset, int64_t size, int advice) {
    return -posix_fadvise(descriptor, offset, size, advice);
}

int linux_mkdirat(int dir, const char *name, unsigned mode) { RETURN(int, mkdirat(dir, name, mode)); }

int linux_unlinkat(int dir, const char *name, int flags) { RETURN(int, unlinkat(dir, name, flags)); }

int linux_symlinkat(const char *target, int dir, const char *name) { RETURN(int, symlinkat(target, dir, name)); }

int linux_linkat(int old_dir, const char *old_name, int new_dir, const char *new_name) {
    RETURN(int, linkat(old_dir, old_name, new_dir, new_name, 0));
}

int linux_linkfd(int descriptor, int new_dir, const char *new_name) {
    PROC_NAME(name, descriptor);
    RETURN(int, linkat(AT_FDCWD, name, new_dir, new_name, AT_SYMLINK_FOLLOW));
}

int linux_renameat2(int old_dir, const char *old_name, int new_dir, const char *new_name, unsigned flags) {
    RETURN(int, renameat2(old_dir, old_name, new_dir, new_name, flags));
}

int linux_fchmod(int descriptor, unsigned mode) { RETURN(int, fchmod(descriptor, mode)); }

int linux_chmod_path(int descriptor, unsigned mode) {
    PROC_NAME(name, descriptor);
    RETURN(int, chmod(name, mode));
}

int linux_set_modified(int descriptor, int64_t seconds, uint32_t nanoseconds) {
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    RETURN(int, utimensat(descriptor, "", times, AT_EMPTY_PATH));
}

int64_t linux_fgetxattr(int descriptor, const char *name, void *buffer, size_t size) {
    RETURN(int64_t, fgetxattr(descriptor, name, buffer, size));
}

int64_t linux_flistxattr(int descriptor, char *buffer, size_t size) {
    RETURN(int64_t, flistxattr(descriptor, buffer, size));
}

int linux_fsetxattr(int descriptor, const char *name, const void *value, size_t size, int flags) {
    RETURN(int, fsetxattr(descriptor, name, value, size, flags));
}

int linux_fremovexattr(int descriptor, const char *name) { RETURN(int, fremovexattr(descriptor, name)); }

int64_t linux_getxattr_path(int descriptor, const char *name, void *buffer, size_t size) {
    PROC_NAME(path, descriptor);
    RETURN(int64_t, getxattr(path, name, buffer, size));
}

int64_t linux_listxattr_path(int descriptor, char *buffer, size_t size) {
    PROC_NAME(path, descriptor);
    RETURN(int64_t, listxattr(path, buffer, size));
}

int linux_setxattr_path(int descriptor, const char *name, const void *value, size_t size, int flags) {
    PROC_NAME(path, descriptor);
    RETURN(int, setxattr(path, name, value, size, flags));
}

int linux_removexattr_path(int descriptor, const char *name) {
    PROC_NAME(path, descriptor);
    RETURN(int, removexattr(path, name));
}

int linux_fsync(int descriptor) { RETURN(int, fsync(descriptor)); }

int linux_fdatasync(int descriptor) { RETURN(int, fdatasync(descriptor)); }

int linux_syncfs(int descriptor) { RETURN(int, syncfs(descriptor)); }

int linux_begin_writeback(int descriptor) {
    RETURN(int, sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE));
}

int linux_await_writeback(int descriptor) {
    RETURN(int, sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE));
}

int linux_flock(int descriptor, int operation) { RETURN(int, flock(descriptor, operation)); }

// SIGIO would end the process: F_SETSIG with SIGURG, whose default is to be ignored, replaces it.
int linux_lease_take(int descriptor) {
    if (fcntl(descriptor, F_SETSIG, SIGURG) < 0) return -errno;
    RETURN(int, fcntl(descriptor, F_SETLEASE, F_RDLCK));
}

int linux_lease_release(int descriptor) { RETURN(int, fcntl(descriptor, F_SETLEASE, F_UNLCK)); }

int linux_lease_broken(int descriptor) {
    int held = fcntl(descriptor, F_GETLEASE);
    return held < 0 ? -errno : held != F_RDLCK;
}

int linux_eventfd(void) { RETURN(int, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int linux_epoll_create(void) { RETURN(int, epoll_create1(EPOLL_CLOEXEC)); }

int linux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    RETURN(int, epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event));
}

int linux_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    RETURN(int, epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event));
}

int linux_epoll_remove(int epoll, int descriptor) { RETURN(int, epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL)); }

int linux_epoll_wait(int epoll, linux_epoll_ready *ready, int count, int timeout_milliseconds) {
    struct epoll_event events[64];
    int got = epoll_wait(epoll, events, count < 64 ? count : 64, timeout_milliseconds);
    if (got < 0) return errno == EINTR ? 0 : -errno;
    for (int index = 0; index < got; index++) {
        ready[index].data = events[index].data.u64;
        ready[index].events = events[index].events;
    }
    return got;
}

int linux_inotify_init(void) { RETURN(int, inotify_init1(IN_CLOEXEC | IN_NONBLOCK)); }

int linux_inotify_add_fd(int inotify, int descriptor, uint32_t mask) {
    PROC_NAME(path, descriptor);
    RETURN(int, inotify_add_watch(inotify, path, mask));
}

int linux_inotify_add(int inotify, const char *path, uint32_t mask) {
    RETURN(int, inotify_add_watch(inotify, path, mask));
}

int linux_inotify_remove(int inotify, int watch) { RETURN(int, inotify_rm_watch(inotify, watch)); }

void linux_error_text(int number, char *buffer, size_t size) {
    const char *text = strerror_r(number, buffer, size);
    if (text != buffer && size > 0) {
        strncpy(buffer, text, size - 1);
        buffer[size - 1] = 0;
    }
}

int linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno; }

void linux_tune_allocator(int mapped_bytes, int kept_bytes, int arenas) {
    mallopt(M_MMAP_THRESHOLD, mapped_bytes);
    mallopt(M_TRIM_THRESHOLD, kept_bytes);
    mallopt(M_ARENA_MAX, arenas);
}
