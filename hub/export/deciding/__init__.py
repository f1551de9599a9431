"""What only a person can settle: doubts, what drifted, and what a restored backup does not know."""
