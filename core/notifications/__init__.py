"""Messages to people: e-mail and in-app, each sent once."""
