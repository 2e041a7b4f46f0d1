/* tls_peer - OpenSSL with blocking calls: one connection after the other, each request answered
 * with 201. */
#include "tls_peer.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/require.h"

struct tls_peer {
    SSL_CTX *context;
    int listening;
    pthread_t thread;
    char url[64];
    char certificate[64];
};

static X509 *make_certificate(EVP_PKEY *key, const char *name)
{
    X509 *certificate = X509_new();
    require(certificate != NULL);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)"peer", -1, -1,
                               0);
    X509_set_issuer_name(certificate, subject);
    X509_set_pubkey(certificate, key);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, name);
    require(names != NULL);
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    require(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static void write_certificate(struct tls_peer *peer, X509 *certificate)
{
    snprintf(peer->certificate, sizeof peer->certificate, "/tmp/handoffd-test-XXXXXX");
    int descriptor = mkstemp(peer->certificate);
    require(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    require(file != NULL && PEM_write_X509(file, certificate) == 1);
    require(fclose(file) == 0);
}

static SSL_CTX *make_context(struct tls_peer *peer, const char *name, int most)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    require(key != NULL);
    X509 *certificate = make_certificate(key, name);
    write_certificate(peer, certificate);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    require(context != NULL);
    require(SSL_CTX_use_certificate(context, certificate) == 1);
    require(SSL_CTX_use_PrivateKey(context, key) == 1);
    require(SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") == 1);
    require(SSL_CTX_set_max_proto_version(context, most) == 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

static void converse(SSL *tls)
{
    static const char reply[] = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
    char request[4096] = "";
    size_t length = 0;
    while (length < sizeof request - 1) {
        int got = SSL_read(tls, request + length, (int)(sizeof request - 1 - length));
        if (got <= 0)
            return;
        length += (size_t)got;
        request[length] = '\0';
        const char *end = strstr(request, "\r\n\r\n");
        const char *body = strstr(request, "Content-Length: ");
        size_t body_length = body != NULL ? strtoul(body + 16, NULL, 10) : 0;
        if (end == NULL || strlen(end + 4) < body_length)
            continue;
        if (SSL_write(tls, reply, sizeof reply - 1) <= 0)
            return;
        length = 0;
    }
}

static void *serve(void *context)
{
    struct tls_peer *peer = context;
    for (;;) {
        int connection = accept(peer->listening, NULL, NULL);
        if (connection < 0)
            return NULL;
        SSL *tls = SSL_new(peer->context);
        require(tls != NULL);
        SSL_set_fd(tls, connection);
        if (SSL_accept(tls) == 1)
            converse(tls);
        SSL_free(tls);
        close(connection);
    }
}

struct tls_peer *tls_peer_start(const char *name, int most)
{
    struct tls_peer *peer = memory_zeroed(1, sizeof *peer);
    peer->context = make_context(peer, name, most);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    peer->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(peer->listening >= 0);
    require(bind(peer->listening, (const struct sockaddr *)&address, length) == 0);
    require(listen(peer->listening, 16) == 0);
    require(getsockname(peer->listening, (struct sockaddr *)&address, &length) == 0);
    snprintf(peer->url, sizeof peer->url, "https://127.0.0.1:%d/messages", ntohs(address.sin_port));
    require(pthread_create(&peer->thread, NULL, serve, peer) == 0);
    return peer;
}

void tls_peer_stop(struct tls_peer *peer)
{
    shutdown(peer->listening, SHUT_RDWR);
    pthread_join(peer->thread, NULL);
    close(peer->listening);
    SSL_CTX_free(peer->context);
    unlink(peer->certificate);
    free(peer);
}

const char *tls_peer_url(const struct tls_peer *peer)
{
    return peer->url;
}

const char *tls_peer_certificate(const struct tls_peer *peer)
{
    return peer->certificate;
}
