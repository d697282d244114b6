"""Who acts, as what, and whether they may: words shared by every app, no row of its own."""
