// The parts of libzstd that Lanyard uses: whole frames, from memory to memory.
#ifndef LANYARD_CZSTD_SHIM_H
#define LANYARD_CZSTD_SHIM_H

#include <stdint.h>
#include <zstd.h>

// The size that a frame declares for its content; -1 where it declares none, or is no frame.
static inline int64_t lanyard_zstd_content_size(const void *bytes, size_t count) {
    unsigned long long size = ZSTD_getFrameContentSize(bytes, count);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > INT64_MAX) return -1;
    return (int64_t)size;
}

#endif
