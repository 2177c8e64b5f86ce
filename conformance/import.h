/* import.h - somebody's recording into ours: reads a foreign format, gives out acts, hides who the people are. Writes to stdout only when the whole file has been read
 * and understood, so that nothing is ever half imported. Knows no server. One importer a row of imports.def, one format a file import_*.c. */
#ifndef UNDERSTUDY_CONFORMANCE_IMPORT_H
#define UNDERSTUDY_CONFORMANCE_IMPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The subcommand: understudy import FORMAT FILE [--keep-names] [--page NAME] [--title TEXT]. Returns the exit code. */
int import_main(int argc, char **argv);

/* One import under way. A file is read twice: first to check it and to learn who is in it, then to write. What is held grows with the number of people only. */
struct import {
    const char *path;
    FILE *in; /* rewound before each pass */
    FILE *out;
    bool is_writing; /* second pass */
    bool keeps_names;
    const char *title;  /* NULL: none */
    const char *page;   /* how the file calls the page (name or id); NULL: the last participant */
    json_t *people;     /* foreign id -> {"name","first_name"?,"last_name"?}; owned */
    unsigned long line; /* of the file, where there are lines */
    int64_t first_ms;   /* of the first act; INT64_MIN: none yet */
    int64_t last_ms;    /* of the act written last */
    unsigned long acts; /* given out in this pass */
    unsigned long skipped; /* things that are nobody's act: echoes, receipts ... */
};

/* A row of imports.def. read walks the file once and calls import_act for each act, in order. Returns 0, or -1 after import_wrong. */
struct import_format {
    const char *name;
    int (*read)(struct import *);
    const char *summary;
    const char *lost; /* what does not come through */
};

/* Gives out one act of a person at an instant (ms since 1970). `who` is the foreign id, `person_name` what the file calls them (NULL: nothing). `act` is taken over: an object with
 * "act" and its fields; texts in it are cleaned of phone numbers, mail addresses and tokens. Acts before the one written last happen with it. Returns 0, or -1 after import_wrong. */
int import_act(struct import *import, int64_t at_ms, const char *who, const char *person_name,
               json_t *act);

/* Something that is nobody's act. */
void import_skip(struct import *import);

/* `path:line: what`, once; gives -1. */
int import_wrong(struct import *import, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Cleans a text: phone numbers, mail addresses, access tokens and long digit strings become stand-ins, the same one for the same text in a file. A new reference. */
json_t *import_clean(const struct import *import, const char *text);

/* Reads the next line of at most 16 MiB into *line (owned by the caller, grown), without its end; 1, 0 at the end, -1 after import_wrong. */
int import_line(struct import *import, char **line, size_t *room, size_t *n);

/* One webhook body ({"object":"page","entry":[...]}): its acts (import_webhooks.c). */
int import_body(struct import *import, const json_t *body);

int import_webhooks(struct import *import);
int import_har(struct import *import);
int import_inbox(struct import *import);
int import_conversations(struct import *import);
int import_csv(struct import *import);

#endif
