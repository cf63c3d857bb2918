/* SPDX-License-Identifier: Apache-2.0 */
/* Labels one text: label MODEL TEXT. Built with: cc label.c $(pkg-config --cflags --libs sikap) */
#include <sikap.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: label MODEL TEXT\n", stderr);
        return SIKAP_USAGE;
    }
    sikap_error err = {0};
    sikap_model *model = NULL;
    sikap_scorer *scorer = NULL;
    float *scores = NULL;
    unsigned char *given = NULL;
    const sikap_segment text = {.name = "text", .text = argv[2], .n = strlen(argv[2])};
    int status = sikap_model_load(&model, argv[1], &err);
    if (status == 0)
        status = sikap_scorer_new(&scorer, model, &err);
    if (status != 0)
        goto done;
    scores = malloc(sikap_model_n_all_labels(model) * sizeof *scores);
    given = malloc(sikap_model_n_all_labels(model));
    status = SIKAP_SYSTEM;
    if (scores != NULL && given != NULL)
        status = sikap_score(scorer, &text, 1, scores, &err);
    if (status != 0)
        goto done;
    sikap_choose(model, scores, given);
    for (size_t f = 0; f < sikap_model_n_fields(model); f++)
        for (size_t i = 0; i < sikap_model_n_labels(model, f); i++) {
            const size_t label = sikap_model_first_label(model, f) + i;
            if (given[label])
                printf("%s\t%s\t%.3f\n", sikap_model_field(model, f),
                       sikap_model_label(model, label), (double)scores[label]);
        }

done:
    if (status != 0)
        fprintf(stderr, "label: %s\n", err.message[0] != '\0' ? err.message : "out of memory");
    free(given);
    free(scores);
    sikap_scorer_free(scorer);
    sikap_model_free(model);
    return status;
}
