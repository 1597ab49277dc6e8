"""What happens without a request. A job is a name and one call; what is due, the database remembers."""
