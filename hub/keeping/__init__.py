"""Keeping and removing: for how long what is kept, what is held on whom, and how a company leaves."""
