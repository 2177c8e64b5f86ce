#include "edge/authority.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/calendar.h"
#include "core/span.h"
#include "edge/pace.h"
#include "graph/jwrite.h"
#include "world/xalloc.h"

static const char *const names[] = {"graph.facebook.com", "graph-video.facebook.com",
                                    "www.facebook.com", "m.me", "localhost"};
static const unsigned char loopback[4] = {127, 0, 0, 1};
static const unsigned char loopback_six[16] = {[15] = 1};

#define CA_FILE "ca.pem"
#define PHP_FILE "php.ini"
#define JAVA_FILE "java.jks"
#define NODE_FILE "node.cjs"
/* Node's own https and fetch know of no proxy (before version 24, unless they are told). All that they open goes through
 * tls.connect; a connection that has a socket already has been led by somebody else. */
static const char node_script[] =
    "'use strict';\n"
    "const tls = require('tls');\n"
    "const { connect } = tls;\n"
    "const here = process.env.GRAPH_API_BASE_TLS && new URL(process.env.GRAPH_API_BASE_TLS);\n"
    "tls.connect = function (options, ...rest) {\n"
    "    const host = options && typeof options === 'object' && !options.socket && options.host;\n"
    "    if (here && /^graph(-video)?\\.facebook\\.com$/.test(host))\n"
    "        options = { ...options, host: here.hostname, port: Number(here.port), servername: "
    "options.servername || host };\n"
    "    return connect.call(this, options, ...rest);\n"
    "};\n";

#define FIRST_FAILURE(result, call) ((result) < 0 ? (result) : (call))

static int
key_new(gnutls_x509_privkey_t *key)
{
    int result = gnutls_x509_privkey_init(key);

    return FIRST_FAILURE(
        result, gnutls_x509_privkey_generate(*key, GNUTLS_PK_ECDSA,
                                             GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
}

/* What authority and listener have in common. Valid whenever a world may be: a client under the clock bridge asks its world what day it is. */
static int
certificate_new(gnutls_x509_crt_t *certificate, gnutls_x509_privkey_t key, const char *name,
                unsigned char serial, bool is_ca)
{
    int result = gnutls_x509_crt_init(certificate);

    result = FIRST_FAILURE(result, gnutls_x509_crt_set_version(*certificate, 3));
    result = FIRST_FAILURE(result, gnutls_x509_crt_set_serial(*certificate, &serial, 1));
    result = FIRST_FAILURE(result, gnutls_x509_crt_set_activation_time(
                                       *certificate, (time_t)((CIVIL(2016, 1, 1) - DAY) / SECOND)));
    result = FIRST_FAILURE(
        result, gnutls_x509_crt_set_expiration_time(*certificate, (time_t)(PACE_END / SECOND)));
    result = FIRST_FAILURE(result,
                           gnutls_x509_crt_set_dn_by_oid(*certificate, GNUTLS_OID_X520_COMMON_NAME,
                                                         0, name, (unsigned)strlen(name)));
    result = FIRST_FAILURE(result, gnutls_x509_crt_set_key(*certificate, key));
    result = FIRST_FAILURE(
        result, gnutls_x509_crt_set_basic_constraints(*certificate, is_ca, is_ca ? 0 : -1));
    return FIRST_FAILURE(
        result, gnutls_x509_crt_set_key_usage(*certificate,
                                              is_ca ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
                                                    : GNUTLS_KEY_DIGITAL_SIGNATURE));
}

static int
add_names(gnutls_x509_crt_t certificate)
{
    int result = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        result = FIRST_FAILURE(result, gnutls_x509_crt_set_subject_alt_name(
                                           certificate, GNUTLS_SAN_DNSNAME, names[i],
                                           (unsigned)strlen(names[i]),
                                           i == 0 ? GNUTLS_FSAN_SET : GNUTLS_FSAN_APPEND));
    result = FIRST_FAILURE(
        result, gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, loopback,
                                                     sizeof loopback, GNUTLS_FSAN_APPEND));
    result = FIRST_FAILURE(result, gnutls_x509_crt_set_subject_alt_name(
                                       certificate, GNUTLS_SAN_IPADDRESS, loopback_six,
                                       sizeof loopback_six, GNUTLS_FSAN_APPEND));
    return FIRST_FAILURE(
        result, gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0));
}

/* Every authority has a key of its own, so each gets a name of its own: stores that keep several tell them apart. */
static int
mark_key(gnutls_x509_crt_t certificate, bool is_authority, gnutls_x509_crt_t issuer)
{
    unsigned char id[64];
    size_t n = sizeof id;
    int result = gnutls_x509_crt_get_key_id(is_authority ? certificate : issuer, 0, id, &n);

    if (!is_authority)
        return FIRST_FAILURE(result, gnutls_x509_crt_set_authority_key_id(certificate, id, n));
    return FIRST_FAILURE(result, gnutls_x509_crt_set_subject_key_id(certificate, id, n));
}

static char *
pem_of(int result, gnutls_datum_t *datum)
{
    char *text = result < 0 ? NULL : xstrndup((const char *)datum->data, datum->size);

    if (result >= 0)
        gnutls_free(datum->data);
    return text;
}

static int
export_all(struct authority *a, gnutls_x509_crt_t ca, gnutls_x509_crt_t certificate,
           gnutls_x509_privkey_t key)
{
    gnutls_datum_t datum;

    a->ca_pem = pem_of(gnutls_x509_crt_export2(ca, GNUTLS_X509_FMT_PEM, &datum), &datum);
    char *leaf = pem_of(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &datum), &datum);
    a->key_pem = pem_of(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
                                                          GNUTLS_PKCS_PLAIN, &datum),
                        &datum);
    if (a->ca_pem == NULL || leaf == NULL || a->key_pem == NULL) {
        free(leaf);
        return GNUTLS_E_INTERNAL_ERROR;
    }
    size_t size = strlen(leaf) + strlen(a->ca_pem) + 1;
    a->cert_pem = xmalloc(size);
    snprintf(a->cert_pem, size, "%s%s", leaf, a->ca_pem);
    free(leaf);
    return 0;
}

