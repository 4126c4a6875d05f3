// The parts of Avahi's client library that Lanyard uses.
#ifndef LANYARD_CAVAHI_SHIM_H
#define LANYARD_CAVAHI_SHIM_H

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-client/publish.h>
#include <avahi-common/address.h>
#include <avahi-common/alternative.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>
#include <avahi-common/strlst.h>

// Unions are awkward to read from Swift: copies the bytes of an address, network order, and returns how many.
static inline size_t lanyard_avahi_address(const AvahiAddress *address, uint8_t bytes[16]) {
    size_t count = address->proto == AVAHI_PROTO_INET ? 4 : address->proto == AVAHI_PROTO_INET6 ? 16 : 0;
    for (size_t index = 0; index < count; index++) bytes[index] = address->data.data[index];
    return count;
}

// The text is a flexible array: its first byte.
static inline const uint8_t *lanyard_avahi_text(const AvahiStringList *string) { return string->text; }

#endif
