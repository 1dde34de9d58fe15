# Standardised differences by R's glm, and Brier scores from rows with R's survfit and coxph, which
# the kernel's tests compare with. Run from the clone:
#   Rscript tests/reference/accuracy.R
# It writes accuracy.json beside itself. Neither the project nor its tests need R.
library(survival)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")

# 240 customers from a fixed recurrence, so that both sides have the same rows
i <- 0:239
exit <- 1 + (i * i + 3 * i + i %/% 8) %% 9
left <- as.integer((i * 5 + i %/% 3) %% 4 != 0)
a <- (i + i %/% 10) %% 3
b <- (i %/% 2 + i %/% 7) %% 2
rows <- data.frame(exit, left, a, b)

# standardisation: everybody's months with a factor set to a level
long <- do.call(rbind, lapply(seq_along(i), function(k) {
  t <- 1:exit[k]
  data.frame(t = t, y = as.integer(t == exit[k] & left[k] == 1), a = a[k], b = b[k])
}))
link <- binomial(link = "cloglog")
strict <- glm.control(epsilon = 1e-15, maxit = 100)
decided <- function(y, key) { share <- ave(y, key); share > 0 & share < 1 }
one <- long[decided(long$y, long$t), ]
plain <- glm(y ~ factor(t) + factor(a) + factor(b) - 1, link, one, control = strict)
two <- long[decided(long$y, interaction(long$t, long$b)), ]
strata <- glm(y ~ interaction(t, b, drop = TRUE) + factor(a) - 1, link, two, control = strict)
# units in which nobody leaves have hazard 0
survival <- function(fit, used, by, level, last) {
  set <- rows
  set[[by]] <- level
  stay <- rep(1, nrow(set))
  curve <- mean(stay)
  for (t in 1:last) {
    known <- if (identical(used, "t")) t %in% one$t else
      paste(t, set$b) %in% paste(two$t, two$b)
    known <- rep(known, length.out = nrow(set))
    hazard <- rep(0, nrow(set))
    if (any(known)) hazard[known] <- predict(fit, cbind(set, t = t)[known, ], type = "response")
    stay <- stay * (1 - hazard)
    curve <- c(curve, mean(stay))
  }
  curve
}
asked <- function(fit, used, by, level) {
  gap <- survival(fit, used, by, level, 6) - survival(fit, used, by, 0, 6)
  array(c(sum(gap[1:7]), gap[4], gap[7]))
}

# Brier scores: a censored customer was still there at the end of the last unit seen
cox <- coxph(Surv(exit, left) ~ factor(a) + factor(b), rows, ties = "breslow")
grid <- expand.grid(b = 0:1, a = 0:2)
at <- 1:6
stays <- summary(survfit(cox, newdata = grid), times = at)$surv
own <- stays[, match(paste(a, b), paste(grid$a, grid$b))]
everybody <- summary(survfit(Surv(exit, left) ~ 1, rows), times = at)$surv
lost <- survfit(Surv(exit + 0.5 * (1 - left), 1 - left) ~ 1, rows)
seen <- function(t) summary(lost, times = t - 0.25, extend = TRUE)$surv
weight <- sapply(1:9, seen)
score <- function(t, s) {
  gone <- left == 1 & exit <= t
  there <- !gone & exit >= t
  mean(ifelse(gone, s^2 / weight[exit], ifelse(there, (1 - s)^2 / weight[t], 0)))
}
scores <- sapply(at, function(t) score(t, own[t, ]))
reference <- sapply(at, function(t) score(t, rep(everybody[t], nrow(rows))))

# the same, a curve of being lost for each level of a
apart <- survfit(Surv(exit + 0.5 * (1 - left), 1 - left) ~ a, rows)
within <- function(t, level) summary(apart[level + 1], times = t - 0.25, extend = TRUE)$surv
by <- sapply(1:9, function(t) sapply(0:2, function(level) within(t, level)))
grouped <- function(t, s) {
  gone <- left == 1 & exit <= t
  there <- !gone & exit >= t
  mean(ifelse(gone, s^2 / by[cbind(a + 1, exit)], ifelse(there, (1 - s)^2 / by[a + 1, t], 0)))
}
# some were lost before their observation had to end, after `reach` months
reach <- exit + ifelse(left == 1, i %% 4, ifelse(i %% 7 == 0, 2, 0))
early <- as.integer(left == 0 & exit < reach)
lost2 <- survfit(Surv(exit + 0.5 * early, early) ~ a, rows)
seen2 <- function(t, level) summary(lost2[level + 1], times = t - 0.25, extend = TRUE)$surv
by2 <- sapply(1:9, function(t) sapply(0:2, function(level) seen2(t, level)))
known <- function(t, s) {
  gone <- left == 1 & exit <= t
  there <- !gone & exit >= t
  mean(ifelse(gone, s^2 / by2[cbind(a + 1, exit)],
              ifelse(there, (1 - s)^2 / by2[a + 1, t], 0))[reach >= t])
}
first <- 1:4
in.groups <- sapply(first, function(t) grouped(t, own[t, ]))
by.reach <- sapply(first, function(t) known(t, own[t, ]))

values <- list(
  "made.with" = paste0('"R ', getRversion(), ", survival ", packageVersion("survival"), '"'),
  "exit" = array(exit), "left" = array(left), "a" = array(a), "b" = array(b),
  "standard.a1" = asked(plain, "t", "a", 1), "standard.a2" = asked(plain, "t", "a", 2),
  "standard.b1" = asked(plain, "t", "b", 1),
  "strata.a1" = asked(strata, "tb", "a", 1), "strata.b1" = asked(strata, "tb", "b", 1),
  "brier.stays" = array(stays), "brier.score" = array(scores), "brier.reference" = array(reference),
  "reach" = array(reach), "brier.groups" = array(in.groups), "brier.reach" = array(by.reach)
)
writeLines(paste0("{\n", paste0('  "', names(values), '": ', unlist(values), collapse = ",\n"),
                  "\n}"), file.path(here, "accuracy.json"))
