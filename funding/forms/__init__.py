"""What people type about money, parsed."""
