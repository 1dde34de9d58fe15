# Simultaneous bands and smoothed hazards, computed in R by other means than the kernel's. Run from the clone:
#   Rscript tests/reference/bands.R
# It writes bands.json beside itself. Neither the project nor its tests need R.
library(survival)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
object <- function(parts) {
  paste0("{\n", paste0('  "', names(parts), '": ', unlist(parts), collapse = ",\n"), "\n}")
}

# P(|W(v)| <= c sqrt(v) at all v): Brownian motion itself, followed by Simpson's rule between the
# limits of each step (the kernel follows the standardised chain by Gauss-Legendre quadrature)
within <- function(c, v, points = 1201) {
  simpson <- function(limit) {
    x <- seq(-limit, limit, length.out = points)
    h <- x[2] - x[1]
    list(x = x, w = h / 3 * c(1, rep(c(4, 2), length.out = points - 2), 1))
  }
  old <- simpson(c * sqrt(v[1]))
  f <- dnorm(old$x, sd = sqrt(v[1]))
  for (k in seq_along(v)[-1]) {
    new <- simpson(c * sqrt(v[k]))
    f <- outer(new$x, old$x, function(a, b) dnorm(a - b, sd = sqrt(v[k] - v[k - 1]))) %*%
      (old$w * f)
    old <- new
  }
  sum(old$w * f)
}
critical <- function(v, level = .95) {
  v <- unique(v)
  if (length(v) == 1) return(qnorm(.5 + level / 2))
  uniroot(function(c) within(c, v) - level, c(1.9, 4.5), tol = 1e-9)$root
}

# 60 customers with ties, in months: exit and whether they left
exit <- rep(c(1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12, 12, 13, 14, 15), 3)
left <- c(1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1,
          1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0,
          0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0)
s <- summary(survfit(Surv(exit, left) ~ 1), times = 1:15, extend = TRUE)
variance <- (s$std.err / s$surv)^2
span <- 3:13
c95 <- critical(variance[span])
step <- c95 * sqrt(variance[span]) / abs(log(s$surv[span]))

# the same by drawing half a million Brownian motions
set.seed(20240611)
walk <- 0
most <- numeric(500000)
for (k in seq_along(span)) {
  walk <- walk + rnorm(length(most), sd = sqrt(diff(c(0, variance[span]))[k]))
  most <- pmax(most, abs(walk) / sqrt(variance[span][k]))
}

# Miller and Siegmund (1982): the law of the largest deviation at every instant between a_L and a_U,
# from which the tables in the appendix of Klein and Moeschberger were made
instant <- function(low, high, level) {
  range <- log(high * (1 - low) / (low * (1 - high)))
  tail <- function(x) 4 * dnorm(x) / x + dnorm(x) * (x - 1 / x) * range
  uniroot(function(x) tail(x) - (1 - level), c(1.5, 6), tol = 1e-10)$root
}
low <- c(.1, .1, .05, .02, .1, .05)
high <- c(.6, .9, .95, .98, .9, .95)
level <- c(.95, .95, .95, .95, .90, .99)

# the hazard by month as local lines by weighted least squares, months 1-7 and 9-15 on their own
hazard <- s$n.event / s$n.risk
bandwidth <- 4
line <- function(t, part) {
  away <- part - t
  weight <- pmax(1 - (away / bandwidth)^2, 0)
  rest <- weight > 0
  h <- hazard[part]
  fit <- lm(h[rest] ~ away[rest], weights = weight[rest])
  # the fit is linear in the hazards: its coefficients on them give the error
  x <- cbind(1, away[rest])
  own <- solve(t(x) %*% (weight[rest] * x), t(x * weight[rest]))[1, ]
  v <- (hazard * (1 - hazard) / s$n.risk)[part][rest]
  c(coef(fit)[[1]], sqrt(sum(own^2 * v)))
}
parts <- list(1:7, 9:15)
smooth <- do.call(rbind, lapply(parts, function(p) t(sapply(p, line, part = p))))

values <- list(
  "made.with" = paste0('"R ', getRversion(), ", survival ", packageVersion("survival"), '"'),
  "exit" = array(exit), "left" = array(left), "span" = array(range(span)),
  "variance" = array(variance), "survival" = array(s$surv),
  "critical.90" = array(critical(variance[span], .90)), "critical.95" = array(c95),
  "critical.99" = array(critical(variance[span], .99)),
  "critical.95.drawn" = array(quantile(most, .95)),
  "low" = array(s$surv[span]^exp(step)), "high" = array(s$surv[span]^exp(-step)),
  "hazard" = array(hazard), "smooth.value" = array(smooth[, 1]), "smooth.se" = array(smooth[, 2]),
  "instant.low" = array(low), "instant.high" = array(high), "instant.level" = array(level),
  "instant.critical" = array(mapply(instant, low, high, level))
)
writeLines(object(values), file.path(here, "bands.json"))
