"""What Bookt costs, measured beside what the machine allows: `make bench`. docs/performance.md explains the figures."""
