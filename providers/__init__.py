"""The outside world: one module each behind one small interface per kind. A provider knows no table."""
