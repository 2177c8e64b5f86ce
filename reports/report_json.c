/* The complete tree, keys sorted, so that the same journals give the same bytes. */
#include "reports/writers.h"

void
report_json(json_t *tree, FILE *out)
{
    /* Ratios carry one decimal; requests that hold other numbers keep fifteen digits of them. */
    json_dumpf(tree, out, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    fputc('\n', out);
}
