"""Exports that go out in a file: rendered, handed over once, and settled by what payroll says of it."""
