/* The schema checker of the reports' tests, for ours. */
#include "reports/tests/schema.c"
