# The discrete-time model of drivers by R's glm, which the kernel's tests compare with. Run from the
# clone:
#   Rscript tests/reference/drivers.R
# It writes drivers.json beside itself. Neither the project nor its tests need R.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")

# 120 customers from a fixed recurrence, so that both sides have the same rows: (entry, exit], left,
# a factor `a` with levels 0, 1, 2 and a factor `b` with levels 0, 1
i <- 0:119
entry <- ifelse(i %% 7 == 0, i %% 3, 0)
exit <- entry + 1 + (i * i + 3 * i) %% 8
left <- as.integer((i * 5 + i %/% 3) %% 4 != 0)
a <- (i + i %/% 10) %% 3
b <- (i %/% 2 + i %/% 7) %% 2

long <- do.call(rbind, lapply(seq_along(i), function(k) {
  t <- (entry[k] + 1):exit[k]
  data.frame(t = t, y = as.integer(t == exit[k] & left[k] == 1), a = a[k], b = b[k])
}))
link <- binomial(link = "cloglog")
strict <- glm.control(epsilon = 1e-15, maxit = 100)
# a unit (of a stratum) in which nobody or everybody leaves has no finite coefficient
decided <- function(y, key) { share <- ave(y, key); share > 0 & share < 1 }
tell <- function(prefix, fit, names) {
  at <- summary(fit)$coefficients[names, , drop = FALSE]
  out <- list(array(at[, 1]), array(at[, 2]), array(as.numeric(logLik(fit))))
  names(out) <- paste(prefix, c("beta", "se", "log_likelihood"), sep = ".")
  out
}
one <- long[decided(long$y, long$t), ]
plain <- glm(y ~ factor(t) + factor(a) + factor(b) - 1, link, one, control = strict)
two <- long[decided(long$y, interaction(long$t, long$b)), ]
strata <- glm(y ~ interaction(t, b, drop = TRUE) + factor(a) - 1, link, two, control = strict)
one$early <- as.integer(one$t <= 3)
fading <- glm(y ~ factor(t) + factor(a) + I(b * early) + I(b * (1 - early)) - 1, link, one,
              control = strict)

grid <- expand.grid(t = sort(unique(one$t)), a = 0:2, b = 0:1)
hazards <- predict(plain, grid, type = "response")
# Cramer's V corrected for chance (Bergsma 2013), of `a` and a factor that follows it in part
linked <- ifelse(i %% 5 < 3, a, i %% 4)
crossed <- table(a, linked)
n <- sum(crossed)
square <- suppressWarnings(chisq.test(crossed, correct = FALSE))$statistic / n
less <- function(k) k - (k - 1)^2 / (n - 1)
by_chance <- prod(dim(crossed) - 1) / (n - 1)
v <- sqrt(max(0, square - by_chance) / (min(less(nrow(crossed)), less(ncol(crossed))) - 1))
# Hotelling's test of three differences, their covariance from the 40 blocks' leave-outs
block <- 0:39
out <- cbind(sin(block), cos(3 * block) + sin(block) / 2, (block %% 7) / 7)
difference <- c(0.9, -0.4, 1.1)
covariance <- (nrow(out) - 1)^2 / nrow(out) * cov(out)
t2 <- mahalanobis(difference, rep(0, 3), covariance)
p <- pf((40 - 3) / (3 * (40 - 1)) * t2, 3, 40 - 3, lower.tail = FALSE)

values <- c(
  list("made.with" = paste0('"R ', getRversion(), '"'),
       "entry" = array(entry), "exit" = array(exit), "left" = array(left),
       "a" = array(a), "b" = array(b)),
  tell("plain", plain, c("factor(a)1", "factor(a)2", "factor(b)1")),
  list("plain.units" = array(sort(unique(one$t))), "plain.hazards" = array(hazards)),
  tell("strata", strata, c("factor(a)1", "factor(a)2")),
  tell("fading", fading, c("factor(a)1", "factor(a)2", "I(b * early)", "I(b * (1 - early))")),
  list("linked" = array(linked), "cramers_v" = array(as.numeric(v)),
       "leave_out" = array(as.numeric(t(out))), "difference" = array(difference),
       "hotelling" = array(c(t2, p)))
)
writeLines(paste0("{\n", paste0('  "', names(values), '": ', unlist(values), collapse = ",\n"),
                  "\n}"), file.path(here, "drivers.json"))
