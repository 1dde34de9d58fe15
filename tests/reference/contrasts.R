# Values of R's survival package (and of plain loops) for tests of contrasts. Run from the clone:
#   Rscript tests/reference/contrasts.R
# It writes contrasts.json beside itself. Neither the project nor its tests need R.
library(survival)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
object <- function(parts) {
  paste0("{\n", paste0('  "', names(parts), '": ', unlist(parts), collapse = ",\n"), "\n}")
}
chisq <- function(formula, data, rho = 0) survdiff(formula, data = data, rho = rho)$chisq

# Fleming and Harrington's (rho, gamma), two groups, by a loop over days and strata; survdiff
# knows rho only
weighted <- function(time, gone, group, rho, gamma, strata = rep(1, length(time))) {
  excess <- variance <- 0
  for (s in unique(strata)) {
    stay <- 1
    for (t in sort(unique(time[gone & strata == s]))) {
      n <- sum(time >= t & strata == s)
      a <- sum(time >= t & strata == s & group)
      d <- sum(time == t & gone & strata == s)
      x <- sum(time == t & gone & strata == s & group)
      w <- stay^rho * (1 - stay)^gamma
      excess <- excess + w * (x - d * a / n)
      if (n > 1) variance <- variance + w^2 * d * a / n * (1 - a / n) * (n - d) / (n - 1)
      stay <- stay * (1 - d / n)
    }
  }
  excess^2 / variance
}

known <- subset(lung, !is.na(ph.ecog))
man <- lung$sex == 1
dead <- lung$status == 2
by_sex <- Surv(time, status) ~ sex
in_strata <- Surv(time, status) ~ sex + strata(ph.ecog)
three <- subset(lung, ph.ecog %in% 0:2)

# the restricted mean and its error, S and its error, of one group
mean_of <- function(data, last) {
  fit <- survfit(Surv(time, status) ~ 1, data = data)
  as.numeric(summary(fit, rmean = last)$table[c("rmean", "se(rmean)")])
}
share_of <- function(data, at) {
  s <- summary(survfit(Surv(time, status) ~ 1, data = data), times = at)
  c(s$surv, s$std.err)
}
men <- subset(lung, sex == 1)
women <- subset(lung, sex == 2)

# women less men within grades 0 to 2 and 365 days, grades weighed by their size
grades <- 0:2
size <- sapply(grades, function(g) sum(three$ph.ecog == g))
parts <- sapply(grades, function(g) {
  f <- mean_of(subset(women, ph.ecog == g), 365)
  m <- mean_of(subset(men, ph.ecog == g), 365)
  c(f[1] - m[1], f[2]^2 + m[2]^2)
})
share <- size / sum(size)
stratified <- c(sum(share * parts[1, ]), sqrt(sum(share^2 * parts[2, ])))

# each grade against the two others: limits of both on the logit scale of mean / 365, put together
# so that the three intervals hold at once; p is read off the limit towards 0
wide <- qnorm(1 - .05 / 6)
logit <- function(mean, se, sign) {
  365 * plogis(qlogis(mean / 365) + sign * wide * se * 365 / (mean * (365 - mean)))
}
rest <- sapply(grades, function(g) {
  own <- mean_of(subset(three, ph.ecog == g), 365)
  others <- mean_of(subset(three, ph.ecog != g), 365)
  difference <- own[1] - others[1]
  limit <- function(sign) {
    steps <- c(logit(own[1], own[2], sign) - own[1], logit(others[1], others[2], -sign) - others[1])
    difference + sign * sqrt(sum(steps^2))
  }
  towards <- if (difference > 0) limit(-1) else limit(1)
  p <- 2 * pnorm(-wide * abs(difference / (difference - towards)))
  c(difference, sqrt(own[2]^2 + others[2]^2), limit(-1), limit(1), p)
})

# primary biliary cholangitis, the 312 randomised patients
trial <- subset(pbc, !is.na(trt))
p <- c(.04, .001, .5, .04, .012, .9, .0004, 1, .03, .2)

values <- list(
  "made.with" = paste0('"R ', getRversion(), ", survival ", packageVersion("survival"), '"'),
  "lung.sex.rho.1" = array(chisq(by_sex, lung, 1)),
  "lung.sex.rho.0.5" = array(chisq(by_sex, lung, 0.5)),
  "lung.sex.gamma.1" = array(weighted(lung$time, dead, man, 0, 1)),
  "lung.sex.rho.1.gamma.2" = array(weighted(lung$time, dead, man, 1, 2)),
  "lung.sex.by.ecog" = array(chisq(in_strata, known)),
  "lung.sex.by.ecog.rho.1" = array(chisq(in_strata, known, 1)),
  "lung.sex.by.ecog.gamma.1" =
    array(weighted(known$time, known$status == 2, known$sex == 1, 0, 1, known$ph.ecog)),
  "lung.ecog.rho.1" = array(chisq(Surv(time, status) ~ ph.ecog, three, 1)),
  "lung.ecog.by.sex" = array(chisq(Surv(time, status) ~ ph.ecog + strata(sex), three)),
  "lung.ecog.by.sex.rho.1" = array(chisq(Surv(time, status) ~ ph.ecog + strata(sex), three, 1)),
  "lung.mean.women" = array(mean_of(women, 365)),
  "lung.mean.men" = array(mean_of(men, 365)),
  "lung.share.women" = array(share_of(women, 365)),
  "lung.share.men" = array(share_of(men, 365)),
  "lung.stratified" = array(stratified),
  "lung.rest.difference" = array(rest[1, ]),
  "lung.rest.se" = array(rest[2, ]),
  "lung.rest.low" = array(rest[3, ]),
  "lung.rest.high" = array(rest[4, ]),
  "lung.rest.p" = array(rest[5, ]),
  "lung.rest.holm" = array(p.adjust(rest[5, ], "holm")),
  "pbc.days" = array(trial$time),
  "pbc.died" = array(as.integer(trial$status == 2)),
  "pbc.drug" = array(as.integer(trial$trt == 1)),
  "p" = array(p),
  "p.holm" = array(p.adjust(p, "holm")),
  "p.bh" = array(p.adjust(p, "BH"))
)
writeLines(object(values), file.path(here, "contrasts.json"))
