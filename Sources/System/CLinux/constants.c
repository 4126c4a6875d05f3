// The constants of CLinux.h, each that of the system's header.
#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

const int linux_AT_FDCWD = AT_FDCWD;
const int linux_AT_REMOVEDIR = AT_REMOVEDIR;
const int linux_O_RDONLY = O_RDONLY;
const int linux_O_WRONLY = O_WRONLY;
const int linux_O_RDWR = O_RDWR;
const int linux_O_CREAT = O_CREAT;
const int linux_O_EXCL = O_EXCL;
const int linux_O_TRUNC = O_TRUNC;
const int linux_O_APPEND = O_APPEND;
const int linux_O_NONBLOCK = O_NONBLOCK;
const int linux_O_DIRECTORY = O_DIRECTORY;
const int linux_O_NOFOLLOW = O_NOFOLLOW;
const int linux_O_CLOEXEC = O_CLOEXEC;
const int linux_O_PATH = O_PATH;
const int linux_O_TMPFILE = O_TMPFILE;
const int linux_O_NOATIME = O_NOATIME;
const uint64_t linux_RESOLVE_NO_XDEV = RESOLVE_NO_XDEV;
const uint64_t linux_RESOLVE_NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS;
const uint64_t linux_RESOLVE_NO_SYMLINKS = RESOLVE_NO_SYMLINKS;
const uint64_t linux_RESOLVE_BENEATH = RESOLVE_BENEATH;
const unsigned linux_RENAME_NOREPLACE = RENAME_NOREPLACE;
const unsigned linux_RENAME_EXCHANGE = RENAME_EXCHANGE;
const unsigned linux_S_IFMT = S_IFMT;
const unsigned linux_S_IFREG = S_IFREG;
const unsigned linux_S_IFDIR = S_IFDIR;
const unsigned linux_S_IFLNK = S_IFLNK;
const int linux_LOCK_EX = LOCK_EX;
const int linux_LOCK_SH = LOCK_SH;
const int linux_LOCK_NB = LOCK_NB;
const int linux_LOCK_UN = LOCK_UN;
const int linux_SEEK_DATA = SEEK_DATA;
const int linux_SEEK_HOLE = SEEK_HOLE;
const int linux_FALLOC_FL_KEEP_SIZE = FALLOC_FL_KEEP_SIZE;
const int linux_FALLOC_FL_PUNCH_HOLE = FALLOC_FL_PUNCH_HOLE;
const int linux_POSIX_FADV_SEQUENTIAL = POSIX_FADV_SEQUENTIAL;
const int linux_POSIX_FADV_DONTNEED = POSIX_FADV_DONTNEED;
const uint64_t linux_ST_RDONLY = ST_RDONLY;
const uint32_t linux_IN_ACCESS = IN_ACCESS;
const uint32_t linux_IN_MODIFY = IN_MODIFY;
const uint32_t linux_IN_ATTRIB = IN_ATTRIB;
const uint32_t linux_IN_CLOSE_WRITE = IN_CLOSE_WRITE;
const uint32_t linux_IN_CLOSE_NOWRITE = IN_CLOSE_NOWRITE;
const uint32_t linux_IN_OPEN = IN_OPEN;
const uint32_t linux_IN_MOVED_FROM = IN_MOVED_FROM;
const uint32_t linux_IN_MOVED_TO = IN_MOVED_TO;
const uint32_t linux_IN_CREATE = IN_CREATE;
const uint32_t linux_IN_DELETE = IN_DELETE;
const uint32_t linux_IN_DELETE_SELF = IN_DELETE_SELF;
const uint32_t linux_IN_MOVE_SELF = IN_MOVE_SELF;
const uint32_t linux_IN_UNMOUNT = IN_UNMOUNT;
const uint32_t linux_IN_Q_OVERFLOW = IN_Q_OVERFLOW;
const uint32_t linux_IN_IGNORED = IN_IGNORED;
const uint32_t linux_IN_ONLYDIR = IN_ONLYDIR;
const uint32_t linux_IN_DONT_FOLLOW = IN_DONT_FOLLOW;
const uint32_t linux_IN_EXCL_UNLINK = IN_EXCL_UNLINK;
const uint32_t linux_IN_MASK_ADD = IN_MASK_ADD;
const uint32_t linux_IN_MASK_CREATE = IN_MASK_CREATE;
const uint32_t linux_IN_ISDIR = IN_ISDIR;
const uint32_t linux_EPOLLIN = EPOLLIN;
const uint32_t linux_EPOLLOUT = EPOLLOUT;
const uint32_t linux_EPOLLERR = EPOLLERR;
const uint32_t linux_EPOLLHUP = EPOLLHUP;
const uint32_t linux_EPOLLET = EPOLLET;
const uint8_t linux_DT_UNKNOWN = DT_UNKNOWN;
const uint8_t linux_DT_REG = DT_REG;
const uint8_t linux_DT_DIR = DT_DIR;
const uint8_t linux_DT_LNK = DT_LNK;
const int linux_EPERM = EPERM;
const int linux_ENOENT = ENOENT;
const int linux_EINTR = EINTR;
const int linux_EIO = EIO;
const int linux_ENXIO = ENXIO;
const int linux_EAGAIN = EAGAIN;
const int linux_EACCES = EACCES;
const int linux_EBUSY = EBUSY;
const int linux_EEXIST = EEXIST;
const int linux_EXDEV = EXDEV;
const int linux_ENOTDIR = ENOTDIR;
const int linux_EISDIR = EISDIR;
const int linux_EINVAL = EINVAL;
const int linux_EMFILE = EMFILE;
const int linux_ENFILE = ENFILE;
const int linux_ETXTBSY = ETXTBSY;
const int linux_EFBIG = EFBIG;
const int linux_ENOSPC = ENOSPC;
const int linux_EROFS = EROFS;
const int linux_EMLINK = EMLINK;
const int linux_ERANGE = ERANGE;
const int linux_ENAMETOOLONG = ENAMETOOLONG;
const int linux_ENOSYS = ENOSYS;
const int linux_ENOTEMPTY = ENOTEMPTY;
const int linux_ELOOP = ELOOP;
const int linux_ENODATA = ENODATA;
const int linux_EOPNOTSUPP = EOPNOTSUPP;
const int linux_EDQUOT = EDQUOT;
const int linux_ESTALE = ESTALE;
const int linux_ENOTTY = ENOTTY;
const int linux_E2BIG = E2BIG;
const int linux_EILSEQ = EILSEQ;
const int linux_ENODEV = ENODEV;
const int linux_ENOMEM = ENOMEM;
