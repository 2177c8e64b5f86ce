/* What each kind of template must fulfil beyond its shape (send.md 2). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"
#include "graph/attachment.h"
#include "graph/button.h"
#include "graph/content.h"
#include "graph/fields.h"

static bool
has_text(const struct jnode *object, const char *key)
{
    return json_text(json_get(object, key)).n > 0;
}

static const struct jnode *
first_of(const struct jnode *payload, const char *key)
{
    const struct jnode *list = json_get(payload, key);

    return list != NULL ? list->first : NULL;
}

enum graph_err
content_generic(struct call *c, const struct jnode *payload)
{
    enum graph_err error = ERR_NONE;
    unsigned index = 0;

    for (const struct jnode *e = first_of(payload, "elements"); e != NULL && error == ERR_NONE; e = e->next, index++) {
        call_saw(c, RULE_FORM_ELEMENT);
        if (!has_text(e, "subtitle") && !has_text(e, "image_url") && json_get(e, "buttons") == NULL && json_get(e, "default_action") == NULL)
            return call_fail(c, RULE_FORM_ELEMENT, ERR_ELEMENT_INCOMPLETE, NULL);
        if (has_text(e, "item_url") && json_get(e, "default_action") != NULL)
            return call_fail(c, RULE_FORM_ELEMENT, ERR_ELEMENT_TWO_URLS, NULL);
        if ((error = check_tap(c, json_get(e, "default_action"))) == ERR_NONE)
            error = check_buttons(c, json_get(e, "buttons"), index);
    }
    return error;
}

enum graph_err
content_buttons(struct call *c, const struct jnode *payload)
{
    return check_buttons(c, json_get(payload, "buttons"), OF_PAYLOAD);
}

enum graph_err
content_grid(struct call *c, const struct jnode *payload)
{
    enum graph_err error = ERR_NONE;

    for (const struct jnode *e = first_of(payload, "elements"); e != NULL && error == ERR_NONE; e = e->next)
        error = check_tap(c, json_get(e, "default_action"));
    return error != ERR_NONE ? error : check_buttons(c, json_get(payload, "buttons"), OF_PAYLOAD);
}

enum graph_err
content_list(struct call *c, const struct jnode *payload)
{
    enum graph_err error = content_generic(c, payload);

    return error != ERR_NONE ? error : check_buttons(c, json_get(payload, "buttons"), OF_PAYLOAD);
}

enum graph_err
content_open_graph(struct call *c, const struct jnode *payload)
{
    return check_buttons(c, json_get(first_of(payload, "elements"), "buttons"), 0);
}

/* The title of an opt-in request had no default before 2023-02-21 (send.md 5.2). */
enum graph_err
content_recurring(struct call *c, const struct jnode *payload)
{
    if (!span_has(era_row(ERA_RN_TITLE_NEEDED)->span, c->as_of) || has_text(payload, "title"))
        return ERR_NONE;
    return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "name_placeholder[title]", NULL);
}

/* ---- media ---------------------------------------------------------------------------------------------------------------------- */

static bool
ends_with(struct str text, struct str end)
{
    return text.n >= end.n && memcmp(text.s + text.n - end.n, end.s, end.n) == 0;
}

/* Pictures and videos that the platform's own pages show; its file servers and everybody else's addresses are refused, each in its way. Which of the texts for a
 * page that cannot be read goes with what is inferred. */
static enum graph_err
check_media_url(struct call *c, struct str type, struct str url)
{
    static const char *const shown[] = { "photo", "video", "watch", "reel" };
    const struct url_answer answer = url_answer(c->world, url);
    struct str host = url_host(url);
    bool is_shown = false;

    if (ends_with(host, STR(".fbcdn.net")) || ends_with(host, STR(".fbsbx.com")))
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_URL_EXTERNAL, NULL);
    if (!str_eq_lit(host, "facebook.com") && !ends_with(host, STR(".facebook.com")) && !str_eq_lit(host, "fb.watch"))
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_URL_FOREIGN, NULL);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        is_shown = is_shown || memmem(url.s, url.n, shown[i], strlen(shown[i])) != NULL;
    if (!is_shown)
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_URL_UNSUPPORTED, NULL);
    if (answer.how == URL_TIMES_OUT)
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_PREVIEW, NULL);
    if (answer.how == URL_TOO_LARGE)
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_PREVIEW_URL, NULL);
    if (answer.how == URL_FAILS || (answer.content_type.s != NULL && !attachment_type_fits(type, answer.content_type)))
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_FROM_URL, NULL);
    return ERR_NONE;
}

