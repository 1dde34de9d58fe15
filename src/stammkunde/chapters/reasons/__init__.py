"""Why customers leave: the reasons recorded, what they take, and what could be influenced."""
