/* Feeds the files of a folder to a fuzzer's function, one after the other: what random input once found stays found. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEED_SIZE_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int
feed(const char *folder, const char *name)
{
    static uint8_t seed[SEED_SIZE_MAX];
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return 0;
    size_t size = fread(seed, 1, sizeof seed, file);
    uint8_t *exact = malloc(size + 1); /* its end is watched by the sanitizer */

    fclose(file);
    for (size_t i = 0; i < size; i++)
        exact[i] = seed[i];
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 1;
}

int
main(int argc, char **argv)
{
    int fed = 0;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (folder == NULL) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (entry->d_name[0] != '.')
            fed += feed(argv[1], entry->d_name);
    closedir(folder);
    printf("%d seeds\n", fed);
    return fed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
