/* The shop behind the reference bot: understands what people write in five languages and builds the answers.
 * Knows nothing of windows, tokens or HTTP. */
#ifndef CLIENTS_SHOP_H
#define CLIENTS_SHOP_H

#include <jansson.h>

enum shop_lang { SHOP_EN, SHOP_TR, SHOP_AR, SHOP_RU, SHOP_FI, SHOP_LANGS };

/* What a person wants. Earlier ones win when a text holds several. */
enum shop_intent {
    SHOP_STOP,
    SHOP_START,
    SHOP_HUMAN,
    SHOP_NOTIFY,
    SHOP_ORDER,
    SHOP_HOURS,
    SHOP_PRODUCTS,
    SHOP_MENU,
    SHOP_THANKS,
    SHOP_GREET,
    SHOP_UNCLEAR,
    /* what only the bot itself brings about */
    SHOP_NOTED,
    SHOP_RESTOCKED,
    SHOP_COMMENTED,
};

/* Reads a text (UTF-8). *lang changes when words or letters show the language, else it stays. */
enum shop_intent shop_understand(const char *text, enum shop_lang *lang);

/* Reads the payload of a button or quick reply; SHOP_UNCLEAR when it is none of ours. */
enum shop_intent shop_payload(const char *payload);

/* The `message` object that answers; a new reference. NULL for SHOP_STOP, which is answered by silence. */
json_t *shop_answer_new(enum shop_intent intent, enum shop_lang lang);

#endif
