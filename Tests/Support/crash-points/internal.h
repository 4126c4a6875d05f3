// What the files of this library share: system calls past the C library, whose calls are ours, and the log.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CrashPoints.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>

// A system call; a negated errno on failure.
long crash_call(long number, long a, long b, long c, long d, long e, long f);
#define CALL6(n, a, b, c, d, e, f) \
    crash_call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL4(n, a, b, c, d) CALL6(n, a, b, c, d, 0, 0)
#define CALL3(n, a, b, c) CALL6(n, a, b, c, 0, 0, 0)
#define CALL2(n, a, b) CALL6(n, a, b, 0, 0, 0, 0)
#define CALL1(n, a) CALL6(n, a, 0, 0, 0, 0, 0)

// As the C library answers: -1 and errno.
long crash_answer(long result);

// Where a name is: its directory, open, and what it is called there.
typedef struct {
    int directory;
    bool is_below;
    uint64_t inode;
    char name[NAME_MAX + 1];
    char path[PATH_MAX];
} crash_place;

bool crash_is_on(void);
// Of what is open; PATH_MAX bytes.
void crash_path_of(int descriptor, char *path);
// Whether what is open lies below a root.
bool crash_holds(int descriptor);
// Whether what is at a path does, links followed or not.
bool crash_holds_at(int dir, const char *path, int flags);
crash_place crash_find(int dir, const char *path);
void crash_leave(crash_place *place);
crash_stat crash_stat_of(int dir, const char *path, int flags);

// Between these two no other effect happens, in whatever process. `begin` kills the process where its number has come.
int crash_begin(const char *what, const char *path);
void crash_end(int log);
void crash_note(int log, crash_record *record, const char *name, const char *target, const void *data, size_t size);
// Keeps what a name is taken from, if it is its last.
void crash_bury(int dir, const char *name);

const char *crash_boot_path(void);
int64_t crash_boot_nanoseconds(void);
