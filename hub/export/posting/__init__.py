"""From a released plan to payroll: a run, carried out entry by entry, each posted exactly once."""
