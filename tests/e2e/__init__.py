"""Journeys through the running site, in a real browser: web process, worker and scheduler are real too."""
