# Values of R's survival package for tests of unlike strata and of further survival. Run from the
# clone:
#   Rscript tests/reference/uneven.R
# It writes uneven.json beside itself. Neither the project nor its tests need R.
library(survival)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
object <- function(parts) {
  paste0("{\n", paste0('  "', names(parts), '": ', unlist(parts), collapse = ",\n"), "\n}")
}

known <- subset(lung, ph.ecog %in% 0:2)
last <- 365
mean_of <- function(data) {
  fit <- survfit(Surv(time, status) ~ 1, data = data)
  as.numeric(summary(fit, rmean = last)$table[c("rmean", "se(rmean)")])
}

# women less men within each grade, and Cochran's Q of the three differences
grades <- 0:2
parts <- sapply(grades, function(g) {
  f <- mean_of(subset(known, sex == 2 & ph.ecog == g))
  m <- mean_of(subset(known, sex == 1 & ph.ecog == g))
  c(f[1] - m[1], sqrt(f[2]^2 + m[2]^2))
})
weight <- 1 / parts[2, ]^2
q <- sum(weight * (parts[1, ] - sum(weight * parts[1, ]) / sum(weight))^2)

# the difference within grades, weighed by the women's grades and by the men's, less the plain one
beyond <- function(data) {
  mean_in <- function(s, g) mean_of(subset(data, sex == s & ph.ecog == g))[1]
  gaps <- sapply(grades, function(g) mean_in(2, g) - mean_in(1, g))
  mix <- sapply(2:1, function(s) sapply(grades, function(g) sum(data$sex == s & data$ph.ecog == g)))
  plain <- mean_of(subset(data, sex == 2))[1] - mean_of(subset(data, sex == 1))[1]
  colSums(mix / rep(colSums(mix), each = 3) * gaps) - plain
}
own <- beyond(known)
# every patient left out in turn
without <- sapply(seq_len(nrow(known)), function(i) beyond(known[-i, ]))
n <- nrow(known)
jackknife <- sqrt((n - 1) / n * rowSums((without - rowMeans(without))^2))

# of those alive after 360 days, the share alive 180 days later, less that of the first 180 days
after <- function(start) {
  fit <- summary(survfit(Surv(time, status) ~ 1, data = known, start.time = start),
    times = start + 180)
  c(fit$surv, fit$std.err)
}
late <- after(360)
early <- after(0)

values <- list(
  "made.with" = paste0('"R ', getRversion(), ", survival ", packageVersion("survival"), '"'),
  "time" = array(known$time),
  "died" = array(as.integer(known$status == 2)),
  "woman" = array(as.integer(known$sex == 2)),
  "grade" = array(known$ph.ecog),
  "grades.difference" = array(parts[1, ]),
  "grades.se" = array(parts[2, ]),
  "grades.q" = array(q),
  "grades.p" = array(pchisq(q, 2, lower.tail = FALSE)),
  "beyond" = array(own),
  "beyond.se" = array(jackknife),
  "further" = array(late[1] - early[1]),
  "further.se" = array(sqrt(late[2]^2 + early[2]^2))
)
writeLines(object(values), file.path(here, "uneven.json"))
