# Values of R's survival and cmprsk that the tests of competing causes compare with. Run from the
# clone:
#   Rscript tests/reference/causes.R
# It writes causes.json beside itself. Neither the project nor its tests need R.
library(survival)
library(cmprsk)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
object <- function(parts) {
  paste0("{\n", paste0('  "', names(parts), '": ', unlist(parts), collapse = ",\n"), "\n}")
}
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20240229)

# 240 customers in three groups of unlike size, heavily tied, all seen from the start;
# cause 0 censored, 1 price, 2 moved
group <- rep(1:3, c(110, 80, 50))
hazards <- cbind(c(.05, .03, .08)[group], c(.03, .06, .02)[group])
total <- rowSums(hazards)
latent <- ceiling(rexp(240) / total)
cause <- ifelse(runif(240) < hazards[, 1] / total, 1, 2)
seen <- sample(3:24, 240, replace = TRUE)
exit <- pmin(latent, seen)
cause <- ifelse(latent <= seen, cause, 0)
status <- factor(cause, 0:2, c("censored", "price", "moved"))

fit <- survfit(Surv(exit, status) ~ 1, influence = TRUE)
# its first time is the start
influence <- fit$influence.pstate[, -1, ]
at <- function(matrix, last) {
  s <- summary(fit, times = seq_len(last), extend = TRUE)
  s[[matrix]]
}
last <- max(exit)
# units lost to each state within 20, and their errors from each customer's influence at 1 .. 19
steps <- sapply(1:19, function(t) max(which(fit$time <= t)))
lost <- summary(fit, rmean = 20)$table[, "rmean"]
stopifnot(all.equal(as.vector(sqrt(apply(influence^2, 2:3, sum))), as.vector(fit$std.err)))
lost_se <- sapply(1:3, function(k) sqrt(sum(rowSums(influence[, steps, k])^2)))
# of those who left within 20 units, the share for price: by each customer's influence
here20 <- max(which(fit$time <= 20))
p <- fit$pstate[here20, ]
moves <- influence[, here20, ]
ratio <- p[2] / (p[2] + p[3])
ratio_se <- sqrt(sum(((1 - ratio) * moves[, 2] - ratio * moves[, 3])^2)) / (p[2] + p[3])

three <- cuminc(exit, cause, group)$Tests
two <- cuminc(exit[group < 3], cause[group < 3], group[group < 3])$Tests
alone <- cuminc(exit, ifelse(cause == 2, 0, cause), group)$Tests

# Delayed entry: R's curve, and its Greenwood-type variance by the matrix recursion of Andersen,
# Borgan, Gill and Keiding (1993), (4.4.19), since survfit gives the infinitesimal jackknife
entry <- pmin(rpois(240, 2), exit - 1)
late <- summary(survfit(Surv(entry, exit, status) ~ 1, id = seq_len(240)),
                times = seq_len(last), extend = TRUE)
greenwood <- function(entry, exit, cause, last) {
  share <- c(1, 0, 0)
  covariance <- matrix(0, 3, 3)
  found <- matrix(NA, last, 2)
  for (t in seq_len(last)) {
    n <- sum(entry < t & t <= exit)
    d <- c(sum(exit == t & cause == 1), sum(exit == t & cause == 2))
    if (n > 0) {
      h <- d / n
      step <- diag(3)
      step[1, ] <- c(1 - sum(h), h)
      spread <- matrix(0, 3, 3)
      spread[2:3, 2:3] <- (diag(h) - h %o% h) / n
      spread[1, 2:3] <- spread[2:3, 1] <- -rowSums(spread[2:3, 2:3])
      spread[1, 1] <- sum(spread[2:3, 2:3])
      covariance <- t(step) %*% covariance %*% step + share[1]^2 * spread
      share <- as.vector(share %*% step)
    }
    found[t, ] <- sqrt(diag(covariance)[2:3])
  }
  found
}
by_hand <- greenwood(entry, exit, cause, last)
if (max(abs(greenwood(rep(0, 240), exit, cause, last) - at("std.err", last)[, 2:3])) > 1e-12)
  stop("without delayed entry the two variances differ")

# what if nobody moved: movers at risk for the whole of their last unit
net <- summary(survfit(Surv(exit, cause == 1) ~ 1), times = seq_len(last), extend = TRUE)

