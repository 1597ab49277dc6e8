"""The JSON doors: a business's public API (S3), the platform's public part (S0), their description."""
