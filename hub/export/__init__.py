"""Posting exactly once: plan, states, journal and engine. Data flows entries → plan → run → destination."""
