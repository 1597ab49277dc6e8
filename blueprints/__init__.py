"""HTTP: parse, permit, call one action or one query, render."""
