"""Words of this app in the journal."""

ACTIONS = {"audit.chain_opened": "a ouvert un journal"}
