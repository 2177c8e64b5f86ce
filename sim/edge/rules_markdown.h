/* rules_markdown.h - the fidelity table: every row of every table of the platform, with how sure we are of it and where it comes from, as one page of Markdown
 * (docs/fidelity.md). It says nothing that depends on the day it is made. */
#ifndef UNDERSTUDY_EDGE_RULES_MARKDOWN_H
#define UNDERSTUDY_EDGE_RULES_MARKDOWN_H

#include <stdio.h>

#include "core/span.h"

void rules_markdown_write(FILE *out, ms_t as_of);

#endif
