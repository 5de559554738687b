// OpenSSL 3 marks SHA256_Init and its kin as deprecated, for they bypass its providers. They are
// what makes one HMAC cost 0.1 µs and never fail: see Sources/Crypto/HMACKey.swift.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
