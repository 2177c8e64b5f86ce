/* authority.h - the local certificate authority: makes itself and a certificate for the hosts that clients have built in, so that a client with a hard-coded
 * https://graph.facebook.com can be brought here. Made anew at each start unless a directory keeps it; nothing of it is trusted by anybody who was not told to. */
#ifndef UNDERSTUDY_EDGE_AUTHORITY_H
#define UNDERSTUDY_EDGE_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>

struct authority {
    char *ca_pem;   /* owned; the certificate that clients are to trust */
    char *cert_pem; /* owned; of the listener, followed by the CA's */
    char *key_pem;  /* owned; of the listener */
    char *
        folder; /* owned; ours alone, with the file of ca_pem, settings for PHP that name it, it as a store for Java, and what leads Node here */
    char *ca_path; /* owned; the file that ca_pem was written to */
};

/* Makes keys (P-256) and certificates for graph.facebook.com, graph-video.facebook.com, m.me, localhost, 127.0.0.1 and ::1, valid whenever a world may be (2016 to 9999),
 * and writes the CA's certificate to a new folder in the temporary directory ($TMPDIR or /tmp). Returns 0, or -1 with the reason in why. */
int authority_init(struct authority *authority, char *why, size_t size);

/* Removes the folder and frees the texts. */
void authority_fini(struct authority *authority);

#endif