# what if nobody moved, hazards in one proportion within a unit: each unit's two rates by maximum
# likelihood of who left in it and for what, then survival under the rate of price alone; errors
# from how each customer's weight moves it (the infinitesimal jackknife, numerically), and with
# delayed entry from how each unit's shares of leavers do (multinomial, numerically)
rates <- function(entry, exit, cause, weight, t) {
  here <- entry < t & t <= exit
  n <- sum(weight[here])
  d <- c(sum(weight[here & exit == t & cause == 1]), sum(weight[here & exit == t & cause == 2]))
  if (sum(d) == 0) return(c(0, 0))
  if (n - sum(d) < 1e-9) return(ifelse(d > 0, Inf, 0))
  whole <- uniroot(function(r) (n - sum(d)) - sum(d) * exp(-r) / -expm1(-r), c(1e-9, 50),
                   tol = 1e-15)$root
  whole * d / sum(d)
}
minus <- function(r, n, d) {
  r <- exp(r)
  -sum(d * (log(r) - log(sum(r)) + log(-expm1(-sum(r))))) + (n - sum(d)) * sum(r)
}
net_of <- function(entry, exit, cause, weight = rep(1, length(exit))) {
  exp(-cumsum(sapply(seq_len(last), function(t) rates(entry, exit, cause, weight, t)[1])))
}
errors <- function(entry, exit, cause) {
  moved <- sapply(seq_along(exit), function(i) {
    step <- replace(numeric(length(exit)), i, 1e-4)
    up <- net_of(entry, exit, cause, 1 + step)
    down <- net_of(entry, exit, cause, 1 - step)
    (up - down) / 2e-4
  })
  lost <- apply(rbind(0, moved[seq_len(19), ]), 2, sum)
  list(se = sqrt(rowSums(moved^2)), rmst.se = sqrt(sum(lost^2)))
}
by_units <- function(entry, exit, cause, value) {
  variance <- sapply(seq_along(value), function(t) {
    n <- sum(entry < t & t <= exit)
    h <- c(sum(exit == t & cause == 1), sum(exit == t & cause == 2)) / n
    if (h[1] == 0) return(0)
    log_stay <- function(h) h[1] / sum(h) * log(1 - sum(h))
    step <- 1e-6
    moved <- c(log_stay(h + c(step, 0)) - log_stay(h - c(step, 0)),
               log_stay(h + c(0, step)) - log_stay(h - c(0, step))) / (2 * step)
    sum(moved * ((diag(h) - h %o% h) %*% moved)) / n
  })
  value * sqrt(cumsum(variance))
}
# the rates are the likelihood's: one busy unit by a search that knows no closed form
found <- exp(optim(log(c(.1, .1)), minus, n = 100, d = c(30, 45), method = "BFGS",
                   control = list(reltol = 1e-15))$par)
stopifnot(all.equal(exp(-found[1]), .25^(30 / 75), tolerance = 1e-6))
# hazards four times as high: most units lose many to both causes
fast <- ceiling(exit / 4)
fast_entry <- pmin(floor(entry / 4), fast - 1)
proportional <- list(slow = net_of(rep(0, 240), exit, cause), late = net_of(entry, exit, cause),
                     fast = net_of(fast_entry, fast, cause))
proportional$fast <- proportional$fast[seq_len(max(fast))]
spread <- errors(rep(0, 240), exit, cause)
stopifnot(all.equal(by_units(rep(0, 240), exit, cause, proportional$slow), spread$se,
                    tolerance = 1e-6))

values <- c(
  list("made.with" = paste0('"R ', getRversion(), ", survival ", packageVersion("survival"),
                            ", cmprsk ", packageVersion("cmprsk"), '"'),
       "group" = array(group), "entry" = array(entry), "exit" = array(exit),
       "cause" = array(cause),
       "price" = array(at("pstate", last)[, 2]), "moved" = array(at("pstate", last)[, 3]),
       "price.se" = array(at("std.err", last)[, 2]), "moved.se" = array(at("std.err", last)[, 3]),
       "lost.price" = array(c(lost[2], lost_se[2])),
       "lost.moved" = array(c(lost[3], lost_se[3])),
       "share.price" = array(c(ratio, ratio_se)),
       "net.price" = array(net$surv), "net.price.se" = array(net$std.err),
       "fast.entry" = array(fast_entry), "fast.exit" = array(fast),
       "alone.slow" = array(proportional$slow), "alone.late" = array(proportional$late),
       "alone.fast" = array(proportional$fast), "alone.slow.se" = array(spread$se),
       "alone.late.se" = array(by_units(entry, exit, cause, proportional$late)),
       "alone.fast.se" = array(by_units(fast_entry, fast, cause, proportional$fast)),
       "alone.slow.rmst20" = array(c(1 + sum(proportional$slow[1:19]), spread$rmst.se)),
       "late.price" = array(late$pstate[, 2]), "late.moved" = array(late$pstate[, 3]),
       "late.price.se" = array(by_hand[, 1]), "late.moved.se" = array(by_hand[, 2]),
       "gray.three" = array(three[, "stat"]), "gray.three.p" = array(three[, "pv"]),
       "gray.two" = array(two[, "stat"]), "gray.two.p" = array(two[, "pv"]),
       "gray.alone" = array(alone[, "stat"]))
)
writeLines(object(values), file.path(here, "causes.json"))