static enum graph_err
check_media_id(struct call *c, struct str type, struct str id)
{
    const struct node *saved = NULL;

    if (id.n == 0)
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_ATTACHMENT_ID_MISSING, NULL);
    enum graph_err error = check_attachment_id(c, id, &saved);
    if (error != ERR_NONE)
        return error;
    if (saved->text != NULL && !str_eq_nocase(type, str_of(saved->text)))
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_TYPE, NULL);
    return ERR_NONE;
}

enum graph_err
content_media(struct call *c, const struct jnode *payload)
{
    const struct jnode *element = first_of(payload, "elements");
    struct str type = json_text(json_get(element, "media_type"));
    struct str url = json_text(json_get(element, "url")), id = json_text(json_get(element, "attachment_id"));

    call_saw(c, RULE_FORM_MEDIA);
    if (!str_eq_nocase(type, STR("image")) && !str_eq_nocase(type, STR("video")))
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_TYPE, NULL);
    if (url.s == NULL && id.s == NULL)
        return call_fail(c, RULE_FORM_MEDIA, ERR_MEDIA_URL_OR_ID, NULL);
    if (url.s != NULL && id.s != NULL)
        return call_fail(c, RULE_FORM_MEDIA, ERR_EXACTLY_ONE, "url, attachment_id", NULL);
    enum graph_err error = id.s != NULL ? check_media_id(c, type, id) : check_media_url(c, type, url);
    return error != ERR_NONE ? error : check_buttons(c, json_get(element, "buttons"), 0);
}

/* ---- receipt -------------------------------------------------------------------------------------------------------------------- */

/* ISO 4217 codes that the platform's payments knew; anything else is refused with its name [observed for lower case; the list is inferred]. */
static const char currencies[] =
    "AED ARS AUD BDT BGN BHD BOB BRL CAD CHF CLP CNY COP CRC CZK DKK DZD EGP EUR GBP GTQ HKD HNL HRK HUF IDR ILS INR IQD ISK JOD JPY KES KRW KWD KZT "
    "LBP LKR MAD MOP MXN MYR NGN NIO NOK NZD OMR PAB PEN PHP PKR PLN PYG QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VES VND XAF XOF ZAR";

static bool
is_currency(struct str code)
{
    if (code.n != 3)
        return false;
    for (const char *at = currencies; *at != '\0'; at += at[3] == ' ' ? 4 : 3)
        if (memcmp(at, code.s, 3) == 0)
            return true;
    return false;
}

/* Decimals a currency has. */
static unsigned
decimals_of(struct str currency)
{
    static const char without[] = "CLP ISK JPY KRW PYG VND XAF XOF";

    for (const char *at = without; *at != '\0'; at += at[3] == ' ' ? 4 : 3)
        if (currency.n == 3 && memcmp(at, currency.s, 3) == 0)
            return 0;
    return 2;
}

/* A positive amount with a dot and no more decimals than the currency has. */
static bool
is_amount_text(struct str text, unsigned decimals)
{
    size_t i = 0, fraction = 0;

    while (i < text.n && text.s[i] >= '0' && text.s[i] <= '9')
        i++;
    if (i == 0)
        return false;
    if (i < text.n && text.s[i] == '.')
        for (i++; i < text.n && text.s[i] >= '0' && text.s[i] <= '9'; i++)
            fraction += text.s[i] != '0' || i + 1 < text.n ? 1 : 0;
    return i == text.n && fraction <= decimals;
}

/* Numbers come as clients write them: 4.9500000000000002 is 4.95. */
static bool
is_amount(const struct jnode *amount, unsigned decimals)
{
    struct str text = json_text(amount);
    char digits[64];

    if (amount->type != J_NUMBER || text.n >= sizeof digits)
        return is_amount_text(text, decimals);
    snprintf(digits, sizeof digits, "%.*s", STR_ARG(text));
    double value = strtod(digits, NULL) * (decimals == 0 ? 1 : 100);
    if (!(value >= 0 && value < 1e15))
        return false;
    double whole = (double)(int64_t)(value + 0.5);
    return value - whole < 1e-6 && whole - value < 1e-6;
}

