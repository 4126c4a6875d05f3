// The system calls of Linux that Lanyard uses, whatever Swift's Glibc module imports of them.
//
// Every function returns a value >= 0, or a negated errno: no caller reads `errno`. Interrupted calls are repeated here.
// Names are those of the call after `linux_`; `dir` is a directory's descriptor, and `name` is resolved below it.
#ifndef LANYARD_CLINUX_H
#define LANYARD_CLINUX_H

#include <stddef.h>
#include <stdint.h>

// What statx tells.
typedef struct linux_stat {
    uint64_t inode;
    uint64_t device;
    uint64_t mount;
    uint64_t size;
    uint64_t blocks;
    int64_t modified_seconds;
    int64_t changed_seconds;
    uint32_t modified_nanoseconds;
    uint32_t changed_nanoseconds;
    uint32_t mode;
    uint32_t links;
    uint32_t user;
    uint32_t block_bytes;
} linux_stat;

// What statfs tells.
typedef struct linux_statfs {
    uint64_t type;
    uint64_t identifier;
    uint64_t block_bytes;
    uint64_t free_blocks;
    uint64_t available_blocks;
    uint64_t blocks;
    uint64_t name_bytes;
    uint64_t flags;
} linux_statfs;

// One event of epoll: which were ready, and the number given at registration.
typedef struct linux_epoll_ready {
    uint64_t data;
    uint32_t events;
} linux_epoll_ready;

// Opening
int linux_open(const char *path, int flags, unsigned mode);
int linux_openat(int dir, const char *name, int flags, unsigned mode);
int linux_openat2(int dir, const char *name, int flags, unsigned mode, uint64_t resolve);
int linux_close(int descriptor);
int linux_dup(int descriptor);

// Looking
int linux_statat(int dir, const char *name, linux_stat *out);
int linux_statfollow(int dir, const char *name, linux_stat *out);
int linux_statfd(int descriptor, linux_stat *out);
int linux_statfsfd(int descriptor, linux_statfs *out);
int64_t linux_readlinkat(int dir, const char *name, void *buffer, size_t size);
int64_t linux_getdents(int descriptor, void *buffer, size_t size);
int64_t linux_lseek(int descriptor, int64_t offset, int whence);

// Bytes
int64_t linux_read(int descriptor, void *buffer, size_t size);
int64_t linux_pread(int descriptor, void *buffer, size_t size, int64_t offset);
int64_t linux_write(int descriptor, const void *buffer, size_t size);
int64_t linux_pwrite(int descriptor, const void *buffer, size_t size, int64_t offset);
int64_t linux_copy_file_range(int source, int64_t from, int target, int64_t to, size_t size);
int linux_clone_range(int source, uint64_t from, uint64_t size, int target, uint64_t to);
int linux_fallocate(int descriptor, int mode, int64_t offset, int64_t size);
int linux_ftruncate(int descriptor, int64_t size);
int linux_fadvise(int descriptor, int64_t offset, int64_t size, int advice);

// Names
int linux_mkdirat(int dir, const char *name, unsigned mode);
int linux_unlinkat(int dir, const char *name, int flags);
int linux_symlinkat(const char *target, int dir, const char *name);
int linux_linkat(int old_dir, const char *old_name, int new_dir, const char *new_name);
// Gives the file of a descriptor (O_TMPFILE too) a name, through /proc/self/fd.
int linux_linkfd(int descriptor, int new_dir, const char *new_name);
int linux_renameat2(int old_dir, const char *old_name, int new_dir, const char *new_name, unsigned flags);

// Metadata. The `path` forms go through /proc/self/fd, so that O_PATH descriptors work.
int linux_fchmod(int descriptor, unsigned mode);
int linux_chmod_path(int descriptor, unsigned mode);
int linux_set_modified(int descriptor, int64_t seconds, uint32_t nanoseconds);
int64_t linux_fgetxattr(int descriptor, const char *name, void *buffer, size_t size);
int64_t linux_flistxattr(int descriptor, char *buffer, size_t size);
int linux_fsetxattr(int descriptor, const char *name, const void *value, size_t size, int flags);
int linux_fremovexattr(int descriptor, const char *name);
int64_t linux_getxattr_path(int descriptor, const char *name, void *buffer, size_t size);
int64_t linux_listxattr_path(int descriptor, char *buffer, size_t size);
int linux_setxattr_path(int descriptor, const char *name, const void *value, size_t size, int flags);
int linux_removexattr_path(int descriptor, const char *name);

// Durability
int linux_fsync(int descriptor);
int linux_fdatasync(int descriptor);
int linux_syncfs(int descriptor);
// Begins to write out what of the file is not on the disk yet, and does not wait for its end: it makes nothing durable.
int linux_begin_writeback(int descriptor);
// Waits for the end of what was begun, by anybody; an error of any of it since the file was opened.
int linux_await_writeback(int descriptor);

