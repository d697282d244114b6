"""What people send about the association, its logo, its stage and its directory."""
