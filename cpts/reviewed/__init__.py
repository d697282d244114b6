"""The CPTS of a reviewer's scope: which ones, in what order, and what is told of each."""
