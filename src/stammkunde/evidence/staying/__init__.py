"""Offers for those who stayed: to be given them one must not have left, which fools curves."""

from stammkunde.evidence.staying.grace import grace_effect, grace_trial
from stammkunde.evidence.staying.landmark import PolicyEffect, landmark_trial, policy_effect
from stammkunde.evidence.staying.naive import naive_ever, naive_ratio
from stammkunde.evidence.staying.uptake import Uptake, uptake_from, uptake_of

__all__ = [
    "PolicyEffect",
    "Uptake",
    "grace_effect",
    "grace_trial",
    "landmark_trial",
    "naive_ever",
    "naive_ratio",
    "policy_effect",
    "uptake_from",
    "uptake_of",
]
