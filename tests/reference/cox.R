# Values of R's survival package for proportional hazards models. Run from the clone:
#   Rscript tests/reference/cox.R
# It writes cox.json beside itself. Neither the project nor its tests need R.
library(survival)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
object <- function(parts) {
  paste0("{\n", paste0('  "', names(parts), '": ', unlist(parts), collapse = ",\n"), "\n}")
}
tight <- coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-14)

# 120 rows of 45 persons in months, with heavy ties, late entries and repeated rows
set.seed(20240101, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
n <- 120
person <- rep(1:45, length.out = n)
frail <- rgamma(45, 2, 2)[person]
x1 <- rbinom(n, 1, .4)
x2 <- sample(0:3, n, replace = TRUE)
x3 <- round(rnorm(n), 2)
region <- sample(1:3, n, replace = TRUE)
entry <- sample(c(0, 0, 0, 1, 3), n, replace = TRUE)
stay <- entry + rgeom(n, pmin(.9, .12 * frail * exp(.5 * x1 - .2 * x2 + .3 * x3))) + 1
seen <- entry + sample(2:12, n, replace = TRUE)
exit <- pmin(stay, seen)
left <- as.numeric(stay <= seen)
weight <- sample(1:4, n, replace = TRUE)
rows <- data.frame(person, x1, x2, x3, region, entry, exit, left, weight)
long <- rows[rep(seq_len(n), rows$weight), ]

fit_values <- function(fit, prefix) {
  out <- list(array(coef(fit)), array(t(vcov(fit))), array(fit$loglik), array(fit$score),
              array(unname(fit$concordance["concordance"])))
  names(out) <- paste(prefix, c("coefficients", "covariance", "loglik", "score", "concordance"),
                      sep = ".")
  if (!is.null(fit$naive.var)) out[[paste(prefix, "naive", sep = ".")]] <- array(t(fit$naive.var))
  out
}
zph <- function(fit, transform, prefix) {
  out <- list(array(t(cox.zph(fit, transform = transform)$table)))
  names(out) <- paste(prefix, "zph", transform, sep = ".")
  out
}
both <- function(fit, prefix) c(zph(fit, "km", prefix), zph(fit, "identity", prefix))
efron <- coxph(Surv(entry, exit, left) ~ x1 + x2 + x3, long, ties = "efron", control = tight)
breslow <- coxph(Surv(entry, exit, left) ~ x1 + x2 + x3, long, ties = "breslow", control = tight)
right <- coxph(Surv(exit, left) ~ x1 + x2 + x3, long, control = tight)
strata3 <- coxph(Surv(entry, exit, left) ~ x1 + x2 + x3 + strata(region), long, control = tight)
by <- coxph(Surv(entry, exit, left) ~ x1 + x2 + x3, long, cluster = person, control = tight)
by_strata <- coxph(Surv(entry, exit, left) ~ x1 + x2 + x3 + strata(region), long,
                   cluster = person, control = tight)
by_breslow <- coxph(Surv(exit, left) ~ x1 + x2 + x3, long, cluster = person, ties = "breslow",
                    control = tight)
at0 <- survfit(efron, newdata = data.frame(x1 = 0, x2 = 0, x3 = 0), stype = 2, ctype = 2)

recid <- read.csv(pipe(paste("python3 -c", shQuote(paste(
  "from lifelines.datasets import load_rossi;",
  "import sys; load_rossi().to_csv(sys.stdout, index=False)")))))
week <- coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio, recid,
              control = tight)
ecog <- subset(lung, !is.na(ph.ecog))
lungs <- lapply(c("efron", "breslow"), function(ties) {
  coxph(Surv(time, status) ~ age + sex + ph.ecog, ecog, ties = ties, control = tight)
})

values <- c(
  list("made.with" = paste0('"R ', getRversion(), ", survival ", packageVersion("survival"), '"')),
  setNames(lapply(rows, array), paste("rows", names(rows), sep = ".")),
  fit_values(efron, "efron"), both(efron, "efron"),
  fit_values(breslow, "breslow"), both(breslow, "breslow"),
  fit_values(right, "right"), both(right, "right"),
  fit_values(strata3, "strata"), both(strata3, "strata"),
  fit_values(by, "cluster"),
  fit_values(by_strata, "cluster.strata"),
  fit_values(by_breslow, "cluster.breslow"),
  list("baseline.times" = array(at0$time[at0$n.event > 0]),
       "baseline.hazard" = array(at0$cumhaz[at0$n.event > 0])),
  fit_values(week, "rossi"), both(week, "rossi"),
  fit_values(lungs[[1]], "lung"), fit_values(lungs[[2]], "lung.breslow")
)
writeLines(object(values), file.path(here, "cox.json"))
