# Values of R's survival package for tests of projection families. Run from the clone:
#   Rscript tests/reference/projection.R
# It writes projection.json beside itself. Neither the project nor its tests need R.
library(survival)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
object <- function(parts) {
  paste0("{\n", paste0('  "', names(parts), '": ', unlist(parts), collapse = ",\n"), "\n}")
}

# customers of Fader and Hardie (2007) there after year 0, 1, ..., of 1000
regular <- c(1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173)
high <- c(1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394)

# who leaves in year t left between t - 1 and t; the others are there at the end
intervals <- function(there, years) {
  data.frame(
    low = c(NA, seq_len(years)),
    high = c(seq_len(years), NA),
    weight = c(-diff(there[1:(years + 1)]), there[years + 1])
  )
}
precise <- survreg.control(rel.tolerance = 1e-14, maxiter = 200)
found <- function(data, law, formula) {
  fit <- survreg(formula, data = data, weights = weight, dist = law, control = precise)
  c(coef(fit), log(fit$scale), fit$loglik[2], sqrt(diag(vcov(fit))))
}
plain <- Surv(low, high, type = "interval2") ~ 1
both <- rbind(cbind(intervals(high, 7), high = 1), cbind(intervals(regular, 7), high = 0))
names(both) <- c("low", "high", "weight", "end")
laws <- c(weibull = "weibull", normal = "lognormal", logistic = "loglogistic")

values <- list(
  "made.with" = paste0('"R ', getRversion(), ", survival ", packageVersion("survival"), '"')
)
for (law in names(laws)) {
  values[[paste0("high.", law)]] <- array(found(intervals(high, 7), laws[law], plain))
  values[[paste0("regular.", law)]] <- array(found(intervals(regular, 7), laws[law], plain))
  values[[paste0("both.", law)]] <- array(found(both, laws[law], update(plain, . ~ end)))
}
writeLines(object(values), file.path(here, "projection.json"))
