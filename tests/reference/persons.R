# The order of spells in grouped time, pooled and with gamma frailty. Run from the clone:
#   Rscript tests/reference/persons.R
# It writes persons.json beside itself. Neither the project nor its tests need R.
# The frailty is integrated out numerically, by Gauss-Legendre over the quantiles of the gamma law:
# nothing of the closed form that the kernel uses is used here.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
number <- function(x) ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
object <- function(parts) {
  paste0("{\n", paste0('  "', names(parts), '": ', unlist(parts), collapse = ",\n"), "\n}")
}

set.seed(20)
persons <- 1500
z <- rgamma(persons, 2, 2)
rates <- rep(c(0.30, 0.08, 0.16), c(2, 4, 6))
leave <- function(factor) {
  t <- rep(99L, length(factor))
  for (u in rev(seq_along(rates))) {
    gone <- runif(length(factor)) < 1 - exp(-factor * rates[u])
    t[gone] <- u
  }
  t
}
one <- leave(z)
entry <- ifelse(runif(persons) < .3, sample(1:3, persons, TRUE), 0L)
close <- sample(6:12, persons, TRUE)
seen <- one > entry & close > entry
one <- one[seen]; entry <- entry[seen]; close <- close[seen]; z <- z[seen]
first <- pmin(one, close); left <- as.integer(one <= close)
two <- leave(1.4 * z)
back <- left == 1 & runif(length(one)) < .7 & close - first >= 1
second <- ifelse(back, pmin(two, close - first), 0L)
again <- as.integer(back & two <= close - first)
# every tenure at which somebody leaves has its own rate
units <- sort(unique(c(first[left == 1], second[again == 1])))
stopifnot(identical(as.integer(units), 1:12))

rows <- function(from, to, event, order) {
  do.call(rbind, Map(function(a, b, d, p) {
    if (b <= a) return(NULL)
    data.frame(unit = (a + 1):b, y = c(rep(0, b - a - 1), d), order = order, person = p)
  }, from, to, event, seq_along(from)))
}
long <- rbind(rows(entry, first, left, 0), rows(0 * second, second, again, 1))
pooled <- glm(y ~ 0 + factor(unit) + order, family = binomial("cloglog"), data = long,
              control = glm.control(epsilon = 1e-14, maxit = 100))

# nodes for an integral over (0, 1), by the eigenvalues of the Jacobi matrix (Golub and Welsch 1969)
nodes <- 400
k <- seq_len(nodes - 1)
jacobi <- matrix(0, nodes, nodes)
jacobi[cbind(k, k + 1)] <- jacobi[cbind(k + 1, k)] <- k / sqrt(4 * k^2 - 1)
e <- eigen(jacobi, symmetric = TRUE)
at <- (e$values + 1) / 2
weight <- e$vectors[1, ]^2
course <- aggregate(n ~ entry + first + left + second + again,
                    data.frame(entry, first, left, second, again, n = 1), sum)
minus <- function(p) {
  rate <- exp(p[1:12]); ratio <- exp(p[13]); variance <- exp(p[14])
  # the quantile is steep at both ends: a change of variable that is flat there smooths it
  frailty <- qgamma(at^3 * (10 - 15 * at + 6 * at^2), 1 / variance, 1 / variance)
  w <- weight * 30 * at^2 * (1 - at)^2
  L <- c(0, cumsum(rate))
  leaving <- function(exit, event, r) {
    a <- exp(-r * outer(L[exit + 1], frailty))
    before <- exp(-r * outer(L[pmax(exit, 1)], frailty))
    event * before + (1 - 2 * event) * a
  }
  both <- leaving(course$first, course$left, 1) * leaving(course$second, course$again, ratio)
  entered <- exp(-outer(L[course$entry + 1], frailty))
  -sum(course$n * (log(both %*% w) - log(entered %*% w)))
}
start <- c(coef(pooled), log(.4))
fit <- optim(start, minus, method = "BFGS", control = list(maxit = 2000, reltol = 1e-15))
fit <- optim(fit$par, minus, method = "BFGS", hessian = TRUE,
             control = list(maxit = 2000, reltol = 1e-15))
