"""Messages to people: a row each, shown on their page and sent by e-mail once."""
