"""Taking in what a host platform sends as files: timecards and team members, as JSON lines or CSV.

`timecards.read_timecards` and `members.read_members` are the two doors; the formats are in docs/timecards.md and
docs/members.md. No error that leaves this package quotes what a cell held: it may be a BSN.
"""
