"""Taking data in: looking at files, drafting a client, and a report on what was delivered."""