/* Seconds since 1970, as text or number. Anything else once made the platform answer 1200, as if the fault were its own [observed]. */
static bool
is_seconds(const struct jnode *timestamp)
{
    struct str text = json_text(timestamp);

    for (size_t i = 0; i < text.n; i++)
        if (text.s[i] < '0' || text.s[i] > '9')
            return false;
    return true;
}

enum graph_err
content_receipt(struct call *c, const struct jnode *payload)
{
    static const char *const amounts[] = { "total_cost", "subtotal", "shipping_cost", "total_tax" };
    struct str currency = json_text(json_get(payload, "currency"));
    const struct jnode *summary = json_get(payload, "summary");

    call_saw(c, RULE_FORM_RECEIPT);
    if (!is_currency(currency))
        return call_fail_str(c, RULE_FORM_RECEIPT, ERR_CURRENCY, currency);
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        const struct jnode *amount = json_get(summary, amounts[i]);

        if (amount != NULL && amount->type != J_NULL && !is_amount(amount, decimals_of(currency)))
            return call_fail(c, RULE_FORM_RECEIPT, ERR_RECEIPT_AMOUNT, NULL);
    }
    if (!is_seconds(json_get(payload, "timestamp")))
        return call_fail(c, RULE_FORM_RECEIPT, ERR_TEMPORARY_SEND_FAILURE, NULL);
    for (const struct jnode *e = first_of(payload, "elements"); e != NULL; e = e->next)
        if (has_text(e, "currency") && !is_currency(json_text(json_get(e, "currency"))))
            return call_fail_str(c, RULE_FORM_RECEIPT, ERR_CURRENCY, json_text(json_get(e, "currency")));
    return ERR_NONE;
}

/* ---- coupon, product, feedback ---------------------------------------------------------------------------------------------------- */

enum graph_err
content_coupon(struct call *c, const struct jnode *payload)
{
    struct str code = json_text(json_get(payload, "coupon_code"));

    call_saw(c, RULE_FORM_COUPON);
    if (code.n == 0 && !has_text(payload, "coupon_url"))
        return call_fail(c, RULE_FORM_COUPON, ERR_PARAM_REQUIRED, "name_placeholder[coupon_code]", NULL);
    if (memchr(code.s != NULL ? code.s : "", ' ', code.n) != NULL)
        return call_fail(c, RULE_FORM_COUPON, ERR_INVALID_PARAMETER, NULL);
    return ERR_NONE;
}

/* Products of the page's catalog: any number is one, unless the world says that its outside does not answer for it. */
enum graph_err
content_product(struct call *c, const struct jnode *payload)
{
    call_saw(c, RULE_FORM_PRODUCT);
    if (c->version < 800)
        return call_fail(c, RULE_FORM_PRODUCT, ERR_PRODUCT_VERSION, NULL);
    for (const struct jnode *e = first_of(payload, "elements"); e != NULL; e = e->next) {
        struct str id = json_text(json_get(e, "id"));

        if (digits_read(id.s, id.n) == 0 || world_url_answer(c->world, id) != NULL)
            return call_fail(c, RULE_FORM_PRODUCT, ERR_PRODUCT_ID, NULL);
    }
    return ERR_NONE;
}

static bool
has_link(struct str text)
{
    return memmem(text.s != NULL ? text.s : "", text.n, "://", 3) != NULL || memmem(text.s != NULL ? text.s : "", text.n, "www.", 4) != NULL;
}

/* Titles hold no URLs; a question's id is letters, digits and underscores; its title has 5 characters or more (send.md 2.7). */
enum graph_err
content_feedback(struct call *c, const struct jnode *payload)
{
    static const char *const titles[] = { "title", "subtitle", "button_title" };
    const struct jnode *question = first_of(first_of(payload, "feedback_screens"), "questions");
    struct str id = json_text(json_get(question, "id")), title = json_text(json_get(question, "title"));

    call_saw(c, RULE_FORM_FEEDBACK);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (has_link(json_text(json_get(payload, titles[i]))))
            return call_fail(c, RULE_FORM_FEEDBACK, ERR_INVALID_PARAMETER, NULL);
    for (size_t i = 0; i < id.n; i++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", id.s[i]) == NULL)
            return call_fail(c, RULE_FORM_FEEDBACK, ERR_INVALID_PARAMETER, NULL);
    if (title.s != NULL && utf8_length(title) < 5)
        return call_fail(c, RULE_FORM_FEEDBACK, ERR_INVALID_PARAMETER, NULL);
    return ERR_NONE;
}
