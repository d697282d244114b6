"""The demonstration: invented associations and people on real communes, told by the product's own verbs."""