se <- sqrt(diag(solve(fit$hessian)))
course <- course[do.call(order, course), ]
# contracts changed between most first spells and most second ones, and with them the rate: each
# terms has rates of its own, coming back changes nothing
rates <- rates[1:8]
persons <- 3000
old <- rbinom(persons, 1, .7)
z <- rgamma(persons, 1, 1)
one <- leave(ifelse(old == 1, .4, 1) * z)
first <- pmin(one, 8L); left <- as.integer(one <= 8)
two <- leave(z)
back <- left == 1 & runif(persons) < .8 & first < 8
second <- ifelse(back, pmin(two, 8L - first), 0L)
again <- as.integer(back & two <= 8 - first)
long <- rows(0 * first, first, left, 0)
long <- rbind(cbind(long, old = old[long$person]),
              cbind(rows(0 * second, second, again, 1), old = 0))
blind <- glm(y ~ 0 + factor(unit) + order, family = binomial("cloglog"), data = long)
within <- glm(y ~ 0 + factor(unit):factor(old) + order, family = binomial("cloglog"), data = long,
              control = glm.control(epsilon = 1e-14, maxit = 100))
changed <- aggregate(n ~ first + left + second + again + old,
                     data.frame(first, left, second, again, old, n = 1), sum)
apart <- function(p) {
  ratio <- exp(p[17]); variance <- exp(p[18])
  frailty <- qgamma(at^3 * (10 - 15 * at + 6 * at^2), 1 / variance, 1 / variance)
  w <- weight * 30 * at^2 * (1 - at)^2
  L <- rbind(c(0, cumsum(exp(p[1:8]))), c(0, cumsum(exp(p[9:16]))))
  leaving <- function(terms, exit, event, r) {
    a <- exp(-r * outer(L[cbind(terms, exit + 1)], frailty))
    before <- exp(-r * outer(L[cbind(terms, pmax(exit, 1))], frailty))
    event * before + (1 - 2 * event) * a
  }
  both <- leaving(changed$old + 1, changed$first, changed$left, 1) *
    leaving(rep(1, nrow(changed)), changed$second, changed$again, ratio)
  -sum(changed$n * log(both %*% w))
}
terms <- optim(c(coef(within)[c(2:17, 1)], log(.4)), apart, method = "BFGS",
               control = list(maxit = 2000, reltol = 1e-15))
terms <- optim(terms$par, apart, method = "BFGS", hessian = TRUE,
               control = list(maxit = 2000, reltol = 1e-15))
terms.se <- sqrt(diag(solve(terms$hessian)))
changed <- changed[do.call(order, changed), ]
writeLines(object(list(
  "made.with" = paste0('"R ', getRversion(), '"'),
  "entry" = array(course$entry), "first" = array(course$first), "left" = array(course$left),
  "second" = array(course$second), "left.again" = array(course$again), "count" = array(course$n),
  "pooled" = array(coef(pooled)), "pooled.se" = array(sqrt(diag(vcov(pooled)))),
  "pooled.log.likelihood" = array(as.numeric(logLik(pooled))),
  "frailty" = array(fit$par), "frailty.se" = array(se),
  "frailty.log.likelihood" = array(-fit$value),
  "terms.first" = array(changed$first), "terms.left" = array(changed$left),
  "terms.second" = array(changed$second), "terms.again" = array(changed$again),
  "terms.old" = array(changed$old), "terms.count" = array(changed$n),
  "terms.blind" = array(coef(blind)["order"]), "terms.pooled" = array(coef(within)["order"]),
  "terms.pooled.se" = array(sqrt(vcov(within)["order", "order"])),
  "terms.pooled.log.likelihood" = array(as.numeric(logLik(within))),
  "terms.frailty" = array(terms$par[17:18]), "terms.frailty.se" = array(terms.se[17:18]),
  "terms.frailty.log.likelihood" = array(-terms$value)
)), file.path(here, "persons.json"))
