/* unconst.h - for interfaces of libraries that take `char *` and only read, or give `const` to what is ours to write. */
#ifndef UNDERSTUDY_EDGE_UNCONST_H
#define UNDERSTUDY_EDGE_UNCONST_H

static inline void *
unconst(const void *pointer)
{
    union {
        const void *constant;
        void *writable;
    } either = {.constant = pointer};

    return either.writable;
}

#endif
