/* tls_peer - a provider on loopback that speaks TLS with a certificate of its own making, on a
 * thread. */
#ifndef TESTS_TLS_PEER_H
#define TESTS_TLS_PEER_H

struct tls_peer;

/* `name` is whom the certificate is for: "IP:127.0.0.1". `most` is the newest version spoken
 * (TLS1_1_VERSION), 0: any. The certificate is written to a file of its own. */
struct tls_peer *tls_peer_start(const char *name, int most);

/* The client must have closed its connections. */
void tls_peer_stop(struct tls_peer *peer);

const char *tls_peer_url(const struct tls_peer *peer);
const char *tls_peer_certificate(const struct tls_peer *peer); /* path of the file */

#endif
