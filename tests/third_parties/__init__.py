"""Providers as third parties write them: settings, provider and simulator in one file, each of another shape."""
