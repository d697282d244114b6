"""Pré-projet and projet de santé: questionnaires, drafting, versions, review."""
