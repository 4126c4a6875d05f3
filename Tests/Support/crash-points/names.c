// The calls that change names: what is made, linked, renamed and removed.
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>
#include <linux/openat2.h>

// Of a name as it stands now, links not followed.
static crash_stat look(const crash_place *place) {
    return crash_stat_of(place->directory, place->name, AT_SYMLINK_NOFOLLOW);
}

static long open_raw(int dir, const char *path, int flags, unsigned mode, const struct open_how *how) {
    if (how) return CALL4(SYS_openat2, dir, path, how, sizeof *how);
    return CALL4(SYS_openat, dir, path, flags, mode);
}

static long open_unnamed(int dir, const char *path, int flags, unsigned mode, const struct open_how *how) {
    if (!crash_holds_at(dir, path, 0)) return open_raw(dir, path, flags, mode, how);
    int log = crash_begin("open an unnamed file in", path);
    long opened = open_raw(dir, path, flags, mode, how);
    if (opened >= 0) {
        crash_record record = {.effect = crash_create, .entry = crash_stat_of((int)opened, "", AT_EMPTY_PATH)};
        crash_note(log, &record, NULL, NULL, NULL, 0);
    }
    crash_end(log);
    return opened;
}

static long open_any(int dir, const char *path, int flags, unsigned mode, const struct open_how *how) {
    const char *boot = crash_boot_path();
    if (boot && path && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0) path = boot;
    if ((flags & O_TMPFILE) == O_TMPFILE) return open_unnamed(dir, path, flags, mode, how);
    if (!(flags & (O_CREAT | O_TRUNC))) return open_raw(dir, path, flags, mode, how);
    crash_place place = crash_find(dir, path);
    crash_stat before = {0};
    if (place.is_below) before = look(&place);
    // An opening that neither makes nor empties anything is no effect.
    bool changes = before.inode ? flags & O_TRUNC && !(flags & O_EXCL) && before.size > 0 : (flags & O_CREAT) != 0;
    if (!place.is_below || !changes) {
        crash_leave(&place);
        return open_raw(dir, path, flags, mode, how);
    }
    int log = crash_begin(before.inode ? "open and empty" : "open and create", place.path);
    long opened = open_raw(dir, path, flags, mode, how);
    if (opened >= 0) {
        crash_record record = {.effect = before.inode ? crash_truncate : crash_create};
        record.entry = crash_stat_of((int)opened, "", AT_EMPTY_PATH);
        if (!before.inode) record.parent = place.inode;
        crash_note(log, &record, before.inode ? NULL : place.name, NULL, NULL, 0);
    }
    crash_end(log);
    crash_leave(&place);
    return opened;
}

#define MODE_OF(flags) \
    unsigned mode = 0; \
    if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, unsigned); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...) {
    MODE_OF(flags)
    return (int)crash_answer(open_any(AT_FDCWD, path, flags, mode, NULL));
}

int open64(const char *path, int flags, ...) {
    MODE_OF(flags)
    return (int)crash_answer(open_any(AT_FDCWD, path, flags, mode, NULL));
}

int openat(int dir, const char *path, int flags, ...) {
    MODE_OF(flags)
    return (int)crash_answer(open_any(dir, path, flags, mode, NULL));
}

int openat64(int dir, const char *path, int flags, ...) {
    MODE_OF(flags)
    return (int)crash_answer(open_any(dir, path, flags, mode, NULL));
}

int creat(const char *path, mode_t mode) {
    return (int)crash_answer(open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode, NULL));
}

int creat64(const char *path, mode_t mode) { return creat(path, mode); }

// The one system call among those that are made by number that can change anything below a root.
long syscall(long number, ...) {
    va_list rest;
    va_start(rest, number);
    long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long), d = va_arg(rest, long);
    long e = va_arg(rest, long), f = va_arg(rest, long);
    va_end(rest);
    if (number != SYS_openat2) return crash_answer(crash_call(number, a, b, c, d, e, f));
    const struct open_how *how = (const struct open_how *)c;
    return crash_answer(open_any((int)a, (const char *)b, (int)how->flags, (unsigned)how->mode, how));
}

// The template with another end, until `make` has found a free name.
static long make_unique(char *template, int suffix, long (*make)(const char *, int), int flags) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strlen(template);
    if (length < 6 + (size_t)suffix) return -EINVAL;
    for (int attempt = 0; attempt < 1000; attempt++) {
        unsigned char random[6];
        if (CALL3(SYS_getrandom, random, sizeof random, 0) != sizeof random) return -EIO;
        for (int index = 0; index < 6; index++) {
            template[length - 6 - (size_t)suffix + (size_t)index] = letters[random[index] % (sizeof letters - 1)];
        }
        long made = make(template, flags);
        if (made != -EEXIST) return made;
    }
    return -EEXIST;
}

static long make_file(const char *path, int flags) {
    return open_any(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | flags, 0600, NULL);
}

int mkstemp(char *template) { return (int)crash_answer(make_unique(template, 0, make_file, 0)); }
int mkstemp64(char *template) { return mkstemp(template); }
int mkostemp(char *template, int flags) { return (int)crash_answer(make_unique(template, 0, make_file, flags)); }
int mkostemp64(char *template, int flags) { return mkostemp(template, flags); }

