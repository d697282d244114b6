"""Money: baremes, payment schedules, statements."""
