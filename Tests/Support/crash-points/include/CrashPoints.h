// What the library writes into its log: CrashDisk reads it. Nothing of it is to be called; it is loaded into a process
// by LD_PRELOAD, and told what to do by these variables:
//   CRASH_ROOTS  directories, absolute and without links, separated by colons: what changes below them is an effect.
//   CRASH_LOG    the log, appended to. It must be on no path below a root.
//   CRASH_GRAVES a directory on the same file system: what loses its last name below a root is kept there, by inode.
//   CRASH_POINT  the process kills itself before its effect of this number, from 1 on; none if that is not set.
//   CRASH_BEFORE the effect before which it does so, in words, whatever its number.
//   CRASH_BOOT   a file that is read instead of /proc/sys/kernel/random/boot_id, and "SECONDS.NANOSECONDS" after a
//                colon: when the machine seems to have been started.
//   CRASH_TIMES  a file of `crash_time`, sorted: what statx says of ctime.
#pragma once
#include <stdint.h>

enum crash_effect {
    // A new inode; without a parent, an unnamed file. The data of a link is its target.
    crash_create = 1,
    crash_link = 2,
    // Of directories too.
    crash_unlink = 3,
    // `number` holds the flags of renameat2.
    crash_rename = 4,
    // At the offset `number`.
    crash_write = 5,
    // To the size `number`.
    crash_truncate = 6,
    // Mode or times, as the stat has them.
    crash_metadata = 7,
    // `name` is that of the attribute; it is removed if `number` is 1.
    crash_attribute = 8,
    // Of the data alone if `number` is 1.
    crash_sync = 9,
    // Of everything.
    crash_sync_all = 10,
    // The process killed itself before the effect `name`, its `number`-th.
    crash_killed = 11,
    // An effect that this library can't tell: `name`.
    crash_unknown = 12,
};

// An inode after the effect; all zeros where there is none.
typedef struct {
    uint64_t inode;
    uint64_t mode;
    uint64_t size;
    int64_t modified_nanoseconds;
    int64_t changed_nanoseconds;
} crash_stat;

// Followed by the name, the target's name and the data, without anything between them.
typedef struct {
    uint64_t effect;
    // Whose it is.
    uint64_t process;
    uint64_t parent;
    uint64_t target_parent;
    uint64_t number;
    uint64_t name_bytes;
    uint64_t target_name_bytes;
    uint64_t data_bytes;
    // What the effect is about, and what stood at the target of a rename.
    crash_stat entry;
    crash_stat other;
} crash_record;

// Where an inode was changed last at `real`, statx says `told`. Sorted by inode.
typedef struct {
    uint64_t inode;
    int64_t real_nanoseconds;
    int64_t told_nanoseconds;
} crash_time;
