"""Small pure helpers, one module per subject; nothing here imports anything of ours."""
