# Values of R's survival package that the kernel's tests compare with. Run from the clone:
#   Rscript tests/reference/values.R
# It writes values.json beside itself. Neither the project nor its tests need R.
library(survival)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
object <- function(parts) {
  paste0("{\n", paste0('  "', names(parts), '": ', unlist(parts), collapse = ",\n"), "\n}")
}

# S, se and limits after each whole unit 1..last, by R's step function
curve <- function(fit, last, prefix) {
  s <- summary(fit, times = seq_len(last), extend = TRUE)
  out <- list(array(s$surv), array(s$std.err), array(s$lower), array(s$upper))
  names(out) <- paste(prefix, c("survival", "se", "low", "high"), sep = ".")
  out
}
mean_within <- function(fit, last) summary(fit, rmean = last)$table[c("rmean", "se(rmean)")]

# 24 customers seen with delayed entry: (entry, exit], left 1
entry <- c(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8)
exit  <- c(1, 2, 2, 3, 3, 4, 5, 6, 8, 9, 3, 5, 4, 6, 7, 5, 9, 6, 8, 7, 9, 9, 8, 9)
left  <- c(1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 1)
late <- survfit(Surv(entry, exit, left) ~ 1, conf.type = "log-log")

recid <- read.csv(pipe(paste("python3 -c", shQuote(paste(
  "from lifelines.datasets import load_rossi;",
  "import sys; load_rossi().to_csv(sys.stdout, index=False)")))))
week <- survfit(Surv(week, arrest) ~ 1, data = recid, conf.type = "log-log")
fin <- survfit(Surv(week, arrest) ~ fin, data = recid)
prio <- cut(recid$prio, c(-1, 0, 3, 99), labels = c("0", "1-3", "4+"))
three <- survdiff(Surv(recid$week, recid$arrest) ~ prio)
two <- survdiff(Surv(week, arrest) ~ fin, data = recid)
quarter <- quantile(week, probs = c(.1, .25))

lung3 <- subset(lung, ph.ecog %in% 0:2)
ecog <- survdiff(Surv(time, status) ~ ph.ecog, data = lung3)

values <- c(
  list("made.with" = paste0('"R ', getRversion(), ", survival ", packageVersion("survival"), '"'),
       "late.entry" = array(entry), "late.exit" = array(exit), "late.left" = array(left)),
  curve(late, 9, "late"),
  curve(week, 52, "rossi"),
  list("rossi.quantile" = array(quarter$quantile), "rossi.quantile.low" = array(quarter$lower),
       "rossi.quantile.high" = array(quarter$upper),
       "rossi.mean" = array(mean_within(week, 52)),
       "rossi.mean.30" = array(mean_within(week, 30)),
       "rossi.mean.by.fin" = array(t(summary(fin, rmean = 52)$table[, c("rmean", "se(rmean)")])),
       "rossi.logrank.fin" = array(two$chisq),
       "rossi.logrank.prio" = array(three$chisq),
       "rossi.logrank.prio.excess" = array(three$obs - three$exp),
       "rossi.logrank.prio.covariance" = array(three$var),
       "lung.logrank.ecog" = array(ecog$chisq))
)
writeLines(object(values), file.path(here, "values.json"))
