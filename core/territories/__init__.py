"""Official geographic code: communes, EPCI, populations, territories."""
