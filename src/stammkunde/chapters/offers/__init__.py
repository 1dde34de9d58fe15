"""What offers, events and policies did: the answers to the questions a client asks."""
