"""Workers: they do the jobs that were asked for, on one machine or on many."""
