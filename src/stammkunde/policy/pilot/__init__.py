"""Pilots: how large, how long, who by lot, what is agreed beforehand, and what the end says."""

from stammkunde.policy.pilot.dealing import Dealt, deal, deal_clusters, envelopes
from stammkunde.policy.pilot.duration import (
    Duration,
    entries,
    events_by,
    until_events,
    until_followed,
)
from stammkunde.policy.pilot.finished import decided, harmed, question_of
from stammkunde.policy.pilot.followed import followed, leaving, treated_curve
from stammkunde.policy.pilot.protocol import Deciding, Enough, Protocol, Stopping
from stammkunde.policy.pilot.sizes import (
    Size,
    Wanted,
    by_logrank,
    by_months,
    by_shares,
    detectable_months,
    events_needed,
    in_clusters,
    months_variance,
)

__all__ = [
    "Dealt",
    "Deciding",
    "Duration",
    "Enough",
    "Protocol",
    "Size",
    "Stopping",
    "Wanted",
    "by_logrank",
    "by_months",
    "by_shares",
    "deal",
    "deal_clusters",
    "decided",
    "detectable_months",
    "entries",
    "envelopes",
    "events_by",
    "events_needed",
    "followed",
    "harmed",
    "in_clusters",
    "leaving",
    "months_variance",
    "question_of",
    "treated_curve",
    "until_events",
    "until_followed",
]