static int
make_certificates(struct authority *a)
{
    gnutls_x509_privkey_t ca_key = NULL, key = NULL;
    gnutls_x509_crt_t ca = NULL, certificate = NULL;
    int result = key_new(&ca_key);

    result = FIRST_FAILURE(result, key_new(&key));
    result =
        FIRST_FAILURE(result, certificate_new(&ca, ca_key, "Understudy local authority", 1, true));
    result = FIRST_FAILURE(result, mark_key(ca, true, NULL));
    result = FIRST_FAILURE(result, gnutls_x509_crt_sign2(ca, ca, ca_key, GNUTLS_DIG_SHA256, 0));
    result = FIRST_FAILURE(result, certificate_new(&certificate, key, names[0], 2, false));
    result = FIRST_FAILURE(result, add_names(certificate));
    result = FIRST_FAILURE(result, mark_key(certificate, false, ca));
    result =
        FIRST_FAILURE(result, gnutls_x509_crt_sign2(certificate, ca, ca_key, GNUTLS_DIG_SHA256, 0));
    result = FIRST_FAILURE(result, export_all(a, ca, certificate, key));
    if (certificate != NULL)
        gnutls_x509_crt_deinit(certificate);
    if (ca != NULL)
        gnutls_x509_crt_deinit(ca);
    if (key != NULL)
        gnutls_x509_privkey_deinit(key);
    if (ca_key != NULL)
        gnutls_x509_privkey_deinit(ca_key);
    return result;
}

/* A new file of the folder. */
static bool
write_file(const char *folder, const char *name, const void *bytes, size_t count)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    bool is_written = file != NULL && fwrite(bytes, 1, count, file) == count;

    if (file != NULL && fclose(file) != 0)
        is_written = false;
    return is_written;
}

static void
add_number(struct buf *out, unsigned long long number, unsigned bytes)
{
    while (bytes-- > 0) {
        const char byte = (char)(number >> 8 * bytes);
        buf_add(out, &byte, 1);
    }
}

/* Java's own kind of store, with one certificate to trust. The digest at its end is of a password; who opens it without one
 * does not look. */
static bool
write_java(const struct authority *a, const char *folder)
{
    const gnutls_datum_t pem = {(unsigned char *)a->ca_pem, (unsigned)strlen(a->ca_pem)};
    gnutls_datum_t der;
    struct buf out = {0};

    if (gnutls_pem_base64_decode2("CERTIFICATE", &pem, &der) < 0)
        return false;
    add_number(&out, 0xFEEDFEED, 4); /* magic */
    add_number(&out, 2, 4);          /* version */
    add_number(&out, 1, 4);          /* entries */
    add_number(&out, 2, 4);          /* a certificate to trust */
    add_number(&out, strlen("understudy"), 2);
    buf_adds(&out, "understudy");
    add_number(&out, 0, 8); /* when it was put in */
    add_number(&out, strlen("X.509"), 2);
    buf_adds(&out, "X.509");
    add_number(&out, der.size, 4);
    buf_add(&out, (const char *)der.data, der.size);
    for (int i = 0; i < 5; i++)
        add_number(&out, 0, 4);
    const bool is_written = write_file(folder, JAVA_FILE, out.s, out.n);
    gnutls_free(der.data);
    buf_fini(&out);
    return is_written;
}

static void
remove_folder(const char *folder)
{
    static const char *const files[] = {CA_FILE, PHP_FILE, JAVA_FILE, NODE_FILE};
    char path[512];

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
}

static int
write_ca(struct authority *a, char *why, size_t size)
{
    const char *parent = getenv("TMPDIR");
    char folder[256], path[512], settings[1280];

    snprintf(folder, sizeof folder, "%s/understudy-ca-XXXXXX",
             parent != NULL && *parent != '\0' ? parent : "/tmp");
    bool is_made = mkdtemp(folder) != NULL;
    snprintf(path, sizeof path, "%s/" CA_FILE, folder);
    snprintf(settings, sizeof settings, "curl.cainfo=\"%s\"\nopenssl.cafile=\"%s\"\n", path, path);
    if (!is_made || !write_file(folder, CA_FILE, a->ca_pem, strlen(a->ca_pem)) ||
        !write_file(folder, PHP_FILE, settings, strlen(settings)) || !write_java(a, folder) ||
        !write_file(folder, NODE_FILE, node_script, strlen(node_script))) {
        snprintf(why, size, "cannot write the authority's certificate to %s: %s", path,
                 strerror(errno));
        if (is_made)
            remove_folder(folder);
        return -1;
    }
    a->folder = xstrdup(folder);
    a->ca_path = xstrdup(path);
    return 0;
}

int
authority_init(struct authority *a, char *why, size_t size)
{
    *a = (struct authority){0};
    int result = make_certificates(a);

    if (result < 0) {
        snprintf(why, size, "cannot make a certificate: %s", gnutls_strerror(result));
        authority_fini(a);
        return -1;
    }
    if (write_ca(a, why, size) < 0) {
        authority_fini(a);
        return -1;
    }
    return 0;
}

void
authority_fini(struct authority *a)
{
    if (a->folder != NULL)
        remove_folder(a->folder);
    free(a->folder);
    free(a->ca_path);
    free(a->ca_pem);
    free(a->cert_pem);
    free(a->key_pem);
    *a = (struct authority){0};
}
