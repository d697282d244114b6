"""Background work: the job row is the truth, the broker only rings the bell."""
