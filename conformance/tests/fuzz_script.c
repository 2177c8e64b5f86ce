/* Random bytes as a scenario: read, and checked when it can be read. Every mistake is a complaint with a line, never a crash. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/check.h"
#include "conformance/complaints.h"
#include "conformance/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
must(int fact)
{
    if (!fact)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct complaints complaints = {0};
    struct script *script =
        script_read_bytes("random.scn", "random", (const char *)bytes, size, &complaints);

    must(script != NULL);
    if (complaints.count == 0)
        check_script(script, &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        must(strncmp(complaints.lines[i], "random.scn:", strlen("random.scn:")) == 0);
    script_free(&script);
    complaints_fini(&complaints);
    return 0;
}
