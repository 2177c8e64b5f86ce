/* import.h - somebody's recording into ours: reads a foreign format, gives out acts, hides who the people are. Writes to stdout only when the whole file has been read
 * and understood, so that nothing is ever half imported. Knows no server. One importer a row of imports.def, one format a file import_*.c. */
#ifndef UNDERSTUDY_CONFORMANCE_IMPORT_H
#define UNDERSTUDY_CONFORMANCE_IMPORT_H

#include <jansson.h>
#include <locale.h>
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
    json_t *skipped;    /* what is nobody's act, or cannot be told -> how often; owned */
    json_t *names;      /* words of people's names, in small letters -> stand-in; owned */
    locale_t letters;   /* what a letter is, in any alphabet; owned */
    json_t *acts_known; /* of the server; NULL until one is looked up; owned */
    int64_t
        late_ms_max; /* how far an act may stand behind later ones: logs of retries; 0: not at all */
    uint64_t *seen;  /* IMPORT_SEEN ids of messages that came last; owned */
    size_t seen_next;
};

enum { IMPORT_SEEN = 65536 };

/* A row of imports.def. read walks the file once and calls import_act for each act, in order. Returns 0, or -1 after import_wrong. */
struct import_format {
    const char *name;
    int (*read)(struct import *);
    const char *summary;
    const char *lost; /* what does not come through */
};

/* Gives out one act of a person at an instant (ms since 1970). `who` is the foreign id, `person_name` what the file calls them (NULL: nothing). `act` is taken over: an object with
 * "act" and its fields; texts in it are cleaned of phone numbers, mail addresses and tokens. An act that stands behind later ones happens with the last of them, when it is not later than late_ms_max. Returns 0, or -1 after import_wrong. */
int import_act(struct import *import, int64_t at_ms, const char *who, const char *person_name,
               json_t *act);

/* Something that does not come through, in the words of the summary: "3 calls", "1 echo of the client's own". */
void import_skip(struct import *import, const char *what);

/* True when the id came lately: the platform tells again what was not answered. */
bool import_seen_before(struct import *import, const char *id);

/* ISO 8601 with T or a space, with or without seconds, parts of them and a zone (none: UTC); the day also as 2024/03/01 or 01.03.2024; seconds or ms since 1970. False
 * when it is anything else (import_time.c). */
bool import_read_time(const char *text, int64_t *at_ms);

/* An act that the file names itself gets the fields that the server knows of it: a text may be its title, what has no place is left out and counted. 0, or -1 after import_wrong
 * when there is no such act, or it needs more (import_acts.c). */
int import_fit_act(struct import *import, json_t *act);

/* `path:line: what`, once; gives -1. */
int import_wrong(struct import *import, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Cleans a text: phone numbers, mail addresses, access tokens and long digit strings become stand-ins, the same one for the same text in a file. A new reference. */
json_t *import_clean(const struct import *import, const char *text);

/* One character of a text in UTF-8. Gives its length; 0 at the end (import_names.c). */
size_t import_character(const char *text, uint32_t *c);

/* The words of a person's name, but for initials, from now on have this stand-in. */
void import_learn_name(struct import *import, const char *person_name, const char *stand_in);

/* The length of a person's name that begins at text[i], and what stands for it; 0: none. */
size_t import_name_at(const struct import *import, const char *text, size_t i,
                      const char **stand_in);

/* Reads the next line of at most 16 MiB into *line (owned by the caller, grown), without its end; 1, 0 at the end, -1 after import_wrong. */
int import_line(struct import *import, char **line, size_t *room, size_t *n);

/* Every JSON document of the file, however many stand in it one after the other. A new array, or NULL after import_wrong (import_documents.c). */
json_t *import_documents(struct import *import, const char *expected);

/* What stands in base64. A new text, NULL when it is none (import_har.c). */
char *import_base64(const char *text);

/* The platform goes on trying for an hour: so late may an event stand in a log. */
#define IMPORT_RETRIES_MS INT64_C(3600000)

/* One webhook body ({"object":"page","entry":[...]}): its acts (import_webhooks.c). */
int import_body(struct import *import, const json_t *body);

int import_webhooks(struct import *import);
int import_har(struct import *import);
int import_inbox(struct import *import);
int import_conversations(struct import *import);
int import_csv(struct import *import);

#endif
