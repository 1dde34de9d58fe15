# Interval-censored curves and grouped-time rates, computed in R. Run from the clone:
#   Rscript tests/reference/turnbull.R
# It writes turnbull.json beside itself. Neither the project nor its tests need R.
library(survival)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
object <- function(parts) {
  paste0("{\n", paste0('  "', names(parts), '": ', unlist(parts), collapse = ",\n"), "\n}")
}

# Turnbull's own EM on the masses of all cells between two ends: leavers of an interval are shared
# out by mass, and for everybody seen from `entry` on as many are added as must have left earlier
em <- function(left, right, entry, rounds = 200000) {
  ends <- sort(unique(c(left, right[is.finite(right)], entry)))
  low <- ends
  high <- c(ends[-1], Inf)
  holds <- outer(left, low, "<=") & outer(right, high, ">=")
  there <- outer(entry, low, "<=")
  p <- rep(1 / length(low), length(low))
  for (i in seq_len(rounds)) {
    shared <- sweep(holds, 2, p, "*")
    ghost <- sweep(!there, 2, p, "*")
    d <- colSums(shared / rowSums(shared)) + colSums(ghost / rowSums(sweep(there, 2, p, "*")))
    new <- d / sum(d)
    if (max(abs(new - p)) < 1e-16) break
    p <- new
  }
  list(high = high[is.finite(high)], survival = 1 - cumsum(p)[is.finite(high)])
}

# 46 patients with radiotherapy alone, months to cosmetic deterioration: Finkelstein and Wolfe (1985)
rad.left <- c(45, 6, 0, 46, 46, 7, 17, 7, 37, 0, 4, 15, 11, 22, 46, 46, 25, 46, 26, 46, 27, 36, 46,
  36, 37, 40, 17, 46, 11, 38, 5, 37, 0, 18, 24, 36, 5, 19, 17, 24, 32, 33, 19, 37, 34, 36)
rad.right <- c(Inf, 10, 7, Inf, Inf, 16, Inf, 14, 44, 8, 11, Inf, 15, Inf, Inf, Inf, 37, Inf, 40, Inf,
  34, 44, Inf, 48, Inf, Inf, 25, Inf, 18, Inf, 12, Inf, 5, Inf, Inf, Inf, 11, 35, 25, Inf, Inf, Inf,
  26, Inf, Inf, Inf)
rad <- em(rad.left, rad.right, 0 * rad.left)
half <- survfit(Surv(rad.left, ifelse(is.finite(rad.right), rad.right, NA), type = "interval2") ~ 1)

# 24 customers, some seen from a later tenure on only
late.entry <- c(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8)
late.left  <- c(0, 0, 1, 1, 3, 3, 6, 6, 9, 9, 2, 4, 2, 3, 6, 3, 6, 4, 9, 6, 8, 7, 9, 9)
late.right <- c(2, 3, 3, 4, 6, 5, 9, Inf, 12, Inf, 7, 8, 4, 6, Inf, 6, 12, 6, Inf, 9, 10, Inf, 12,
  Inf)
late <- em(late.left, late.right, late.entry)

# looks after 1, 3, 6 and 12 months: at risk and gone in each interval, as a generalised linear model
from <- c(0, 1, 3, 6)
to <- c(1, 3, 6, 12)
risk <- c(400, 352, 270, 171)
gone <- c(31, 52, 60, 49)
rate <- glm(cbind(gone, risk - gone) ~ offset(log(to - from)), family = binomial("cloglog"),
  control = glm.control(epsilon = 1e-12, maxit = 100))
piece <- factor(from >= 3)
two <- glm(cbind(gone, risk - gone) ~ 0 + piece + offset(log(to - from)),
  family = binomial("cloglog"), control = glm.control(epsilon = 1e-12, maxit = 100))
# the model's error is from Fisher's expected information; the observed one, by differences
minus <- function(b) -sum(gone * log(-expm1(-exp(b) * (to - from))) -
  (risk - gone) * exp(b) * (to - from))
h <- 1e-3
b <- unname(coef(rate))
bend <- (-minus(b + 2 * h) + 16 * minus(b + h) - 30 * minus(b) + 16 * minus(b - h) -
  minus(b - 2 * h)) / (12 * h^2)

values <- list(
  "made.with" = paste0('"R ', getRversion(), ", survival ", packageVersion("survival"), '"'),
  "rad.left" = array(rad.left), "rad.right" = array(ifelse(is.finite(rad.right), rad.right, NA)),
  "rad.time" = array(rad$high), "rad.survival" = array(rad$survival),
  "rad.survfit.time" = array(half$time), "rad.survfit" = array(half$surv),
  "late.entry" = array(late.entry), "late.left" = array(late.left),
  "late.right" = array(ifelse(is.finite(late.right), late.right, NA)),
  "late.time" = array(late$high), "late.survival" = array(late$survival),
  "looks.from" = array(from), "looks.to" = array(to), "looks.risk" = array(risk),
  "looks.gone" = array(gone), "looks.rate" = array(exp(coef(rate))),
  "looks.rate.log.se" = array(1 / sqrt(bend)), "looks.rates" = array(exp(coef(two)))
)
writeLines(object(values), file.path(here, "turnbull.json"))
