/* Text inside other languages. Nothing here knows what the text says. */
#ifndef REPORTS_MARKUP_H
#define REPORTS_MARKUP_H

#include <stdio.h>

/* For XML and HTML, in text and in attributes of either quote. What XML 1.0 cannot hold becomes
 * U+FFFD. */
void markup_xml(FILE *out, const char *text);

/* The same for text that the function frees. */
void markup_xml_new(FILE *out, char *text);

/* For a cell of a Markdown table: one line, nothing of it is markup. */
void markup_md(FILE *out, const char *text);

/* Between backquotes, in a cell too. */
void markup_md_code(FILE *out, const char *text);

/* A path as the relative reference of a URI. The caller frees it. */
char *markup_uri_new(const char *path);

#endif