// Locks and leases
int linux_flock(int descriptor, int operation);
// Takes a read lease (the signal of its break is one that is ignored by default).
int linux_lease_take(int descriptor);
int linux_lease_release(int descriptor);
// 0 while the lease is whole, 1 when a writer waits for it or it is gone.
int linux_lease_broken(int descriptor);

// Events
int linux_eventfd(void);
int linux_epoll_create(void);
int linux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t data);
int linux_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t data);
int linux_epoll_remove(int epoll, int descriptor);
int linux_epoll_wait(int epoll, linux_epoll_ready *ready, int count, int timeout_milliseconds);
int linux_inotify_init(void);
// Watches the directory of a descriptor, through /proc/self/fd: no path is resolved again.
int linux_inotify_add_fd(int inotify, int descriptor, uint32_t mask);
int linux_inotify_add(int inotify, const char *path, uint32_t mask);
int linux_inotify_remove(int inotify, int watch);

// Processes
// A pipe, closed on exec: ends[0] is read, ends[1] written.
int linux_pipe(int ends[2]);
// glibc's allocator: from which size on blocks are mapped one by one, how much free memory is kept, how many arenas.
void linux_tune_allocator(int mapped_bytes, int kept_bytes, int arenas);

// The text of an error number, NUL-terminated.
void linux_error_text(int number, char *buffer, size_t size);

// Constants that need _GNU_SOURCE, differ between machines, or are macros Swift can't import.
extern const int linux_AT_FDCWD;
extern const int linux_AT_REMOVEDIR;
extern const int linux_O_RDONLY, linux_O_WRONLY, linux_O_RDWR, linux_O_CREAT, linux_O_EXCL, linux_O_TRUNC;
extern const int linux_O_APPEND, linux_O_NONBLOCK, linux_O_DIRECTORY, linux_O_NOFOLLOW, linux_O_CLOEXEC;
extern const int linux_O_PATH, linux_O_TMPFILE, linux_O_NOATIME;
extern const uint64_t linux_RESOLVE_NO_XDEV, linux_RESOLVE_NO_MAGICLINKS, linux_RESOLVE_NO_SYMLINKS;
extern const uint64_t linux_RESOLVE_BENEATH;
extern const unsigned linux_RENAME_NOREPLACE, linux_RENAME_EXCHANGE;
extern const unsigned linux_S_IFMT, linux_S_IFREG, linux_S_IFDIR, linux_S_IFLNK;
extern const int linux_LOCK_EX, linux_LOCK_SH, linux_LOCK_NB, linux_LOCK_UN;
extern const int linux_SEEK_DATA, linux_SEEK_HOLE;
extern const int linux_FALLOC_FL_KEEP_SIZE, linux_FALLOC_FL_PUNCH_HOLE;
extern const int linux_POSIX_FADV_SEQUENTIAL, linux_POSIX_FADV_DONTNEED;
extern const uint64_t linux_ST_RDONLY;
extern const uint32_t linux_IN_ACCESS, linux_IN_MODIFY, linux_IN_ATTRIB, linux_IN_CLOSE_WRITE, linux_IN_CLOSE_NOWRITE;
extern const uint32_t linux_IN_OPEN, linux_IN_MOVED_FROM, linux_IN_MOVED_TO, linux_IN_CREATE, linux_IN_DELETE;
extern const uint32_t linux_IN_DELETE_SELF, linux_IN_MOVE_SELF, linux_IN_UNMOUNT, linux_IN_Q_OVERFLOW, linux_IN_IGNORED;
extern const uint32_t linux_IN_ONLYDIR, linux_IN_DONT_FOLLOW, linux_IN_EXCL_UNLINK, linux_IN_MASK_ADD;
extern const uint32_t linux_IN_MASK_CREATE, linux_IN_ISDIR;
extern const uint32_t linux_EPOLLIN, linux_EPOLLOUT, linux_EPOLLERR, linux_EPOLLHUP, linux_EPOLLET;
extern const uint8_t linux_DT_UNKNOWN, linux_DT_REG, linux_DT_DIR, linux_DT_LNK;
extern const int linux_EPERM, linux_ENOENT, linux_EINTR, linux_EIO, linux_ENXIO, linux_EAGAIN, linux_EACCES, linux_EBUSY;
extern const int linux_EEXIST, linux_EXDEV, linux_ENOTDIR, linux_EISDIR, linux_EINVAL, linux_EMFILE, linux_ENFILE;
extern const int linux_ETXTBSY, linux_EFBIG, linux_ENOSPC, linux_EROFS, linux_EMLINK, linux_ERANGE, linux_ENAMETOOLONG;
extern const int linux_ENOSYS, linux_ENOTEMPTY, linux_ELOOP, linux_ENODATA, linux_EOPNOTSUPP, linux_EDQUOT, linux_ESTALE;
extern const int linux_ENOTTY, linux_E2BIG, linux_EILSEQ, linux_ENODEV, linux_ENOMEM;

#endif