static long make_directory(int dir, const char *path, mode_t mode) {
    crash_place place = crash_find(dir, path);
    if (!place.is_below || look(&place).inode) {
        crash_leave(&place);
        return CALL3(SYS_mkdirat, dir, path, mode);
    }
    int log = crash_begin("make the directory", place.path);
    long result = CALL3(SYS_mkdirat, dir, path, mode);
    if (result >= 0) {
        crash_record record = {.effect = crash_create, .parent = place.inode, .entry = look(&place)};
        crash_note(log, &record, place.name, NULL, NULL, 0);
    }
    crash_end(log);
    crash_leave(&place);
    return result;
}

static long make_temporary_directory(const char *path, int flags) {
    (void)flags;
    return make_directory(AT_FDCWD, path, 0700);
}

int mkdir(const char *path, mode_t mode) { return (int)crash_answer(make_directory(AT_FDCWD, path, mode)); }
int mkdirat(int dir, const char *path, mode_t mode) { return (int)crash_answer(make_directory(dir, path, mode)); }

char *mkdtemp(char *template) {
    return crash_answer(make_unique(template, 0, make_temporary_directory, 0)) < 0 ? NULL : template;
}

int symlinkat(const char *target, int dir, const char *path) {
    crash_place place = crash_find(dir, path);
    if (!place.is_below) {
        crash_leave(&place);
        return (int)crash_answer(CALL3(SYS_symlinkat, target, dir, path));
    }
    int log = crash_begin("make the link", place.path);
    long result = CALL3(SYS_symlinkat, target, dir, path);
    if (result >= 0) {
        crash_record record = {.effect = crash_create, .parent = place.inode, .entry = look(&place)};
        crash_note(log, &record, place.name, NULL, target, strlen(target));
    }
    crash_end(log);
    crash_leave(&place);
    return (int)crash_answer(result);
}

int symlink(const char *target, const char *path) { return symlinkat(target, AT_FDCWD, path); }

int linkat(int dir, const char *path, int target_dir, const char *target, int flags) {
    crash_place place = crash_find(target_dir, target);
    if (!place.is_below) {
        crash_leave(&place);
        return (int)crash_answer(CALL6(SYS_linkat, dir, path, target_dir, target, flags, 0));
    }
    int log = crash_begin("link", place.path);
    long result = CALL6(SYS_linkat, dir, path, target_dir, target, flags, 0);
    if (result >= 0) {
        crash_record record = {.effect = crash_link, .parent = place.inode, .entry = look(&place)};
        crash_note(log, &record, place.name, NULL, NULL, 0);
    }
    crash_end(log);
    crash_leave(&place);
    return (int)crash_answer(result);
}

int link(const char *path, const char *target) { return linkat(AT_FDCWD, path, AT_FDCWD, target, 0); }

int unlinkat(int dir, const char *path, int flags) {
    crash_place place = crash_find(dir, path);
    crash_stat before = {0};
    if (place.is_below) before = look(&place);
    if (!before.inode) {
        crash_leave(&place);
        return (int)crash_answer(CALL3(SYS_unlinkat, dir, path, flags));
    }
    int log = crash_begin(flags & AT_REMOVEDIR ? "remove the directory" : "unlink", place.path);
    // A directory has no second name: one that stays open keeps its number from being given anew.
    if (flags & AT_REMOVEDIR) CALL4(SYS_openat, place.directory, place.name, O_PATH | O_CLOEXEC | O_NOFOLLOW, 0);
    else crash_bury(place.directory, place.name);
    long result = CALL3(SYS_unlinkat, dir, path, flags);
    if (result >= 0) {
        crash_record record = {.effect = crash_unlink, .parent = place.inode, .entry = before};
        crash_note(log, &record, place.name, NULL, NULL, 0);
    }
    crash_end(log);
    crash_leave(&place);
    return (int)crash_answer(result);
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int remove(const char *path) {
    int result = unlink(path);
    return result < 0 && errno == EISDIR ? rmdir(path) : result;
}

int renameat2(int dir, const char *path, int target_dir, const char *target, unsigned flags) {
    crash_place from = crash_find(dir, path), to = crash_find(target_dir, target);
    crash_record record = {.effect = crash_rename, .number = flags};
    if (from.is_below) record.entry = look(&from);
    if (to.is_below) record.other = look(&to);
    long result;
    if (!record.entry.inode && !record.other.inode && !to.is_below) {
        result = CALL6(SYS_renameat2, dir, path, target_dir, target, flags, 0);
    } else {
        int log = crash_begin(flags & RENAME_EXCHANGE ? "exchange" : "rename to", to.path);
        if (record.other.inode && !(flags & (RENAME_EXCHANGE | RENAME_NOREPLACE))) crash_bury(to.directory, to.name);
        result = CALL6(SYS_renameat2, dir, path, target_dir, target, flags, 0);
        if (result >= 0 && from.is_below && to.is_below) {
            record.parent = from.inode;
            record.target_parent = to.inode;
            record.entry = look(&to);
            if (flags & RENAME_EXCHANGE) record.other = look(&from);
            crash_note(log, &record, from.name, to.name, NULL, 0);
        } else if (result >= 0) {
            record.effect = crash_unknown;
            crash_note(log, &record, "a rename into or out of the roots", NULL, NULL, 0);
        }
        crash_end(log);
    }
    crash_leave(&from);
    crash_leave(&to);
    return (int)crash_answer(result);
}

int renameat(int dir, const char *path, int target_dir, const char *target) {
    return renameat2(dir, path, target_dir, target, 0);
}

int rename(const char *path, const char *target) { return renameat2(AT_FDCWD, path, AT_FDCWD, target, 0); }
