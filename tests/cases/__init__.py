"""Worked examples: readable inputs with the amounts expected, to the cent."""
