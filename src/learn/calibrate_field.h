/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_CALIBRATE_FIELD_H
#define SIKAP_LEARN_CALIBRATE_FIELD_H

#include "learn/threshold.h"
#include "model/model.h"

/* Probabilities of a field's labels from out-of-fold scores. AUTO takes the isotonic curve for
 * labels with at least CALIBRATE_LEAST documents that have it and as many that have not, where its
 * log loss, fitted on all folds but one and measured on that one, is below Platt's by more than two
 * standard errors of the difference: with few documents steps follow chance, with many a sigmoid
 * may have the wrong shape (Niculescu-Mizil and Caruana, Predicting good probabilities with
 * supervised learning, ICML 2005). */
enum calibration { CALIBRATE_NO, CALIBRATE_PLATT, CALIBRATE_ISOTONIC, CALIBRATE_AUTO };
enum { CALIBRATE_LEAST = 100 };

/* Fills Platt's numbers and curves of the field's labels, and marks the field as calibrated. Labels
 * of the input are the field's. NO does nothing. */
int calibrate_field(sikap_model *m, struct model_field *field, const struct threshold_input *input,
                    enum calibration kind, sikap_error *err);

/* Quantiles of how sure the model, with its thresholds and calibration in place, is of these
 * documents; none where it cannot tell (a multi field without probabilities). */
int calibrate_certainty(sikap_model *m, struct model_field *field,
                        const struct threshold_input *input, sikap_error *err);

#endif
