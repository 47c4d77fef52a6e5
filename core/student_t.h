// Student's t, central and noncentral: what a few repeats can say of a mean.
//
//     StudentQuantile(0.975, 2)             // 4.303: the half-width of an interval from 3 repeats
//     DetectableShift(4, 0.95, 0.8)         // how many standard errors a true shift has to have
//
// The numbers are Boost.Math's. Pure functions; arguments out of range give NaN, never an
// exception.
#ifndef CORE_STUDENT_T_H_
#define CORE_STUDENT_T_H_

namespace drumline {

// The value that Student's t with [degrees] degrees of freedom (above 0, fractions allowed) does
// not exceed with [probability], in (0, 1).
double StudentQuantile(double probability, double degrees);

// How probably a two-sided test at [confidence] notices a true shift of [shift] standard errors:
// P(|T| > t), where T is noncentral t with the noncentrality [shift] and t is the central one's
// quantile. Cohen: Statistical Power Analysis, 2nd ed. 1988, section 12.7 (noncentral t).
double PowerOfShift(double shift, double degrees, double confidence);

// The smallest shift, in standard errors, that is noticed with [power]: PowerOfShift's inverse.
double DetectableShift(double degrees, double confidence, double power);

}  // namespace drumline

#endif  // CORE_STUDENT_T_H_
