/* SPDX-License-Identifier: Apache-2.0 */
/* Short lists of words that only bind a sentence together. Words that turn a stance (not, without,
 * against; tidak, tanpa, bukan) are left out of the lists on purpose. */
#include "text/stop_words.h"

#include <string.h>

static const char indonesian[] =
    "yang dan di ke dari dengan untuk pada dalam adalah ini itu oleh sebagai juga akan telah sudah "
    "para atau ia dia mereka kami kita saya aku anda kamu nya pun lah kah serta bahwa agar supaya "
    "karena sehingga ketika saat setelah sebelum hingga sampai antara tersebut yaitu yakni ialah "
    "lagi masih sedang bagi terhadap tentang maupun namun tetapi tapi jika bila kalau maka seperti "
    "secara sangat lebih paling dapat bisa ada hal sang si";

static const char english[] =
    "a an the and or of to in on at by for with from as is are was were be been being it its this "
    "that these those he she they we you i his her their our your my me him them us who whom which "
    "what when where there here has have had do does did will would shall should can could may "
    "might must than then so such into over under about between through during also s t";

const char *stop_words(const char *language)
{
    if (strcmp(language, "id") == 0 || strcmp(language, "indonesian") == 0)
        return indonesian;
    if (strcmp(language, "en") == 0 || strcmp(language, "english") == 0)
        return english;
    return NULL;
}
