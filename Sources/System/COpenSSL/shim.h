// The parts of OpenSSL 3 that Lanyard uses; `static inline` wrappers stand for macros and variadics.
#ifndef LANYARD_COPENSSL_SHIM_H
#define LANYARD_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#endif
