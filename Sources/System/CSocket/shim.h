// Socket options and calls of Linux that Glibc's Swift module doesn't import.
#ifndef LANYARD_CSOCKET_SHIM_H
#define LANYARD_CSOCKET_SHIM_H

// Without _GNU_SOURCE: it would give the system's types another shape than other modules see.
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

// Declared by the system's headers under _GNU_SOURCE only.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);

static inline int lanyard_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline int lanyard_tcp_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
}

static inline int lanyard_accept(int listener, struct sockaddr_storage *address) {
    socklen_t length = sizeof *address;
    memset(address, 0, sizeof *address);
    return accept4(listener, (struct sockaddr *)address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static inline int lanyard_local_address(int descriptor, struct sockaddr_storage *address) {
    socklen_t length = sizeof *address;
    memset(address, 0, sizeof *address);
    return getsockname(descriptor, (struct sockaddr *)address, &length);
}

static inline socklen_t lanyard_address_length(const struct sockaddr_storage *address) {
    return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static inline int lanyard_bind(int descriptor, const struct sockaddr_storage *address) {
    return bind(descriptor, (const struct sockaddr *)address, lanyard_address_length(address));
}

static inline int lanyard_connect(int descriptor, const struct sockaddr_storage *address) {
    return connect(descriptor, (const struct sockaddr *)address, lanyard_address_length(address));
}

static inline int lanyard_option(int descriptor, int level, int name, int value) {
    return setsockopt(descriptor, level, name, &value, sizeof value);
}

// The error that a non-blocking connect ended with; 0 is success.
static inline int lanyard_socket_error(int descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : -1;
}

// The kernel's tcp_info up to its times: <linux/tcp.h> can't be read beside <netinet/tcp.h>, whose own ends earlier.
struct lanyard_tcp_info {
    uint8_t states[8];
    uint32_t figures[24];
    uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
    uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
    uint64_t delivery_rate, busy_time, rwnd_limited;
};

// What the peer has acknowledged, what waits to be sent, and for how long the peer took no more; -1 if unknown.
static inline int lanyard_tcp_progress(
    int descriptor, uint64_t *acknowledged, uint32_t *unsent, uint64_t *peer_limited_microseconds) {
    struct lanyard_tcp_info info;
    socklen_t length = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 || length < sizeof info) return -1;
    *acknowledged = info.bytes_acked;
    *unsent = info.notsent_bytes;
    *peer_limited_microseconds = info.rwnd_limited;
    return 0;
}

// An address from its parts; `bytes` are 4 or 16 bytes in network order.
static inline struct sockaddr_storage lanyard_address(
    int family, const uint8_t *bytes, uint16_t port, uint32_t scope) {
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    if (family == AF_INET6) {
        struct sockaddr_in6 *address = (struct sockaddr_in6 *)&storage;
        address->sin6_family = AF_INET6;
        address->sin6_port = htons(port);
        address->sin6_scope_id = scope;
        memcpy(&address->sin6_addr, bytes, 16);
    } else {
        struct sockaddr_in *address = (struct sockaddr_in *)&storage;
        address->sin_family = AF_INET;
        address->sin_port = htons(port);
        memcpy(&address->sin_addr, bytes, 4);
    }
    return storage;
}

// The parts of an address: the number of bytes stored, 0 for other families.
static inline int lanyard_address_parts(
    const struct sockaddr_storage *storage, uint8_t *bytes, uint16_t *port, uint32_t *scope) {
    if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)storage;
        memcpy(bytes, &address->sin6_addr, 16);
        *port = ntohs(address->sin6_port);
        *scope = address->sin6_scope_id;
        return 16;
    }
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *address = (const struct sockaddr_in *)storage;
        memcpy(bytes, &address->sin_addr, 4);
        *port = ntohs(address->sin_port);
        *scope = 0;
        return 4;
    }
    return 0;
}

#endif
