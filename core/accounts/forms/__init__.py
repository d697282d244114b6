"""What people type to sign in and to manage their account."""
