"""Long work as jobs: asked for by a person or a schedule, done by whichever worker comes first."""
