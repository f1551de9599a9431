"""Providers that break the rules of the conformance kit, one each; every one is a few lines away from `good`."""
