"""Look of the site: layout, components, charts, French formats."""
