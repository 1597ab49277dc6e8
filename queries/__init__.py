"""What a page or an answer shows: one module per noun, plain values out, a fixed number of statements."""
